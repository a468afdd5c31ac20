# Sourced: `build NAME CMAKE-OPTIONS...` configures and builds into build/NAME, quietly unless it fails.
build() {
  local tree=build/$1 log
  shift
  log=$(mktemp)
  local launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
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
