// A resolver that does not answer costs a moment at the end, and no more.
#include "host_names.hpp"

namespace rawket::cli {

HostNames::HostNames(bool wanted) {
  if (!wanted) return;
  if (auto finder = NameFinder::start()) finder_ = std::move(*finder);
}

std::string HostNames::beside(const IpAddress& address) const {
  const std::string name = of(address);
  return name.empty() ? address.text() : address.text() + " (" + name + ")";
}

void HostNames::wait() const {
  if (finder_) finder_->wait(second / 3);
}

std::optional<std::string> HostNames::find(const IpAddress& address) const {
  constexpr std::size_t most = 512;
  if (!finder_ || (!asked_.contains(address) && asked_.size() >= most)) return std::string();
  asked_.insert(address);
  return finder_->name_of(address);
}

void HostNames::about(const IpAddress& address) {
  if (!finder_ || !noted_.insert(address).second) return;
  find(address);
  untold_.push_back(address);
}

void HostNames::tell(TextBuffer& t, bool json, std::string_view indent) {
  for (; !untold_.empty(); untold_.pop_front()) {
    const IpAddress& address = untold_.front();
    const auto name = find(address);
    if (!name) return;  // nor are those behind it
    if (name->empty()) continue;
    if (json) t.append("{\"event\":\"name\",\"address\":\""), t.append(address.text()), t.append("\",\"name\":\""), t.json_escaped(*name), t.append("\"}\n");
    else t.append(indent), t.append(address.text()), t.append(" is "), t.append(*name), t.append('\n');
  }
}

}  // namespace rawket::cli
