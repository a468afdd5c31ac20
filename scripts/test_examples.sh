#!/usr/bin/env bash
# Runs each example on a host of a lab, where no right is needed. The last line is "N passed, N failed[, N skipped]".
set -u
cd "$(dirname "$0")/.." || exit 1
tree=$1 passed=0 failed=0 skipped=0
timeout 30 "$tree/rawket" lab run -- true 2>/dev/null
no_lab=$?
for source in examples/*.cpp; do
  name=$(basename "$source" .cpp)
  if [ $no_lab -ne 0 ]; then
    skipped=$((skipped + 1))
  elif output=$(timeout 60 "$tree/rawket" lab run -- "$tree/examples/example_$name" 2>&1 </dev/null); then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "examples/$name.cpp ends with an error:"
    echo "$output" | tail -n 10
  fi
done
[ $skipped -eq 0 ] || echo "the examples are skipped: there can be no lab here" >&2
echo "$passed passed, $failed failed$([ $skipped -eq 0 ] || echo ", $skipped skipped")"
