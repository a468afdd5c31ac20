// The craft language: `ip dst=198.18.0.2 ttl=3 / tcp dport=80 flags=S mss=1460 / "hello"`, and Scapy's call form.
//
// A word names a protocol; `field=value` sets a field by Wireshark's name or the C++ member's; an option's name adds that
// option; text in quotes, `text=`, `hex=`, or `zeros=` is payload. Values may be ranges (1-1024), sets ({1,2,4}) and
// prefixes (198.18.0.0/30): the product of all is made. `random`, `random:1024-65535`, `random:198.18.0.0/16` give each
// packet a value of its own.
#pragma once
#include <functional>

#include "rawket/packet/packet.hpp"

namespace rawket {

/// A parsed text: how to make `count()` packets.
class Recipe {
 public:
  /// Words as a shell gives them, or one text. Errors name the word and the nearest right one.
  static Result<Recipe> parse(const Registry& registry, std::span<const std::string> words);
  static Result<Recipe> parse(const Registry& registry, std::string_view text);

  u64 count() const { return count_; }
  /// The i-th packet of the product; the last set varies fastest. Random values are made anew for each i, also beyond `count`.
  Result<Packet> make(u64 i) const;
  bool is_random() const { return random_; }
  /// The same seed gives the same random values.
  void seed(u64 seed) { seed_ = seed; }
  /// True when the text gave this field a value.
  bool given(std::string_view protocol_name, std::string_view alias) const;
  /// Sets a field as if it had been given, unless it was. False when there is no such layer.
  bool supply(std::string_view protocol_name, std::string_view alias, std::string_view value);
  /// Puts a layer before the first one.
  void prepend(const Protocol& protocol);
  const Protocol& first_protocol() const { return layers_.empty() ? data : *layers_.front().protocol; }

 private:
  struct Setting {
    const Field* field = nullptr;     ///< nullptr: an option or a word of the protocol's own
    std::string word;                 ///< the option's or hook's name
    std::vector<std::string> values;  ///< one is used per packet
    std::function<std::string(u64)> random{};  ///< instead: what a random number becomes
  };
  struct LayerRecipe {
    const Protocol* protocol = &data;
    std::vector<Setting> settings;
    std::vector<u8> payload;          ///< of a data layer
  };
  class Parser;
  /// `picks` says for each setting which of its values is used; as many as there are settings.
  Result<void> build_layer(const LayerRecipe& recipe, std::span<const u64> picks, std::vector<u8>& bytes, Layer& layer) const;

  std::vector<LayerRecipe> layers_;
  u64 count_ = 1, seed_ = 0;
  bool random_ = false;
};

}  // namespace rawket
