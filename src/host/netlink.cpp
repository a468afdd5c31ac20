// The route socket: one request at a time, replies checked for sequence number and length by libmnl.
#include "netlink.hpp"

#include <libmnl/libmnl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace rawket {
namespace {

// The kernel answers a route request at once; a missing answer means that something in between ate it.
constexpr int answer_milliseconds = 5000;
// What the kernel packs a dump into at most.
constexpr std::size_t reply_bytes = 32768;

struct Visitor {
  const Netlink::Visit* visit;
};

int on_message(const nlmsghdr* message, void* data) {
  const auto* visitor = static_cast<const Visitor*>(data);
  if (*visitor->visit) (*visitor->visit)(*message);
  return MNL_CB_OK;
}

}  // namespace

NetlinkRequest::NetlinkRequest(u16 type, u16 flags, const void* header, std::size_t size) {
  nlmsghdr* m = mnl_nlmsg_put_header(storage_.data());
  m->nlmsg_type = type;
  m->nlmsg_flags = static_cast<u16>(flags | NLM_F_REQUEST);
  std::memcpy(mnl_nlmsg_put_extra_header(m, size), header, size);
}

NetlinkRequest& NetlinkRequest::put(u16 attribute, Bytes value) {
  mnl_attr_put_check(message(), storage_.size(), attribute, value.size(), value.data());
  return *this;
}

NetlinkRequest& NetlinkRequest::put_u8(u16 attribute, u8 value) { return put(attribute, Bytes(&value, 1)); }

NetlinkRequest& NetlinkRequest::put_u32(u16 attribute, u32 value) {
  u8 octets[sizeof value];
  std::memcpy(octets, &value, sizeof value);
  return put(attribute, octets);
}

NetlinkRequest& NetlinkRequest::put_text(u16 attribute, const std::string& text) {
  return put(attribute, {reinterpret_cast<const u8*>(text.c_str()), text.size() + 1});
}

NetlinkRequest& NetlinkRequest::begin(u16 attribute, Bytes fixed) {
  nlattr* nest = mnl_attr_nest_start_check(message(), storage_.size(), attribute);
  if (depth_ < open_.size()) open_[depth_++] = nest;
  if (!fixed.empty() && nest != nullptr) {
    char* at = storage_.data() + message()->nlmsg_len;
    std::memcpy(at, fixed.data(), fixed.size());
    message()->nlmsg_len += static_cast<u32>(MNL_ALIGN(fixed.size()));
  }
  return *this;
}

NetlinkRequest& NetlinkRequest::end() {
  if (depth_ > 0 && open_[--depth_] != nullptr) mnl_attr_nest_end(message(), open_[depth_]);
  return *this;
}

Result<Netlink> Netlink::open() {
  Descriptor s(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!s.open()) return fail_system("socket(AF_NETLINK)");
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  if (::bind(s.number(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) return fail_system("bind(AF_NETLINK)");
  return Netlink(std::move(s));
}

Result<void> Netlink::run(NetlinkRequest& request, std::string_view where, const Visit& visit) {
  nlmsghdr* m = request.message();
  m->nlmsg_seq = ++sequence_;
  if ((m->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) m->nlmsg_flags |= NLM_F_ACK;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const ssize_t sent = ::sendto(socket_.number(), m, m->nlmsg_len, 0, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  if (sent < 0) return fail_system(where);

  const auto reply = std::make_unique<char[]>(reply_bytes);
  Visitor visitor{&visit};
  while (true) {
    pollfd readable{socket_.number(), POLLIN, 0};
    const int ready = ::poll(&readable, 1, answer_milliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return fail(Errc::timed_out, where, "the kernel did not answer");
    const ssize_t got = ::recv(socket_.number(), reply.get(), reply_bytes, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_system(where);
    const int run = mnl_cb_run(reply.get(), static_cast<std::size_t>(got), sequence_, 0, on_message, &visitor);
    if (run < 0 && errno == ESRCH) continue;  // the late rest of an answer that an earlier error cut short
    if (run < 0 && errno == EINTR) return fail(Errc::system, where, "the table changed while it was read", "try again");
    if (run < 0) return fail_system(where);
    if (run == MNL_CB_STOP) return {};
  }
}

void each_attribute(const nlmsghdr& message, std::size_t header_size, const std::function<void(u16, Bytes)>& visit) {
  each_nested(slice({reinterpret_cast<const u8*>(&message), message.nlmsg_len}, sizeof message + MNL_ALIGN(header_size)), visit);
}

void each_nested(Bytes rest, const std::function<void(u16, Bytes)>& visit) {
  nlattr head{};
  while (rest.size() >= sizeof head) {
    std::memcpy(&head, rest.data(), sizeof head);
    if (head.nla_len < sizeof head || head.nla_len > rest.size()) return;
    visit(head.nla_type & NLA_TYPE_MASK, rest.subspan(sizeof head, head.nla_len - sizeof head));
    rest = slice(rest, MNL_ALIGN(std::size_t{head.nla_len}));
  }
}

u32 attribute_u32(Bytes value) {
  u32 number = 0;
  if (value.size() >= sizeof number) std::memcpy(&number, value.data(), sizeof number);
  return number;
}

}  // namespace rawket
