// A field may be called as the hooks of the table are: "kind" names an option's number only where it is static.
#include "rawket/wire/info.hpp"

struct Message {
  rawket::u8 kind = 3;
  rawket::u8 quotes = 0;
  static constexpr auto layout() {
    return rawket::protocol<Message>("message", "Message", "none", rawket::field<&Message::kind>("kind", 8, "Kind of message"), rawket::field<&Message::quotes>("quotes", 8,
        "What it quotes"));
  }
};
static_assert(rawket::info<Message>.fixed == 2 && rawket::info<Message>.kind == 0 && !rawket::info<Message>.quotes);
