#!/usr/bin/env bash
# Installs into a fresh folder and builds strangers' programs against it: by find_package and by pkg-config.
set -u
cd "$(dirname "$0")/.." || exit 1
tree=$1 passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
attempt() {
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "$name:"; tail -n 15 "$work/log"; fi
}
by_cmake() {
  cmake -S tests/consumer -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" && cmake --build "$work/build" && "$work/build/packets" && "$work/build/sockets"
}
by_pkg_config() {
  local flags
  export PKG_CONFIG_PATH
  PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name rawket.pc)")
  flags=$(pkg-config --cflags --libs rawket) && g++ tests/consumer/sockets.cpp -o "$work/sockets" $flags && "$work/sockets" &&
    flags=$(pkg-config --cflags --libs rawket-core) && g++ tests/consumer/packets.cpp -o "$work/packets" $flags && "$work/packets"
}
attempt "install" cmake --install "$tree" --prefix "$work/prefix"
attempt "find_package" by_cmake
attempt "pkg-config" by_pkg_config
echo "$passed passed, $failed failed"
