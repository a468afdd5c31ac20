// A file when it is one, bytes otherwise.
#include "bytes_input.hpp"

#include <sys/stat.h>

#include "output.hpp"
#include "rawket/base/text.hpp"
#include "rawket/host/privileges.hpp"
#include "rawket/io/capture_file.hpp"
#include "rawket/packet/hex_text.hpp"

namespace rawket::cli {
namespace {

/// Ethernet, unless the bytes can only be an IP datagram: a version, and a length that fits them or a header that sums to zero.
const Protocol& guess_first(Bytes b) {
  const Registry& r = standard_registry();
  if (b.size() >= 20 && b[0] >> 4 == 4 && (b[0] & 15) >= 5) {
    const u32 length = load<16, 16>(b.data());
    const bool ethernet = b.size() >= 34 && (load<96, 16>(b.data()) == 0x0800 || load<96, 16>(b.data()) == 0x86dd);
    if (!ethernet && (length <= b.size() + 1 || internet_checksum(b.first((b[0] & 15u) * 4u <= b.size() ? (b[0] & 15u) * 4u : b.size())) == 0)) return *r.named("ip");
  }
  if (b.size() >= 40 && b[0] >> 4 == 6 && load<32, 16>(b.data()) + 40u == b.size()) return *r.named("ipv6");
  return *r.named("eth");
}

Result<void> from_capture(Source& source, const std::function<Result<bool>(const InputPacket&)>& use) {
  u64 number = 0;
  for (;;) {
    const auto batch = RAWKET_TRY(source.next(second));
    if (batch.empty() && source.ended()) return {};
    for (const CapturedPacket& p : batch) {
      const Protocol& first = link_protocol(standard_registry(), static_cast<u16>(p.info.link_type));
      if (!RAWKET_TRY(use({p, &first, ++number}))) return {};
    }
  }
}

Result<void> from_text(std::string_view text, const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use) {
  const auto packets = RAWKET_TRY(parse_hex_text(text));
  u64 number = 0;
  for (const std::vector<u8>& bytes : packets) {
    const Protocol* first = link == "auto" ? &guess_first(bytes) : standard_registry().named(link);
    if (first == nullptr) return fail(Errc::unknown_name, "--link", "there is no protocol '" + clean_text(link) + "'" + did_you_mean(link, standard_registry().words()));
    if (link == "auto" && number == 0) complain("taken as " + std::string(first->title) + "; --link names another first protocol");
    const u16 type = first->number_in(link_layer.id) == nullptr ? u16{101} : static_cast<u16>(first->number_in(link_layer.id)->value);
    if (!RAWKET_TRY(use({{bytes, {.original_length = static_cast<u32>(bytes.size()), .link_type = static_cast<LinkType>(type)}}, first, ++number}))) return {};
  }
  return {};
}

bool is_capture_magic(std::string_view s) {
  if (s.size() < 4) return false;
  constexpr std::string_view magics[] = {"\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\x4d\x3c\xb2\xa1", "\xa1\xb2\x3c\x4d", "\x0a\x0d\x0d\x0a", "\x1f\x8b", "\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18", "snoop"};
  return std::ranges::any_of(magics, [&](std::string_view m) { return s.starts_with(m); });
}

}  // namespace

Result<PacketInput> PacketInput::open(const std::vector<std::string>& words) {
  PacketInput in;
  for (const std::string& w : words) in.text_ += (in.text_.empty() ? "" : " ") + w;
  struct stat info{};
  const bool single = words.size() == 1 && words[0] != "-", found = single && ::stat(words[0].c_str(), &info) == 0;
  if (single && !found && errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) return fail_system(clean_text(words[0]), errno);
  if (found && S_ISDIR(info.st_mode)) return fail(Errc::unknown_name, clean_text(words[0]), "is a directory", "give a capture file, or hex like 45000028...");
  if (found) {
    auto source = open_capture(words[0]);
    if (source) {
      in.source_ = std::move(*source);
      return in;
    }
    if (source.error().code != Errc::malformed) return Failure{source.error()};
  }
  if (found || in.text_ == "-") in.text_ = RAWKET_TRY(read_whole(words[0]));
  else if (single) in.name_ = words[0];
  return in;
}

Result<void> PacketInput::each(const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use) {
  if (auto r = drop_privileges(); !r) return r;
  if (source_ != nullptr) return from_capture(*source_, use);
  if (is_capture_magic(text_)) return from_capture(*RAWKET_TRY(open_capture_bytes(as_bytes(text_), "standard input")), use);
  auto r = from_text(text_, link, use);
  if (!r && r.error().where == "hex" && name_.find_first_of("./") != std::string::npos)
    return fail(Errc::unknown_name, clean_text(name_), "is neither a file nor bytes", "give a capture file, or hex like 45000028...");
  return r;
}

Result<void> each_packet(const std::vector<std::string>& words, const std::string& link, const std::function<Result<bool>(const InputPacket&)>& use) {
  return RAWKET_TRY(PacketInput::open(words)).each(link, use);
}

}  // namespace rawket::cli
