// Banner and binary packets of SSH. Nothing says where encryption begins: what has no plausible header is encrypted.
#include "rawket/proto/ssh.hpp"

#include "rawket/base/digest.hpp"
#include "rawket/base/text.hpp"

namespace rawket {
namespace {

enum Told : u32 { banner, message_code, first_list, fingerprint_of_client = first_list + 8, fingerprint_of_server = fingerprint_of_client + 2 };
constexpr std::size_t longest_banner = 255;      // RFC 4253, 4.2, its end included
constexpr u32 longest_packet = 35'000;           // RFC 4253, 6.1
constexpr u8 key_exchange_init = 20, last_of_key_exchange = 49;

/// Bytes of a packet that is not encrypted, its length field included; 0 when these bytes are none.
u32 packet_size(Bytes b) {
  if (b.size() < 6) return 0;
  const u32 size = load<0, 32>(b.data());
  const bool plausible = size <= longest_packet && size >= 12 && (size + 4) % 8 == 0 && b[4] >= 4 && u32{b[4]} + 1 < size && b[5] >= 1 && b[5] <= last_of_key_exchange;
  return plausible ? size + 4 : 0;
}

bool is_banner(Bytes b) { return as_text(b).starts_with("SSH-"); }
/// With its end; 0 when that has not come.
std::size_t banner_size(Bytes b) { return as_text(slice(b, 0, longest_banner)).find('\n') + 1; }

/// Whether the client says it: the server's port is the one that SSH has, or the lower one.
bool from_client(const LayerView& v) {
  if (v.index == 0) return true;
  const Layer& before = v.layers[v.index - 1];
  if (before.protocol != &info<Tcp> || before.length < info<Tcp>.fixed) return true;
  const u8* h = v.packet.data() + before.offset;
  const u16 from = get<&Tcp::sport>(h), to = get<&Tcp::dport>(h);
  const u64 own = Ssh::numbers[0].value;
  return to == own || (from != own && to < from);
}

/// RFC 4253, 7.1: ten lists of names, of which eight are told; HASSH is the digest of four.
void tell_key_exchange(Bytes payload, u32 at, bool client, Facts& out) {
  constexpr std::size_t kind_and_cookie = 17;
  Cursor c(payload, kind_and_cookie);
  std::array<std::string_view, 8> lists{};
  for (u32 i = 0; i < lists.size(); ++i) {
    const u32 size = c.dword(), place = at + static_cast<u32>(c.offset());
    lists[i] = as_text(c.take(size));
    if (!c.ok()) return;
    out.text(first_list + i, lists[i], place, size);
  }
  std::string own(lists[0]);
  for (const std::size_t i : {2u, 4u, 6u}) own += ';' + std::string(lists[client ? i : i + 1]);
  const u32 which = client ? fingerprint_of_client : fingerprint_of_server, all = static_cast<u32>(payload.size());
  out.text(which, hex_text(md5(as_bytes(own))), at, all);
  out.text(which + 1, own, at, all);
}

}  // namespace

u32 Ssh::message(Bytes stream) {
  const u32 all = static_cast<u32>(stream.size());
  if (is_banner(stream) || (all < 4 && std::string_view("SSH-").starts_with(as_text(stream)))) {
    const std::size_t size = is_banner(stream) ? banner_size(stream) : 0;
    return size == 0 && all >= longest_banner ? all : static_cast<u32>(size);
  }
  const u32 size = packet_size(stream);
  return size == 0 ? all : size <= all ? size : 0;
}

bool Ssh::begins(Bytes stream) { return as_text(stream).starts_with("SSH-2.0-") || as_text(stream).starts_with("SSH-1."); }

void Ssh::describe(const LayerView& v, Facts& out) {
  Bytes rest = v.message();
  u32 at = v.layer().offset;
  if (is_banner(rest)) {
    const std::size_t size = banner_size(rest);
    const std::string_view text = as_text(slice(rest, 0, size == 0 ? longest_banner : size)), line = text.substr(0, text.find_first_of("\r\n"));
    out.text(banner, line, at, static_cast<u32>(line.size()));
    if (size == 0) return;
    rest = rest.subspan(size), at += static_cast<u32>(size);
  }
  for (u32 size; (size = packet_size(rest)) != 0;) {
    out.number(message_code, rest[5], at + 5, 1);
    const Bytes payload = slice(rest, 5, size - 5u - rest[4]);
    if (rest[5] == key_exchange_init) tell_key_exchange(payload, at + 5, from_client(v), out);
    if (size > rest.size()) break;
    rest = rest.subspan(size), at += size;
  }
}

}  // namespace rawket
