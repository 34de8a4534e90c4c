#!/usr/bin/env bash
# Fails when a program holds vfmaddsub or vfmsubadd: the compiler then fused a product and a sum that the source keeps
# apart, and the bits depend on its options (g++ 12 does so even under -ffp-contract=off).
#
#   contraction.sh BINARY...
#   contraction.sh --self-test
set -euo pipefail

# Prints the offending instructions of one binary with the functions that hold them; succeeds when there are none.
scan() {
  objdump --disassemble --no-show-raw-insn --demangle "$1" |
    awk -v binary="$1" '
      /^[0-9a-f]+ </ { name = $0; sub(/^[0-9a-f]+ </, "", name); sub(/>:$/, "", name) }
      /vfmaddsub|vfmsubadd/ { if (++count[name] == 1) order[++names] = name }
      END {
        for (i = 1; i <= names && i <= 20; ++i) printf "%s: %d in %s\n", binary, count[order[i]], order[i]
        if (NR < 10) { printf "%s: no code found in it\n", binary; exit 1 }
        exit names > 0
      }'
}

self_test() {
  local dir
  dir=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder's name now, not when the trap runs
  trap "rm -rf '$dir'" EXIT
  local kind
  for kind in vfmadd213pd vfmaddsub213pd vfmsubadd132ps; do
    { echo 'f:'; printf 'nop\n%.0s' {1..12}; echo "$kind %ymm0, %ymm1, %ymm2"; } | as --64 -o "$dir/$kind.o" -
  done
  scan "$dir/vfmadd213pd.o" >/dev/null || { echo "a false alarm on a plain fma"; return 1; }
  for kind in vfmaddsub213pd vfmsubadd132ps; do
    if scan "$dir/$kind.o" >/dev/null; then echo "missed $kind"; return 1; fi
  done
  echo "ok: finds what it should find"
}

if [[ ${1:-} == --self-test ]]; then
  self_test
  exit
fi
[[ $# -gt 0 ]] || { echo "no binary given: nothing was checked"; exit 1; }
bad=0
for binary in "$@"; do scan "$binary" || bad=1; done
[[ $bad == 0 ]] && echo ok
exit "$bad"
