#!/usr/bin/env bash
# `schema`: the list of formats, each one's JSON schema, and what a schema says where a reader says nothing. (What the
# schemas accept and refuse: scripts/checks/schemas.py and tests/unit/schemas_test.cpp.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

# --- The list: every file of configs/schema, with its title ---

expect 0 "$tailbit" schema
cp stdout list
empty stderr
same "$(wc -l <list)" "$(find "$root/configs/schema" -name '*.json' | wc -l)" "formats that are listed"
grep -qE '^tailbit\.run/1 +Job$' list || fail "the list has no titles: $(head -n 3 list)"
expect 0 "$tailbit" schema --json
cp stdout list.json
same "$(json list.json schema)" tailbit.schemas/1 "schema of the list"
same "$(python3 -I -c 'import json; print(*(s["name"] for s in json.load(open("list.json"))["schemas"]))')" \
  "$(cut -d ' ' -f 1 list | paste -s -d ' ')" "names as JSON and as text"

# --- A schema: as in the repository, under each of its names ---

for file in "$root"/configs/schema/*.json; do
  name=$(basename "$file" .json)
  for spelling in "tailbit.${name%-*}/${name##*-}" "${name%-*}/${name##*-}" "${name%-*}"; do
    expect 0 "$tailbit" schema "$spelling"
    cmp -s stdout "$file" || fail "schema $spelling is not configs/schema/$name.json; if a contract family changed, write that anew:
  tailbit schema instruments > new.json && mv new.json configs/schema/instruments-1.json"
  done
done

# --- Mistakes ---

expect 64 "$tailbit" schema markt
empty stdout
says stderr 'there is no schema "markt" (did you mean "market"?)' "tailbit schema"
expect 64 "$tailbit" schema tailbit.rum/1
says stderr 'did you mean "tailbit.run/1"?'
expect 64 "$tailbit" schema run/2
says stderr 'did you mean "run/1"?'
expect 64 "$tailbit" schema ""
says stderr 'there is no schema ""'
expect 64 "$tailbit" schema run market

# --- A file that breaks a rule of the schema alone is refused with its place ---

sample_job job
edit job/instruments.json 'd["instruments"].insert(0, {"id": "S", "family": "spot", "underlying": ""})'
expect 65 "$tailbit" validate job/run.json
says stderr 'job/instruments.json:/instruments/0/underlying: "" does not follow the schema tailbit.instruments/1' \
  'the schema says: "A name of the market"'
same "$(wc -l <stderr)" 1 "lines of messages"

# Files may say where their schema lies.
sample_job other
edit other/run.json 'd["$schema"] = "run-1.json"'
expect 0 "$tailbit" validate other/run.json
echo ok
