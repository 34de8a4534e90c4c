#!/usr/bin/env bash
# Fails when the hot loops of an instruction set call a function that was not inlined into them: such a copy is compiled
# for the baseline, and shared by the linker between all instruction sets.
#
#   inlined.sh OBJECT...       hot_loops_v3.cpp.o and the like, of an optimised build
#   inlined.sh --self-test
set -euo pipefail

# Prints the functions of one object that the linker may share.
scan() {
  nm --defined-only --demangle "$1" |
    awk -v object="$1" '
      $2 == "W" || $2 == "u" { sub(/^[^ ]+ [^ ]+ /, ""); printf "%s: not inlined: %s\n", object, $0; bad = 1 }
      END { if (NR == 0) { printf "%s: no symbols found in it\n", object; bad = 1 } exit bad }'
}

self_test() {
  local dir
  dir=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder's name now, not when the trap runs
  trap "rm -rf '$dir'" EXIT
  printf '.globl f\n.text\nf: ret\n' | as --64 -o "$dir/good.o" -
  printf '.weak g\n.text\ng: ret\n' | as --64 -o "$dir/bad.o" -
  scan "$dir/good.o" >/dev/null || { echo "a false alarm on a function of its own"; return 1; }
  if scan "$dir/bad.o" >/dev/null; then echo "missed a shared function"; return 1; fi
  echo "ok: finds what it should find"
}

if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi
[[ $# -gt 0 ]] || { echo "no object given: nothing was checked"; exit 1; }
bad=0
for object in "$@"; do scan "$object" || bad=1; done
[[ $bad == 0 ]] && echo ok
exit "$bad"
