// What this process may do, and giving it up for good: capabilities(7), user_namespaces(7).
#pragma once
#include <string>

#include "rawket/base/error.hpp"

namespace rawket {

struct Privileges {
  u32 user = 0;                     ///< effective uid
  u64 effective = 0, permitted = 0; ///< capability bits
  bool no_new_privileges = false;
  bool in_user_namespace = false;   ///< not the initial one: rights count only inside
  bool user_namespaces_allowed = false;  ///< tried in a child process, not guessed from settings

  bool has(unsigned capability) const { return (effective >> capability & 1) != 0; }
};
inline constexpr unsigned cap_net_admin = 12, cap_net_raw = 13;

Privileges privileges();

/// The smallest fix for a missing CAP_NET_RAW, as text with commands: setcap for this very binary, sudo, or `rawket lab run`.
std::string advice_for_net_raw();

/// What `drop_privileges` did, for those who tell or test it.
struct DropReport {
  u32 user = 0;                 ///< the uid now
  bool changed_user = false;
  bool kept_namespace_root = false;  ///< uid 0 of a user namespace stays: it maps no other, and outside it is an ordinary user
  bool bounding_set_empty = false;   ///< false when emptying it was not allowed (an ordinary user with a file capability)
};

/// Gives up everything that is not needed to use open descriptors: capabilities 0 in all sets (bounding set too where
/// allowed), ambient 0, no_new_privs, and a uid that is not 0. The uid is the first of these that may be taken: the real
/// one of a set-uid program, SUDO_UID when it is a number above 0, nobody (65534). In a user namespace that maps nothing
/// but uid 0, that uid may stay, unless it is the machine's root outside. Everything is read back, for all threads; an
/// error means nothing may be looked at. Call it before threads are started: capabilities belong to a thread.
Result<void> drop_privileges(DropReport* report = nullptr);

/// Gives a file or folder that was just made to the user that `drop_privileges` becomes, so that it can be written to later.
/// Nothing to do for an ordinary user, and in a user namespace that maps no other.
void hand_over(const std::string& path);

}  // namespace rawket
