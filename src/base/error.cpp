// How an error reads.
#include "rawket/base/error.hpp"

#include <cerrno>
#include <cstring>

namespace rawket {

std::string Error::text() const {
  std::string s = where;
  if (!what.empty()) {
    if (!s.empty()) s += ": ";
    s += what;
  }
  if (located) {
    s += " at byte ";
    s += std::to_string(offset);
  }
  if (errno_value != 0) {
    s += ": ";
    s += std::strerror(errno_value);
  }
  if (!advice.empty()) {
    s += "\n  ";
    s += advice;
  }
  return s;
}

Failure fail(Errc code, std::string_view where, std::string_view what, std::string_view advice) {
  return Failure{Error{.code = code, .where = std::string(where), .what = std::string(what), .advice = std::string(advice)}};
}

Failure fail_at(Errc code, std::string_view where, u64 offset, std::string_view what, std::string_view advice) {
  return Failure{Error{.code = code, .where = std::string(where), .what = std::string(what), .advice = std::string(advice), .offset = offset, .located = true}};
}

Failure fail_system(std::string_view where, int errno_value, std::string_view advice) {
  const Errc code = errno_value == EPERM || errno_value == EACCES ? Errc::no_permission : Errc::system;
  return Failure{Error{.code = code, .where = std::string(where), .what = {}, .advice = std::string(advice), .errno_value = errno_value}};
}

Failure fail_system(std::string_view where, std::string_view advice) { return fail_system(where, errno, advice); }

}  // namespace rawket
