#!/usr/bin/env bash
# Compiles each public header alone: none needs another to be included before it.
set -u
cd "$(dirname "$0")/.." || exit 1
export compiler=${1:-g++}
one() {
  printf '#include "%s"\n' "${1#include/}" | "$compiler" -std=gnu++23 -I include -Wall -Wextra -Wshadow -Werror -fsyntax-only -x c++ - 2>&1 | head -n 5
  [ "${PIPESTATUS[1]}" -eq 0 ] || { echo "$1 does not compile alone"; return 1; }
}
export -f one
find include -name '*.hpp' | sort | xargs -P 2 -I {} bash -c 'one {}'
