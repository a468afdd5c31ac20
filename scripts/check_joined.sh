#!/usr/bin/env bash
# Compiles the sources of each library as one file, protocols apart: ./try joins them in groups, and any group has to do.
# So two files of a library may not give one name to two things, not even in unnamed namespaces.
set -u
cd "$(dirname "$0")/.." || exit 1
export compiler=${1:-g++}
one() {
  for source in "$@"; do printf '#include "%s/%s"\n' "$PWD" "$source"; done |
    "$compiler" -std=gnu++23 -I include -I cli -I . -DRAWKET_VERSION='""' -w -fsyntax-only -x c++ - 2>&1 | grep -E 'error' | head -n 8
  [ "${PIPESTATUS[1]}" -eq 0 ]
}
export -f one
printf '%s\n' 'src/base/*.cpp src/packet/*.cpp src/session/*.cpp' 'src/host/*.cpp src/io/*.cpp src/lab/*.cpp src/send/*.cpp' 'cli/*.cpp' |
  xargs -P 2 -I {} bash -c 'one {}'
