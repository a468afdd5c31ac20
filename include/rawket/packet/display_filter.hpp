// Display filters with Wireshark's names and operators: "tcp.dstport == 80 && ip.ttl < 10".
#pragma once
#include <memory>

#include "rawket/packet/json.hpp"

namespace rawket {

namespace detail {
struct FilterNode;
class FilterScratch;
}  // namespace detail

/// A compiled filter (wireshark-filter(4)). One comparison holds when it holds for any value of a field that repeats; `!=`
/// when it holds for all of them. A field that the packet does not have makes its comparison false.
/// Not thread-safe: it keeps its working memory between packets. Movable.
class DisplayFilter {
 public:
  /// An error is located (`offset` bytes into the text), and names the nearest field. The registry must outlive the filter.
  static Result<DisplayFilter> compile(const Registry& registry, std::string_view text);

  bool matches(const PacketHead& head, const Dissection& d) const;

  /// Whether it asks for what other packets tell: `head.facts` have to be filled in.
  bool needs_facts() const;
  /// What a kernel can do of it: a pcap-filter(7) expression that holds for every packet that matches, and for others; empty
  /// when it would hold for all, or when the registry was changed. Only plain TCP packets are refused by it.
  std::string kernel_part() const;
  /// What it asks for, as a sentence.
  std::string explanation() const;
  /// The parts that `and` and `or` join, each a filter of its own; itself when nothing is joined.
  struct Piece {
    std::string text;
    bool matched = false;
  };
  /// Every comparison with its own answer for this packet, in the order they are written.
  std::vector<Piece> pieces(const PacketHead& head, const Dissection& d) const;

  DisplayFilter(DisplayFilter&&) noexcept;
  DisplayFilter& operator=(DisplayFilter&&) noexcept;
  ~DisplayFilter();

 private:
  DisplayFilter(std::unique_ptr<detail::FilterNode> root, std::string text, bool standard);
  std::unique_ptr<detail::FilterNode> root_;
  std::string text_;
  bool standard_ = true;   ///< compiled for the protocols and numbers of this library: what comes behind TCP is known
  std::unique_ptr<detail::FilterScratch> scratch_;
};

/// Every name that a filter may use, for completion: fields, protocols, and words for both ends like ip.addr.
std::vector<std::string> filter_names(const Registry& registry);

}  // namespace rawket
