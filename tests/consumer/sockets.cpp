// Uses rawket::rawket: an interface list and a filter need no rights.
#include <rawket/host/interfaces.hpp>
#include <rawket/io/filter.hpp>

int main() {
  const auto all = rawket::interfaces();
  const auto filter = rawket::Filter::compile("tcp port 80", rawket::LinkType::ethernet);
  return all && !all->empty() && filter ? 0 : 1;
}
