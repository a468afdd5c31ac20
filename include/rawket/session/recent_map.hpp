// A map of bounded size that forgets what was used least recently: for what is remembered of conversations.
#pragma once
#include <list>
#include <unordered_map>

#include "rawket/base/bytes.hpp"

namespace rawket {

template <class Key, class Value, class Hash> class RecentMap {
 public:
  explicit RecentMap(std::size_t most) : most_(most) {}

  /// The value of a key, which counts as used now; nullptr when there is none. Valid until `put`.
  Value* find(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }
  /// Adds a key that is not there yet; the oldest makes room for it.
  Value& put(const Key& key, Value value) {
    if (!entries_.empty() && entries_.size() >= most_) {
      ++evicted_;
      by_key_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key, std::move(value));
    by_key_[key] = entries_.begin();
    return entries_.front().second;
  }
  u64 evicted() const { return evicted_; }
  std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<Key, Value>>;
  std::size_t most_;
  Entries entries_;   ///< the one used last in front
  std::unordered_map<Key, typename Entries::iterator, Hash> by_key_;
  u64 evicted_ = 0;
};

}  // namespace rawket
