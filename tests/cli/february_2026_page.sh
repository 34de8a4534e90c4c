#!/usr/bin/env bash
# docs/february_2026.md is what its command writes of the real market data, which lies beside the repository on the maintainers' machines.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

found=0
"$root/scripts/february_2026" "$root/../shared/data/market" "$tailbit" --out page.md >stdout || found=$?
if [[ $found == 77 ]]; then skip "$(sed -n 's/^SKIP: //p' stdout)"; fi
same "$found" 0 "the exit code"
cmp -s page.md "$root/docs/february_2026.md" || fail "another page than docs/february_2026.md: $(diff page.md "$root/docs/february_2026.md" | head -n 40)"
