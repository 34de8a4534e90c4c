#!/usr/bin/env bash
# What docs/SECURITY.md says of how the program is built, read from the program itself.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
command -v readelf >/dev/null || skip "readelf is not installed"

readelf --wide --file-header --program-headers --dynamic --dyn-syms "$tailbit" >elf
has() { # WHAT PATTERN
  grep -qE "$2" elf || fail "the program is built without $1"
}
has "position-independent code" '^ *Type: +DYN'
has "a stack that holds no code" 'GNU_STACK .* RW +0x'
has "tables that are fixed after the start" 'GNU_RELRO'
has "functions bound at the start" 'FLAGS.* NOW'
has "guards on the stack" ' __stack_chk_fail@'
has "checked copies" ' __(mem|str|sn?printf|vsn?printf|read|fd)[a-z]*_chk@'
if grep -E '^ *LOAD .* RWE ' elf; then fail "memory of the program can be written and run"; fi
