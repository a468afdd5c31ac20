#!/usr/bin/env bash
# Installs what is missing of some packages: says what and what for, and uses sudo only when needed.
# Arguments: what they are needed for, then the packages.
set -u

purpose=$1
shift
missing=()
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "$purpose needs these packages, and this system has no apt-get to install them: ${missing[*]}" >&2
  exit 1
fi
echo "$purpose needs packages that are not installed: ${missing[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  # Without a terminal nothing may ask for a password.
  if [ -t 0 ] && command -v sudo >/dev/null; then
    as_root=(sudo)
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    echo "Installing them needs root. Run this once, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
    exit 1
  fi
fi
run() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null; }
echo "Installing them${as_root[0]:+ with sudo} ..." >&2
log=$(mktemp)
if ! { run apt-get update -qq && run apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Installing failed; the lines above say why." >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"
