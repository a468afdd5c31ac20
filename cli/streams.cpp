// rawket streams: TCP streams listed, followed and saved.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "packets_of.hpp"
#include "rawket/session/tcp_streams.hpp"

namespace rawket::cli {
namespace {

std::string title(const Stream& s) { return endpoint_text(s.key, s.client_is_high) + " > " + endpoint_text(s.key, !s.client_is_high); }

class StreamListing {
 public:
  explicit StreamListing(std::string_view format) : format_(format) {
    if (format_ == "csv") out_.text().append("stream,client,server,packets,client_bytes,server_bytes,client_missing,server_missing,first,last\n");
    if (format_ == "text") out_.text().append("stream who began > who answered                            packets      said  answered  seconds\n");
  }
  void stream(const Stream& s) {
    TextBuffer& t = out_.text();
    if (format_ == "json") json(s, t);
    else if (format_ == "csv") csv(s, t);
    else text(s, t);
    out_.flush();
  }
  int finish(int code) { return out_.exit_code(code); }

 private:
  static void text(const Stream& s, TextBuffer& t) {
    TextBuffer duration;
    append_epoch(duration, std::max<Nanoseconds>(elapsed(s.first, s.last), 0));
    t.right(std::to_string(s.id), 6), t.append(' '), t.left(title(s), 50);
    t.right(std::to_string(s.packets), 9), t.right(std::to_string(s.client().bytes), 10), t.right(std::to_string(s.server().bytes), 10), t.append(' ');
    t.append(duration.view().substr(0, duration.size() - 3));
    if (s.client().missing + s.server().missing > 0) t.append(" missing="), t.decimal(s.client().missing + s.server().missing);
    if (s.client().reset || s.server().reset) t.append(" reset");
    else if (s.client().fin != s.server().fin) t.append(" half closed");
    else if (!s.client().fin) t.append(" open");
    t.append('\n');
  }
  static void json(const Stream& s, TextBuffer& t) {
    const auto side = [&](std::string_view name, bool high, const StreamSide& x) {
      t.append(",\""), t.append(name), t.append("\":{\"endpoint\":\""), t.append(endpoint_text(s.key, high)), t.append("\",\"bytes\":"), t.decimal(x.bytes), t.append(",\"missing\":"), t.decimal(x.missing);
      t.append(",\"doubled\":"), t.decimal(x.doubled), t.append(",\"out_of_order\":"), t.decimal(x.out_of_order), t.append(",\"before_start\":"), t.decimal(x.before_start);
      t.append(x.fin ? ",\"closed\":true" : ",\"closed\":false"), t.append(x.reset ? ",\"reset\":true}" : ",\"reset\":false}");
    };
    t.append("{\"stream\":"), t.decimal(s.id);
    side("client", s.client_is_high, s.client()), side("server", !s.client_is_high, s.server());
    t.append(",\"packets\":"), t.decimal(s.packets), t.append(",\"first_packet\":"), t.decimal(s.first_packet), t.append(",\"first\":\""), append_epoch(t, s.first);
    t.append("\",\"last\":\""), append_epoch(t, s.last), t.append("\",\"community_id\":\""), t.append(community_id(s.key)), t.append("\"}\n");
  }
  static void csv(const Stream& s, TextBuffer& t) {
    t.decimal(s.id), t.append(','), t.append(endpoint_text(s.key, s.client_is_high)), t.append(','), t.append(endpoint_text(s.key, !s.client_is_high));
    for (u64 n : {s.packets, s.client().bytes, s.server().bytes, s.client().missing, s.server().missing}) t.append(','), t.decimal(n);
    t.append(','), append_epoch(t, s.first), t.append(','), append_epoch(t, s.last), t.append('\n');
  }

  std::string format_;
  Output out_;
};

/// Shows one stream as it was spoken.
class Following {
 public:
  explicit Following(const StreamsOptions& options) : options_(options), wanted_(*options.follow) {}

  void data(const Stream& s, bool from_client, u64 offset, Bytes bytes) {
    if (!takes(s, from_client)) return;
    TextBuffer& t = out_.text();
    if (options_.as == "raw") t.append(as_text(bytes));
    else if (options_.as == "hex") mark(from_client, offset, bytes.size(), t), append_hexdump(t, bytes, "  ");
    else mark(from_client, offset, bytes.size(), t), lines(as_text(bytes), t);
    out_.flush();
  }
  void missing(const Stream& s, bool from_client, u64 offset, u64 bytes) {
    if (!takes(s, from_client)) return;
    if (options_.as == "raw") return complain(std::to_string(bytes) + " bytes of the " + (from_client ? "client" : "server") + " are missing at offset " + std::to_string(offset));
    out_.text().append("-- "), out_.text().decimal(bytes), out_.text().append(" bytes missing --\n");
  }
  bool found() const { return found_; }
  int finish(int code) { return out_.exit_code(code); }
  void see(const Stream& s) { found_ = found_ || s.id == wanted_; }

 private:
  bool takes(const Stream& s, bool from_client) {
    see(s);
    return s.id == wanted_ && (options_.side == "both" || (options_.side == "client") == from_client);
  }
  static void mark(bool from_client, u64 offset, std::size_t size, TextBuffer& t) {
    t.append(from_client ? "> client, " : "< server, "), t.decimal(size), t.append(" bytes at "), t.decimal(offset), t.append('\n');
  }
  /// Lines stay lines; all else that is no text is made visible.
  static void lines(std::string_view text, TextBuffer& t) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      t.append("  "), t.clean(line), t.append('\n');
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  const StreamsOptions& options_;
  u64 wanted_ = 0;
  bool found_ = false;
  Output out_;
};

/// One file for each side that said something. Files are opened for as long as they are written to, as there may be many. The folder
/// is opened while there are still rights: the way to it may be closed for others.
class Saving {
 public:
  Result<void> open(const std::string& folder) {
    folder_ = folder;
    descriptor_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return descriptor_ < 0 ? Result<void>(fail_system(clean_text(folder))) : Result<void>();
  }
  Saving() = default;
  Saving(const Saving&) = delete;
  Saving& operator=(const Saving&) = delete;
  ~Saving() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void data(const Stream& s, bool from_client, Bytes bytes) {
    if (failed_) return;
    const std::string name = "stream-" + std::to_string(s.id) + (from_client ? "-client" : "-server");
    const bool first = (from_client ? s.client() : s.server()).bytes == bytes.size();
    const int file = ::openat(descriptor_, name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (first ? O_TRUNC : O_APPEND), 0666);
    failed_ = file < 0;
    while (!failed_ && !bytes.empty()) {
      const ssize_t n = ::write(file, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      failed_ = n <= 0;
      if (!failed_) bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    if (failed_) complain(clean_text(folder_ + "/" + name) + ": " + std::strerror(errno));
    if (file >= 0) ::close(file);
  }
  bool failed() const { return failed_; }

 private:
  std::string folder_;
  int descriptor_ = -1;
  bool failed_ = false;
};

int make_folder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) hand_over(folder);
  if (!error) return ok;
  complain(clean_text(folder) + ": " + error.message());
  return io_error;
}

}  // namespace

int run_streams(const StreamsOptions& options) {
  if (!options.save.empty())
    if (const int code = make_folder(options.save); code != ok) return code;
  Saving saving;
  if (!options.save.empty())
    if (auto opened = saving.open(options.save); !opened) return complain_and_exit(opened.error());
  auto packets = PacketsOf::open({.command = "streams", .words = options.words, .display_filter = options.display_filter, .decode_as = options.decode_as, .datagrams = true});
  if (!packets) return packets.error();
  std::optional<StreamListing> listing;
  std::optional<Following> following;
  if (options.follow) following.emplace(options);
  else listing.emplace(options.format);
  StreamEvents events;
  events.data = [&](const Stream& s, bool from_client, u64 offset, Bytes bytes) {
    if (following) following->data(s, from_client, offset, bytes);
    if (!options.save.empty()) saving.data(s, from_client, bytes);
  };
  events.missing = [&](const Stream& s, bool from_client, u64 offset, u64 bytes) {
    if (following) following->missing(s, from_client, offset, bytes);
  };
  events.ended = [&](const Stream& s) {
    if (following) following->see(s);
    if (listing) listing->stream(s);
  };
  TcpStreams streams(std::move(events));
  int code = packets->each([&](const PacketHead& head, const Dissection& d) { streams.add(head, d); });
  streams.finish();
  if (listing) code = listing->finish(code);
  if (following) code = following->finish(code);
  if (following && !following->found() && code == ok) {
    complain("streams: there is no stream " + std::to_string(*options.follow) + "; the file has " + std::to_string(streams.streams()));
    return negative;
  }
  complain(std::to_string(packets->packets()) + " packets, " + std::to_string(streams.streams()) + " TCP streams" +
           (streams.evicted() > 0 ? ", of these " + std::to_string(streams.evicted()) + " given up early for room" : "") + (packets->told().empty() ? "" : "; " + packets->told()));
  return saving.failed() ? io_error : code;
}

}  // namespace rawket::cli
