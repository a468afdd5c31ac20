// The filter, and what is done at each call: the socket is borrowed, given a port if it has none, and its port is told.
#include "socket_calls.hpp"

#include <netinet/in.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace rawket {
namespace {

/// The process that a thread belongs to.
unsigned process_of(unsigned thread) {
  const std::string status = read_small_file(("/proc/" + std::to_string(thread) + "/status").c_str());
  const std::size_t at = status.find("\nTgid:\t");
  return at == std::string::npos ? thread : static_cast<unsigned>(std::strtoul(status.c_str() + at + 7, nullptr, 10));
}

Descriptor borrow(unsigned thread, int number) {
  const Descriptor owner(static_cast<int>(::syscall(SYS_pidfd_open, process_of(thread), 0u)));
  return Descriptor(owner.open() ? static_cast<int>(::syscall(SYS_pidfd_getfd, owner.number(), number, 0u)) : -1);
}

int option(int socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/// -1: not an Internet socket.
int port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return -1;
}

/// Of an address that is to be bound.
int wanted_port(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

/// What the kernel would do a moment later.
void give_port(int socket) {
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(option(socket, SO_DOMAIN));
  ::bind(socket, reinterpret_cast<const sockaddr*>(&any), any.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

}  // namespace

int notify_socket_calls() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return -1;
  constexpr scmp_arg_cmp some_address{4, SCMP_CMP_NE, 0, 0};
  bool ok = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1) == 0 && seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW) == 0;  // 32-bit programs run, unwatched
  for (const int call : {SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(listen), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg)}) ok = ok && seccomp_rule_add(filter, SCMP_ACT_NOTIFY, call, 0) == 0;
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendto), 1, some_address) == 0;  // without an address it has a port
  ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0) == 0;            // it would go past the filter
  return ok && seccomp_load(filter) == 0 ? seccomp_notify_fd(filter) : -1;
}

void SocketCalls::learn(int socket) {
  int port = port_of(socket);
  if (port < 0) return;
  const bool raw = option(socket, SO_TYPE) == SOCK_RAW;
  if (port == 0 && !raw) give_port(socket), port = port_of(socket);
  if (port <= 0 && !raw) return;
  found_({static_cast<u8>(option(socket, SO_PROTOCOL)), raw ? u16{0} : static_cast<u16>(port)});
}

/// 0, or a negative errno that the call is to give; `done`: it was made here, in the process's place.
int SocketCalls::look_at(unsigned process, int call, const unsigned long long* arguments, bool& done) {
  const Descriptor socket = borrow(process, static_cast<int>(arguments[0]));
  if (!socket.open()) return 0;
  if (call != SCMP_SYS(bind)) return learn(socket.number()), 0;
  if (port_of(socket.number()) < 0) return 0;
  sockaddr_storage address{};
  const std::size_t size = std::min<std::size_t>(arguments[2], sizeof address);
  const iovec here{&address, size}, there{reinterpret_cast<void*>(arguments[1]), size};
  if (::process_vm_readv(static_cast<pid_t>(process), &here, 1, &there, 1, 0) != static_cast<ssize_t>(size)) return 0;
  if (const int port = wanted_port(address); port != 0) {  // it may not get it: that is the kernel's to say, by the command's rights
    found_({static_cast<u8>(option(socket.number(), SO_PROTOCOL)), static_cast<u16>(port)});
    return 0;
  }
  done = true;  // which port it got is known only afterwards
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) != 0) return -errno;
  learn(socket.number());
  return 0;
}

bool SocketCalls::answer() {
  seccomp_notif* request = nullptr;
  seccomp_notif_resp* response = nullptr;
  if (seccomp_notify_alloc(&request, &response) != 0) return false;
  std::memset(request, 0, sizeof *request);
  const bool received = seccomp_notify_receive(notifications_.number(), request) == 0;
  if (received) {
    bool done = false;
    std::array<unsigned long long, 6> arguments{};
    std::copy_n(request->data.args, 6, arguments.begin());
    const int error = look_at(request->pid, request->data.nr, arguments.data(), done);
    response->id = request->id;
    response->error = error;
    response->val = 0;
    response->flags = done ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (!done) response->error = 0;
    seccomp_notify_respond(notifications_.number(), response);  // a process that has gone meanwhile needs no answer
  }
  seccomp_notify_free(request, response);
  return received || errno == EINTR || errno == ENOENT;
}

}  // namespace rawket
