#!/usr/bin/env bash
# Writes the digests of the golden jobs anew, with the program given:
#
#   tests/golden/update.sh build/cpu-release/tailbit
#
# For a change of numerics only (docs: definitions, "numerics" in CHANGELOG.md). Before it writes, it makes sure that the
# program gives the same digest on every instruction set that this processor has.
set -euo pipefail

[[ $# == 1 ]] || { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 64; }
tailbit=$(readlink -f "$1")
golden=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$golden/../.." && pwd)
scratch=$(mktemp -d)
# shellcheck disable=SC2064  # the folder's name now, not when the trap runs
trap "rm -rf '$scratch'" EXIT

field() { python3 -I -c 'import functools, json, sys; print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."), json.load(open(sys.argv[1]))))' "$@"; }
instruction_sets() { "$tailbit" devices --json | python3 -I -c 'import json, sys; print(*json.load(sys.stdin)["cpu"]["instruction_sets"])'; }

for file in "$golden"/*.json; do
  config=$(field "$file" config)
  digest=
  for isa in $(instruction_sets); do
    "$tailbit" run "$root/$config" --out "$scratch/out" --device cpu --isa "$isa" --force --quiet 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
    found=$(field "$scratch/out/summary.json" digests.losses_sha256)
    if [[ -n $digest && $found != "$digest" ]]; then
      echo "$config: $isa gives $found, another instruction set $digest; nothing was written" >&2
      exit 1
    fi
    digest=$found
  done
  numerics=$(field "$scratch/out/summary.json" numerics)
  before=$(field "$file" losses_sha256)
  printf '{"schema": "tailbit.golden/1", "config": "%s", "numerics": %s, "losses_sha256": "%s"}\n' \
    "$config" "$numerics" "$digest" >"$file"
  if [[ $before == "$digest" ]]; then echo "same     $config"; else echo "changed  $config: $digest"; fi
done
