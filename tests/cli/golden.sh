#!/usr/bin/env bash
# The golden jobs give the digests that are stored, on every instruction set of this processor. (scripts/checks/bits.sh
# does the same for several programs, numbers of threads and tile sizes.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

goldens=("$root"/tests/golden/*.json)
[[ ${#goldens[@]} -ge 3 ]] || fail "golden jobs are missing"
read -r -a sets < <("$tailbit" devices --json |
  python3 -I -c 'import json, sys; print(*json.load(sys.stdin)["cpu"]["instruction_sets"])')
for golden in "${goldens[@]}"; do
  same "$(json "$golden" schema)" tailbit.golden/1 "schema of $golden"
  for isa in "${sets[@]}"; do
    expect 0 "$tailbit" run "$root/$(json "$golden" config)" --out out --device cpu --isa "$isa" --force --quiet
    same "$(json out/summary.json numerics)" "$(json "$golden" numerics)" "numerics of $(basename "$golden")"
    same "$(digest out)" "$(json "$golden" losses_sha256)" "losses of $(basename "$golden") on $isa"
  done
done

# What the known job is there for: every kind of contract, dates inside steps, groups by two keys.
expect 0 "$tailbit" validate "$root/tests/golden/known_job/run.json" --json
cp stdout plan.json
same "$(json plan.json underlyings)" 4 "underlyings of the known job"
[[ $(json plan.json dates_inside_steps) -ge 4 ]] || fail "the known job has no dates inside steps"
echo ok
