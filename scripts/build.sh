# Sourced: `build NAME CMAKE-OPTIONS...` configures and builds into build/NAME, quietly unless it fails.

# The compiler that will be used has to know C++23 as g++ 12 does.
compiler_is_new_enough() {
  printf '#include <expected>\nstd::expected<int, int> e = 1;\n' | "${CXX:-c++}" -std=c++23 -fsyntax-only -x c++ - 2>/dev/null && return 0
  echo "${CXX:-c++} is too old: rawket needs g++ 12 or later (std::expected)." >&2
  echo "  Debian 12 and Ubuntu 24.04 have it; elsewhere install it and set CXX=g++-12" >&2
  return 1
}

# Whether a build tree can be made or used by this user; says whose it is when not.
may_write() {
  local path
  for path in "$1/CMakeCache.txt" "$1" build .; do
    [ -e "$path" ] || continue
    [ ! -w "$path" ] || return 0
    echo "$PWD/$path belongs to $(stat -c %U "$path"), and you are $(id -un)." >&2
    if [ "$path" = . ]; then echo "  copy the folder to a place of your own, or ask for the right to write into it" >&2
    else echo "  remove it, or run this as $(stat -c %U "$path")" >&2; fi
    return 1
  done
}

build() {
  local tree=build/$1 log
  shift
  compiler_is_new_enough || return 1
  may_write "$tree" || return 1
  log=$(mktemp)
  local launcher=()
  # A cache that cannot be written (no home) would stop the compiler. Paths below this folder do not count, so that clones share.
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  if command -v ccache >/dev/null && [ -w "${CCACHE_DIR:-${HOME:-/nonexistent}}" ]; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  echo "Building $tree ..." >&2
  if ! { cmake -S . -B "$tree" -G Ninja "${launcher[@]}" "$@" && cmake --build "$tree"; } >"$log" 2>&1; then
    grep -E 'error|Error|FAILED' "$log" | head -n 40 >&2
    tail -n 20 "$log" >&2
    echo "The build failed; the lines above say where." >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
