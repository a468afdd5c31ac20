// HTTP, SSDP and SIP: lines of text, of which the first and some headers are told.
#include <charconv>

#include "rawket/base/text.hpp"
#include "rawket/proto/voice.hpp"
#include "rawket/proto/web.hpp"

namespace rawket {
namespace {

/// Takes the lines off a text one by one, without their ends.
class Lines {
 public:
  Lines(std::string_view text, u32 base) : text_(text), base_(base) {}
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());  // some send one of both only
    line = text_.substr(at_, end - at_);
    at_ = end + (text_.substr(end, 2) == "\r\n" ? 2 : 1);
    line = line.substr(0, line.find('\0'));  // no text has one: what follows is not part of the line
    return true;
  }
  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
  void skip(u64 bytes) { at_ = at_ < text_.size() && bytes < text_.size() - at_ ? at_ + static_cast<std::size_t>(bytes) : text_.size(); }
  /// Where a piece of the text lies in the packet.
  u32 place(std::string_view piece) const { return base_ + static_cast<u32>(piece.data() - text_.data()); }

 private:
  std::string_view text_;
  u32 base_;
  std::size_t at_ = 0;  ///< may be one past the end
};

constexpr std::string_view blanks = " \t";
std::string_view trimmed(std::string_view s) {
  const std::size_t first = s.find_first_not_of(blanks);
  return first == s.npos ? std::string_view(s.data() + s.size(), 0) : s.substr(first, s.find_last_not_of(blanks) + 1 - first);
}
/// The text up to the next blank; moves behind that one.
std::string_view word_of(std::string_view& rest) {
  const std::size_t n = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, n);
  rest.remove_prefix(std::min(n + 1, rest.size()));
  return word;
}
struct Header {
  std::string_view name, value;
};
std::optional<Header> header_of(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return std::nullopt;
  for (char c : trimmed(line.substr(0, colon)))  // RFC 9110, 5.6.2: a token
    if (c <= ' ' || c == 0x7f || std::string_view("()<>@,;\\\"/[]?={}").find(c) != std::string_view::npos) return std::nullopt;
  return Header{trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1))};
}
std::optional<u32> number_in(std::string_view text) {
  u32 n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end != text.data() ? std::optional(n) : std::nullopt;
}

struct Teller {
  Facts& out;
  const Lines& lines;
  void text(u32 which, std::string_view piece) const { out.text(which, piece, lines.place(piece), static_cast<u32>(piece.size())); }
  void number(u32 which, u64 value, std::string_view piece) const { out.number(which, value, lines.place(piece), static_cast<u32>(piece.size())); }
};

// ---- HTTP -----------------------------------------------------------------------------------------
enum HttpTold : u32 { method, uri, request_version, code, phrase, host, user_agent, server_product, content_type, location };

// RFC 9110, 4918, 3253, 5323, 5789 and UPnP.
constexpr std::string_view methods[] = {"GET", "PUT", "COPY", "HEAD", "LOCK", "MOVE", "POLL", "POST", "BCOPY", "BMOVE", "MKCOL", "TRACE", "PATCH", "LABEL", "MERGE", "DELETE", "SEARCH", "UNLOCK", "REPORT",
                                        "UPDATE", "NOTIFY", "BDELETE", "CONNECT", "OPTIONS", "CHECKIN", "PROPFIND", "CHECKOUT", "SUBSCRIBE", "PROPPATCH", "BPROPFIND", "BPROPPATCH", "UNCHECKOUT",
                                        "MKACTIVITY", "MKWORKSPACE", "UNSUBSCRIBE", "VERSION-CONTROL", "BASELINE-CONTROL", "M-SEARCH", "RPC_IN_DATA", "RPC_OUT_DATA", "RPC_CONNECT", "CCM_POST",
                                        "SSTP_DUPLEX_POST"};

/// The first line of a message; false when it is none.
bool tell_first_line(std::string_view line, const Teller& tell) {
  if (line.starts_with("HTTP/")) {
    std::string_view rest = line;
    word_of(rest);
    const std::string_view number = word_of(rest).substr(0, 3);
    if (const auto n = number_in(number)) tell.number(code, *n, number);
    if (!rest.empty()) tell.text(phrase, rest);
    return true;
  }
  std::string_view rest = line;
  const std::string_view first = word_of(rest);
  if (std::ranges::find(methods, first) == std::end(methods)) return false;
  tell.text(method, first);
  tell.text(uri, word_of(rest));
  tell.text(request_version, trimmed(rest));
  return true;
}

/// The headers up to the empty line, from `line` on; how many bytes of content follow, 0 where none are told.
u64 tell_headers(std::string_view line, Lines& lines, const Teller& tell) {
  u64 content = 0;
  for (bool more = true; more && !line.empty(); more = lines.next(line)) {
    const auto h = header_of(line);
    if (!h) continue;
    if (same_word(h->name, "Host")) tell.text(host, h->value);
    else if (same_word(h->name, "User-Agent")) tell.text(user_agent, h->value);
    else if (same_word(h->name, "Server")) tell.text(server_product, h->value);
    else if (same_word(h->name, "Content-Type")) tell.text(content_type, h->value);
    else if (same_word(h->name, "Location")) tell.text(location, h->value);
    else if (same_word(h->name, "Content-Length")) content = number_in(h->value).value_or(0);
  }
  return content;
}

}  // namespace

namespace {

/// Bytes of a chunked content (RFC 9112, 7.1) with its trailers; 0 while it has not all come, and of what is none all there is.
std::size_t chunked_size(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = text.find("\r\n", at);
    if (line_end == text.npos) return 0;
    u32 size = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + line_end, size, 16);
    if (error != std::errc()) return text.size();
    at = line_end + 2;
    if (size != 0) {
      if (text.size() - at < std::size_t{size} + 2) return 0;
      if (text.substr(at + size, 2) != "\r\n") return text.size();
      at += std::size_t{size} + 2;
      continue;
    }
    if (text.substr(at, 2) == "\r\n") return at + 2;
    const std::size_t trailers = text.find("\r\n\r\n", at);
    return trailers == text.npos ? 0 : trailers + 4;
  }
  return 0;
}

bool has_content(std::string_view status_line) {
  word_of(status_line);
  const u32 n = number_in(word_of(status_line).substr(0, 3)).value_or(0);
  return n >= 200 && n != 204 && n != 304;
}

}  // namespace

/// Headers, and the content where its length is told. What follows neither form is shown as it comes.
u32 Http::message(Bytes stream) {
  const std::string_view text = as_text(stream), line_one = text.substr(0, text.find_first_of("\r\n"));
  std::string_view rest = line_one;
  const bool answer = line_one.starts_with("HTTP/"), request = std::ranges::find(methods, word_of(rest)) != std::end(methods) && !rest.empty();
  // A first word that is cut may become one.
  const auto cut_word = [&](std::string_view word) { return word.starts_with(text); };
  if (!answer && !request) return cut_word("HTTP/") || std::ranges::any_of(methods, cut_word) ? 0 : static_cast<u32>(text.size());
  constexpr std::size_t longest_head = 32u << 10;   // receivers take less, and it is looked through again with every segment
  const std::size_t end = text.substr(0, longest_head).find("\r\n\r\n");
  if (end == text.npos) return text.size() < longest_head ? 0 : static_cast<u32>(text.size());
  std::optional<u32> told;
  bool chunked = false, of_a_type = false;
  Lines lines(text.substr(0, end), 0);
  for (std::string_view line; lines.next(line);) {
    const auto h = header_of(line);
    if (!h) continue;
    if (same_word(h->name, "Content-Length")) told = number_in(h->value);
    if (same_word(h->name, "Content-Type")) of_a_type = true;
    if (same_word(h->name, "Transfer-Encoding")) chunked = h->value.size() >= 7 && same_word(h->value.substr(h->value.size() - 7), "chunked");
  }
  // An answer to HEAD has no content, whatever it says: then the next answer follows.
  if (answer && (!has_content(line_one) || text.substr(end + 4).starts_with("HTTP/1."))) return static_cast<u32>(end + 4);
  const bool opens_tunnel = line_one.find("onnect") != line_one.npos;   // "200 Connection established": what follows is another protocol's
  if (!chunked && !told && answer && !opens_tunnel && (of_a_type || line_one.starts_with("HTTP/1.0"))) return 0;  // its content ends with the stream (RFC 9112, 6.3)
  const u64 content = chunked ? chunked_size(text.substr(end + 4)) : told.value_or(0);
  if (chunked && content == 0) return 0;
  return content <= text.size() - (end + 4) ? static_cast<u32>(end + 4 + content) : 0;
}

bool Http::begins(Bytes stream) {
  std::string_view line = as_text(slice(stream, 0, 4096));
  line = line.substr(0, line.find_first_of("\r\n"));
  if (line.starts_with("HTTP/1.")) return has_content(line) || line.size() > 12;
  std::string_view rest = line;
  return std::ranges::find(methods, word_of(rest)) != std::end(methods) && (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0"));
}

void Http::describe(const LayerView& v, Facts& out) {
  Lines lines(as_text(v.message()), v.layer().offset);
  const Teller tell{out, lines};
  // A packet may also begin among the headers.
  bool begins = true;
  for (std::string_view line; lines.next(line); begins = false) {
    const bool first_line = tell_first_line(line, tell);
    if (first_line && !lines.next(line)) return;
    if (!first_line && (!begins || !header_of(line))) return;
    const u64 content = tell_headers(line, lines, tell);
    if (!lines.rest().starts_with("HTTP/1.")) lines.skip(content);  // else it was an answer to HEAD
  }
}

void Sip::describe(const LayerView& v, Facts& out) {
  enum : u32 { sip_method, request_uri, status, call, from, to, sequence, program };
  Lines lines(as_text(v.message()), v.layer().offset);
  const Teller tell{out, lines};
  std::string_view line;
  if (!lines.next(line)) return;
  std::string_view rest = line;
  const std::string_view first = word_of(rest), second = word_of(rest);
  if (first == "SIP/2.0") {
    if (const auto n = number_in(second)) tell.number(status, *n, second);
  } else if (rest.starts_with("SIP/")) {
    tell.text(sip_method, first);
    tell.text(request_uri, second);
  } else {
    return;
  }
  while (lines.next(line) && !line.empty()) {
    const auto h = header_of(line);
    if (!h) continue;
    const auto is = [&](std::string_view name, std::string_view brief_name = {}) { return same_word(h->name, name) || (!brief_name.empty() && same_word(h->name, brief_name)); };
    if (is("Call-ID", "i")) tell.text(call, h->value);
    else if (is("From", "f")) tell.text(from, h->value);
    else if (is("To", "t")) tell.text(to, h->value);
    else if (is("CSeq")) tell.text(sequence, h->value);
    else if (is("User-Agent")) tell.text(program, h->value);
  }
}

}  // namespace rawket
