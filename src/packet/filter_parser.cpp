// The grammar: or, xor, and, not, comparisons, arithmetic, operands. Depth is bounded, as the text is anybody's.
#include "filter_lexer.hpp"
#include "filter_literal.hpp"
#include "filter_tree.hpp"
#include "rawket/base/text.hpp"

namespace rawket::detail {
namespace {

constexpr int most_depth = 64;

struct RelationName {
  std::string_view sign, word;
  Relation relation;
};
constexpr RelationName relations[] = {{"==", "eq", Relation::equal}, {"!=", "ne", Relation::not_equal}, {"===", "all_eq", Relation::all_equal}, {"!==", "any_ne", Relation::any_not_equal},
                                      {"~=", "any_ne", Relation::any_not_equal}, {"<", "lt", Relation::less}, {"<=", "le", Relation::less_or_equal}, {">", "gt", Relation::greater},
                                      {">=", "ge", Relation::greater_or_equal}, {"", "all_ne", Relation::not_equal}, {"", "contains", Relation::contains}, {"~", "matches", Relation::matches},
                                      {"", "in", Relation::in}};
constexpr std::string_view functions[] = {"len", "count", "upper", "lower", "max", "min", "abs"};

using NodePointer = std::unique_ptr<FilterNode>;
using OperandPointer = std::unique_ptr<Operand>;

class Parser {
 public:
  Parser(const Registry& registry, std::string_view text, std::vector<Token> tokens) : registry_(registry), text_(text), tokens_(std::move(tokens)) {}

  Result<NodePointer> run() {
    if (now().type == Token::end) return fail_at(Errc::malformed, "filter", 0, "an empty filter", "for example: tcp.dstport == 80");
    NodePointer root = RAWKET_TRY(either());
    if (now().type != Token::end) return unexpected("the end or 'and'");
    return root;
  }

 private:
  // -- tokens
  const Token& now() const { return tokens_[at_]; }
  bool is(std::string_view sign, std::string_view word = {}) const {
    return (now().type == Token::sign && !sign.empty() && now().text == sign) || (now().type == Token::word && !word.empty() && now().text == word);
  }
  bool take(std::string_view sign, std::string_view word = {}) {
    if (!is(sign, word)) return false;
    ++at_;
    return true;
  }
  Failure unexpected(std::string_view wanted) const {
    const std::string found = now().type == Token::end ? "the filter ends" : "'" + clean_text(text_.substr(now().at, now().after - now().at)) + "' stands";
    return fail_at(Errc::malformed, "filter", now().at, found + " where " + std::string(wanted) + " should be");
  }

  // -- joining
  Result<NodePointer> joined(FilterNode::Form form, std::string_view sign, std::string_view word, Result<NodePointer> (Parser::*next)()) {
    NodePointer first = RAWKET_TRY((this->*next)());
    while (take(sign, word)) {
      NodePointer second = RAWKET_TRY((this->*next)());
      if (first->form != form || form == FilterNode::exactly_one || grouped_ == first.get()) {
        first = joined_node(form, std::move(first));
      }
      first->inner.push_back(std::move(second));
    }
    return first;
  }
  Result<NodePointer> either() { return joined(FilterNode::either, "||", "or", &Parser::exactly_one); }
  Result<NodePointer> exactly_one() { return joined(FilterNode::exactly_one, "^^", "xor", &Parser::both); }
  Result<NodePointer> both() { return joined(FilterNode::both, "&&", "and", &Parser::negation); }
  Result<NodePointer> negation() {
    if (++depth_ > most_depth) return fail_at(Errc::malformed, "filter", now().at, "nested too deeply");
    NodePointer node;
    if (take("!", "not")) {
      node = joined_node(FilterNode::negation, RAWKET_TRY(negation()));
    } else if (is("(") && group_is_filter()) {
      ++at_;
      node = RAWKET_TRY(either());
      if (!take(")")) return unexpected("')'");
      grouped_ = node.get();
    } else {
      node = RAWKET_TRY(comparison());
    }
    --depth_;
    return node;
  }
  /// A bracket may hold a filter, or the first part of a calculation: "(tcp.len + 4) > 20".
  bool group_is_filter() const {
    std::size_t i = at_;
    int open = 0;
    do {
      if (tokens_[i].type == Token::sign && tokens_[i].text == "(") ++open;
      if (tokens_[i].type == Token::sign && tokens_[i].text == ")") --open;
      ++i;
    } while (open > 0 && tokens_[i].type != Token::end);
    const Token& behind = tokens_[i];
    if (behind.type == Token::end || (behind.type == Token::sign && (behind.text == ")" || behind.text == "&&" || behind.text == "||" || behind.text == "^^"))) return true;
    return behind.type == Token::word && (behind.text == "and" || behind.text == "or" || behind.text == "xor");
  }

  // -- comparing
  std::optional<Relation> take_relation() {
    for (const RelationName& r : relations)
      if (take(r.sign, r.word)) return r.relation;
    return std::nullopt;
  }

  /// One comparison, or a chain: "1 < a < 5" is two of them.
  Result<NodePointer> comparison() {
    const std::size_t start = now().at;
    Quantifier quantifier = Quantifier::by_relation;
    if (is("", "any") && tokens_[at_ + 1].type == Token::word) ++at_, quantifier = Quantifier::any;
    else if (is("", "all") && tokens_[at_ + 1].type == Token::word) ++at_, quantifier = Quantifier::all;
    std::size_t subject = now().at;
    OperandPointer left = RAWKET_TRY(calculation());
    NodePointer whole;
    while (left != nullptr) {
      auto node = std::make_unique<FilterNode>();
      node->quantifier = quantifier;
      node->left = std::move(left);
      const std::size_t sign = now().at;
      node->subject = written(subject, sign);  // in a chain, what the last comparison ended with
      const bool negated = is("", "not") && tokens_[at_ + 1].type == Token::word && tokens_[at_ + 1].text == "in";
      if (negated) ++at_;
      const auto relation = take_relation();
      subject = now().at;
      left = RAWKET_TRY(right_side(*node, relation));
      node->object = written(subject, tokens_[at_ - 1].after);
      node->text = written(whole == nullptr ? start : sign, tokens_[at_ - 1].after);
      if (negated) node = joined_node(FilterNode::negation, std::move(node));
      if (whole == nullptr) {
        whole = std::move(node);
        continue;
      }
      if (whole->form != FilterNode::both) whole = joined_node(FilterNode::both, std::move(whole));
      whole->inner.push_back(std::move(node));
    }
    return whole;
  }

  /// What the left side is compared with. Returns it once more when the chain goes on, and nothing otherwise.
  Result<OperandPointer> right_side(FilterNode& node, std::optional<Relation> relation) {
    Operand& left = *node.left;
    OperandPointer again;
    node.relation = relation.value_or(Relation::exists);
    if (!relation) {
      const bool bits = left.form == Operand::arithmetic && left.name == "&";
      if (left.form == Operand::constant) return no_such_name(left);
      if (left.form == Operand::function || (left.form == Operand::arithmetic && !bits)) return fail_at(Errc::malformed, "filter", left.at, "a calculation needs a comparison");
    } else if (*relation == Relation::in) {
      if (auto r = set(node, left); !r) return Failure{r.error()};
    } else if (*relation == Relation::matches) {
      if (now().type != Token::quoted && now().type != Token::word) return unexpected("a pattern in quotes");
      node.pattern = RAWKET_TRY(compile_pattern(now().text, now().at));
      ++at_;
    } else {
      node.right = RAWKET_TRY(calculation());
      if (auto r = fit(left, *node.right, *relation == Relation::contains); !r) return Failure{r.error()};
      if (is_relation()) again = RAWKET_TRY(copy_of(*node.right));
    }
    if (left.form == Operand::constant && (node.right == nullptr || node.right->form == Operand::constant)) return no_such_name(left);
    return again;
  }

  static NodePointer joined_node(FilterNode::Form form, NodePointer inner) {
    auto node = std::make_unique<FilterNode>();
    node->form = form;
    node->inner.push_back(std::move(inner));
    return node;
  }
  std::string written(std::size_t begin, std::size_t end) const { return begin < end ? std::string(trim(text_.substr(begin, end - begin))) : std::string(); }
  bool is_relation() const {
    for (const RelationName& r : relations)
      if (is(r.sign, r.word)) return true;
    return false;
  }
  /// "1 < a < 5": the middle stands in two comparisons, so it is read twice.
  Result<OperandPointer> copy_of(const Operand& middle) {
    const std::size_t end = at_;
    while (at_ > 0 && tokens_[at_].at > middle.at) --at_;
    auto again = calculation();
    at_ = end;
    return again;
  }

  /// "{80, 443, 8000..8080}"
  Result<void> set(FilterNode& node, const Operand& left) {
    if (!take("{")) return unexpected("'{'");
    do {
      OperandPointer first = RAWKET_TRY(calculation()), last;
      if (auto r = fit(left, *first, false); !r) return r;
      if (take("..")) {
        last = RAWKET_TRY(calculation());
        if (auto r = fit(left, *last, false); !r) return r;
      }
      node.set.emplace_back(std::move(first), std::move(last));
    } while (take(","));
    if (!take("}")) return unexpected("',' or '}'");
    return {};
  }

  /// Literals take the kind of what they are compared with.
  Result<void> fit(const Operand& left, Operand& right, bool part) {
    if (right.form == Operand::constant && left.form != Operand::constant) return read_literal(left, right, part);
    if (left.form == Operand::constant && right.form != Operand::constant) return read_literal(right, const_cast<Operand&>(left), part);
    const auto family = [](Kind k) { return k == Kind::number || k == Kind::time ? 0 : 1; };
    if (!part && left.form != Operand::constant && family(left.kind) != family(right.kind))
      return fail_at(Errc::malformed, "filter", right.at, "'" + left.name + "' and '" + right.name + "' cannot be compared");
    return {};
  }

  // -- operands
  Result<OperandPointer> calculation() { return operation({"&"}, &Parser::sum); }
  Result<OperandPointer> sum() { return operation({"+", "-"}, &Parser::product); }
  Result<OperandPointer> product() { return operation({"*", "/", "%"}, &Parser::operand); }
  Result<OperandPointer> operation(std::initializer_list<std::string_view> signs, Result<OperandPointer> (Parser::*next)()) {
    OperandPointer first = RAWKET_TRY((this->*next)());
    for (;;) {
      const auto sign = std::find_if(signs.begin(), signs.end(), [&](std::string_view s) { return is(s); });
      if (sign == signs.end()) return first;
      auto node = std::make_unique<Operand>();
      node->form = Operand::arithmetic;
      node->name = *sign;
      node->at = first->at;
      ++at_;
      OperandPointer second = RAWKET_TRY((this->*next)());
      if (auto r = fit(*first, *second, false); !r) return Failure{r.error()};
      node->kind = first->form == Operand::constant ? second->kind : first->kind;
      if (node->kind != Kind::number && node->kind != Kind::time) return fail_at(Errc::malformed, "filter", node->at, "only numbers can be calculated with");
      node->inner.push_back(std::move(first));
      node->inner.push_back(std::move(second));
      first = std::move(node);
    }
  }

  Result<OperandPointer> operand() {
    if (++depth_ > most_depth) return fail_at(Errc::malformed, "filter", now().at, "nested too deeply");
    OperandPointer result = RAWKET_TRY(plain_operand());
    while (is("[")) result = RAWKET_TRY(sliced(std::move(result)));
    --depth_;
    return result;
  }

  Result<OperandPointer> plain_operand() {
    auto out = std::make_unique<Operand>();
    const Token& token = now();
    out->at = token.at;
    if (take("(")) {
      out = RAWKET_TRY(calculation());
      if (!take(")")) return unexpected("')'");
      return out;
    }
    if (take("-")) {
      if (now().type != Token::word) return unexpected("a number");
      out->name = "-" + now().text;
      ++at_;
      return out;
    }
    if (token.type != Token::word && token.type != Token::quoted && token.type != Token::character) return unexpected("a field or a value");
    ++at_;
    out->name = token.text;
    if (token.type != Token::word) {
      out->storage.assign(token.text.begin(), token.text.end());
      out->value.number = token.type == Token::quoted ? 1 : 2;  // remembered for reading it: in quotes
      return out;
    }
    if (is("(")) return call(std::move(out));
    if (auto named = resolve(registry_, token.text)) {
      named->at = token.at;
      *out = std::move(*named);
      if (take("#")) {
        const auto n = now().type == Token::word ? parse_number(now().text.substr(now().text.starts_with('-') ? 1 : 0)) : std::nullopt;
        if (!n || *n == 0 || *n > 1000) return unexpected("a number from 1");
        out->occurrence = now().text.starts_with('-') ? -static_cast<i64>(*n) : static_cast<i64>(*n);
        ++at_;
      }
    }
    return out;
  }

  Result<OperandPointer> call(OperandPointer out) {
    if (std::ranges::find(functions, out->name) == std::end(functions))
      return fail_at(Errc::unknown_name, "filter", out->at, "there is no function '" + clean_text(out->name) + "'" + did_you_mean(out->name, functions));
    out->form = Operand::function;
    ++at_;
    do {
      OperandPointer argument = RAWKET_TRY(calculation());
      if (argument->form == Operand::constant) {
        const auto n = parse_number(argument->name);
        if (!n) return no_such_name(*argument);
        argument->value = {true, *n};
      }
      const bool number = argument->kind == Kind::number || argument->kind == Kind::time;
      const bool wants_number = out->name == "max" || out->name == "min" || out->name == "abs";
      if (out->name != "count" && out->name != "len" && number != wants_number)
        return fail_at(Errc::malformed, "filter", argument->at, out->name + "() takes " + (wants_number ? "numbers" : "text"));
      out->inner.push_back(std::move(argument));
    } while (take(","));
    if (!take(")")) return unexpected("')'");
    if (out->inner.size() > 1 && out->name != "max" && out->name != "min") return fail_at(Errc::malformed, "filter", out->at, out->name + "() takes one argument");
    out->kind = out->name == "upper" || out->name == "lower" ? Kind::text : Kind::number;
    return out;
  }

  /// "[0:3]", "[1-2]", "[-4:]", "[0,2:2]"
  Result<OperandPointer> sliced(OperandPointer inner) {
    if (inner->kind == Kind::number || inner->kind == Kind::time) return fail_at(Errc::malformed, "filter", now().at, "'" + clean_text(inner->name) + "' is a number and has no slices", "use & to look at its bits");
    if (inner->form == Operand::constant) return no_such_name(*inner);
    auto out = std::make_unique<Operand>();
    out->form = Operand::slice;
    out->kind = Kind::octets;
    out->name = inner->name;
    out->at = inner->at;
    const std::size_t open = now().after;
    while (!is("]") && now().type != Token::end) ++at_;
    if (now().type == Token::end) return fail_at(Errc::malformed, "filter", open - 1, "'[' without ']'");
    for (std::string_view part : split(text_.substr(open, now().at - open), ',')) {
      const auto slice = read_slice(trim(part));
      if (!slice) return fail_at(Errc::malformed, "filter", open, "'" + clean_text(part) + "' is no slice", "[0] is a byte, [0:4] four bytes, [1-2] two, [-2:] the last two");
      out->slices.push_back(*slice);
    }
    ++at_;
    out->inner.push_back(std::move(inner));
    return out;
  }
  static std::optional<Slice> read_slice(std::string_view part) {
    const auto number = [](std::string_view s) -> std::optional<i64> {
      const bool minus = s.starts_with('-');
      const auto n = parse_number(minus ? s.substr(1) : s);
      if (!n || *n > 1'000'000) return std::nullopt;
      return minus ? -static_cast<i64>(*n) : static_cast<i64>(*n);
    };
    if (const std::size_t colon = part.find(':'); colon != part.npos) {
      Slice s;
      if (colon > 0) {
        const auto begin = number(part.substr(0, colon));
        if (!begin) return std::nullopt;
        s.begin = *begin;
      }
      if (colon + 1 < part.size()) {
        s.length = number(part.substr(colon + 1));
        if (!s.length || *s.length <= 0) return std::nullopt;
      }
      return s;
    }
    if (const std::size_t dash = part.find('-', 1); dash != part.npos) {
      const auto first = number(part.substr(0, dash)), last = number(part.substr(dash + 1));
      if (!first || !last || *first > *last) return std::nullopt;
      return Slice{*first, *last - *first + 1};
    }
    const auto one = number(part);
    if (!one) return std::nullopt;
    return Slice{*one, 1};
  }

  Failure no_such_name(const Operand& o) const {
    const std::vector<std::string> names = filter_names(registry_);
    const std::vector<std::string_view> views(names.begin(), names.end());
    return fail_at(Errc::unknown_name, "filter", o.at, "there is no field or protocol '" + clean_text(o.name) + "'" + did_you_mean(o.name, views), "rawket fields lists the names");
  }

  const Registry& registry_;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  const FilterNode* grouped_ = nullptr;  ///< stands in brackets: nothing joins it from outside
};

}  // namespace

Result<std::unique_ptr<FilterNode>> parse_filter(const Registry& registry, std::string_view text) {
  if (text.size() > 65536) return fail(Errc::out_of_range, "filter", "longer than 64 KiB");
  return Parser(registry, text, RAWKET_TRY(filter_tokens(text))).run();
}

}  // namespace rawket::detail
