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

}  // namespace rawket::cli
