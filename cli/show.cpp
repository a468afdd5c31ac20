// Forms of output, one switch.
#include "show.hpp"

#include <unistd.h>

#include "output.hpp"
#include "rawket/base/text.hpp"

namespace rawket::cli {
namespace {

constexpr std::string_view forms[] = {"text", "tree", "json", "csv", "fields", "hex", "c"};
constexpr std::string_view overlaps[] = {"left", "first", "last", "drop"};  // as enum Overlap
constexpr std::string_view times[] = {"local", "utc", "epoch", "delta", "none"};

template <std::size_t N> Result<std::size_t> choice(std::string_view what, std::string_view word, const std::string_view (&words)[N]) {
  const auto found = std::ranges::find(words, word);
  if (found == std::end(words)) {
    std::string all;
    for (std::string_view w : words) all += (all.empty() ? "" : ", ") + std::string(w);
    return fail(Errc::unknown_name, what, "'" + clean_text(word) + "' is none of " + all + did_you_mean(word, words));
  }
  return static_cast<std::size_t>(found - std::begin(words));
}

}  // namespace

Result<Show> Show::create(const ShowOptions& options) {
  ChosenRegistry chosen = RAWKET_TRY(ChosenRegistry::create(options.decode_as));
  const Registry& registry = chosen.get();
  const std::string_view format = options.format;
  const std::size_t colon = format.find(':');
  const std::size_t form = RAWKET_TRY(choice("-o", format.substr(0, colon), forms));
  const bool columns = form >= 2 && form <= 4 && (form != 2 || colon != format.npos);
  if (colon != format.npos && !columns) return fail(Errc::unknown_name, "-o", "only json, csv and fields take field names");
  constexpr Form by_word[] = {Form::text, Form::tree, Form::json, Form::columns, Form::columns, Form::hex, Form::c};
  TextOptions text{.link_layer = options.link_layer, .numbers = options.numbers, .color = use_color(options.color, STDOUT_FILENO)};
  constexpr TimeFormat time_formats[] = {TimeFormat::local, TimeFormat::utc, TimeFormat::epoch, TimeFormat::delta, TimeFormat::none};
  text.time = time_formats[RAWKET_TRY(choice("--time", options.time, times))];
  if (auto r = choice("--color", options.color, {"auto", "always", "never"}); !r) return Failure{r.error()};
  Show show(std::move(chosen), options, columns ? Form::columns : by_word[form], text);
  if (columns) {
    const auto names = colon == format.npos ? std::vector<std::string_view>(default_columns().begin(), default_columns().end()) : split(format.substr(colon + 1), ',');
    show.columns_ = RAWKET_TRY(ColumnPrinter::create(registry, names, form == 2 ? ColumnFormat::json : form == 3 ? ColumnFormat::csv : ColumnFormat::tabs));
  }
  if (!options.display_filter.empty()) {
    auto filter = DisplayFilter::compile(registry, options.display_filter);
    if (!filter) return Failure{with_caret(std::move(filter).error(), options.display_filter)};
    show.filter_ = std::move(*filter);
  }
  Sessions::Wanted wanted{.messages = options.reassemble,
                          .facts = options.reassemble || form == 1 || (show.filter_ && show.filter_->needs_facts()) || (show.columns_ && show.columns_->needs_facts())};
  wanted.how.fragments.longest = 2 * 65'535;  // what no receiver takes is what is looked for here
  wanted.how.fragments.overlap = static_cast<Overlap>(RAWKET_TRY(choice("--overlap", options.overlap, overlaps)));
  if (wanted.messages || wanted.facts) show.sessions_ = std::make_unique<Sessions>(registry, wanted);
  return show;
}

Error with_caret(Error error, std::string_view expression) {
  if (!error.located || expression.find('\n') != expression.npos) return error;
  const std::string shown = clean_text(expression);
  const std::size_t at = clean_text(expression.substr(0, std::min<std::size_t>(error.offset, expression.size()))).size();
  error.located = false;
  error.advice = "  " + shown + "\n    " + std::string(at, ' ') + "^" + (error.advice.empty() ? "" : "\n  " + error.advice);
  return error;
}

void Show::header(TextBuffer& out) const {
  if (columns_) columns_->header(out);
}

bool Show::wants(const PacketHead& head, Bytes bytes) {
  head_ = head;
  bytes_ = bytes;
  dissected_ = filter_ || sessions_ != nullptr;
  if (!dissected_) return true;
  dissect(registry_.get(), link_protocol(registry_.get(), head.link_type), bytes, *dissection_, head.original_length);
  if (sessions_ != nullptr) {
    sessions_->add(head_, *dissection_);
    bytes_ = dissection_->packet;
  }
  return !filter_ || filter_->matches(head_, *dissection_);
}

void Show::wanted(TextBuffer& out) {
  if (!dissected_ && needs_dissection()) dissect(registry_.get(), link_protocol(registry_.get(), head_.link_type), bytes_, *dissection_, head_.original_length);
  print(head_, bytes_, out);
}

void Show::packet(const PacketHead& head, const Protocol& first, Bytes bytes, TextBuffer& out) {
  if (needs_dissection()) dissect(registry_.get(), first, bytes, *dissection_, head.original_length);
  print(head, bytes, out);
}

void Show::print(const PacketHead& head, Bytes bytes, TextBuffer& out) {
  switch (form_) {
    case Form::text: text_.line(head, *dissection_, out); break;
    case Form::tree: text_.tree(head, *dissection_, out); break;
    case Form::json: json_->print(head, *dissection_, out), out.append('\n'); break;
    case Form::columns: columns_->print(head, *dissection_, out); break;
    case Form::hex: out.hex(bytes), out.append('\n'); break;
    case Form::c: append_c_array(out, bytes, "packet_" + std::to_string(head.number)); break;
  }
  if (options_.hexdump && (form_ == Form::text || form_ == Form::tree)) append_hexdump(out, bytes, "        ");
}

std::string Show::sessions_told() const { return sessions_ == nullptr ? std::string() : sessions_->told(); }

PacketHead head_of(u64 number, const CapturedPacket& p, std::string_view interface) {
  return {.number = number, .time = p.info.time, .time_source = time_source_names[static_cast<unsigned>(p.info.time_source)], .original_length = p.info.original_length, .link_type = static_cast<u16>(p.info.link_type),
          .checksum_not_ready = p.info.checksum_not_ready, .dropped_before = p.info.dropped_before, .direction = direction_names[static_cast<unsigned>(p.info.direction)], .gso_size = p.info.gso_size,
          .interface = interface, .comment = p.info.comment};
}

}  // namespace rawket::cli
