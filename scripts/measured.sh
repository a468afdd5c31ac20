#!/usr/bin/env bash
# A compiler launcher: runs the command and notes its CPU seconds in OBJECT.seconds, for check_compile_time.py.
object='' previous=''
for word in "$@"; do
  [ "$previous" = -o ] && object=$word
  previous=$word
done
TIMEFORMAT='%U %S'
exec 3>&2
{ time "$@" 2>&3; } 2>"${object:-/dev/null}${object:+.seconds}"
