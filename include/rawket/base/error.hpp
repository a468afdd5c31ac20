// The one error of the library: what failed, where in the packet, file or system call, and what to do.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "rawket/base/bytes.hpp"

namespace rawket {

enum class Errc : u8 {
  truncated,      ///< fewer bytes than a length field or a fixed header needs
  malformed,      ///< bytes or text that no reading of the specification allows
  out_of_range,   ///< a value that does not fit its field
  unknown_name,   ///< no such protocol, field, interface, file
  no_permission,  ///< CAP_NET_RAW, CAP_NET_ADMIN, a closed door
  refused,        ///< the sending policy said no
  unsupported,    ///< this kernel, device or build cannot
  timed_out,      ///< nothing came in time
  system,         ///< any other errno
};

/// An error is a value. `where` names the call or the field, `what` the thing, `advice` the exact fix.
struct Error {
  Errc code = Errc::system;
  std::string where;      ///< "socket(AF_PACKET)", "tcp.dstport", a file's name
  std::string what;       ///< one clause, lower case, no full stop
  std::string advice;     ///< a command or a value to try; may be empty
  u64 offset = 0;         ///< bytes into the packet, file or text; told when `located`
  bool located = false;
  int errno_value = 0;    ///< 0 when no system call failed

  /// "where: what at offset N (system's words)\n  advice", without a final newline.
  std::string text() const;
};

template <class T> using Result = std::expected<T, Error>;
using Failure = std::unexpected<Error>;

Failure fail(Errc code, std::string_view where, std::string_view what, std::string_view advice = {});
Failure fail_at(Errc code, std::string_view where, u64 offset, std::string_view what, std::string_view advice = {});
/// From `errno`: EPERM and EACCES become `no_permission`.
Failure fail_system(std::string_view where, std::string_view advice = {});
Failure fail_system(std::string_view where, int errno_value, std::string_view advice = {});

/// value = RAWKET_TRY(expression); hands an error to the caller.
#define RAWKET_TRY(...)                                                \
  __extension__({                                                      \
    auto rawket_result = (__VA_ARGS__);                                \
    if (!rawket_result) return ::rawket::Failure{std::move(rawket_result).error()}; \
    *std::move(rawket_result);                                         \
  })

}  // namespace rawket
