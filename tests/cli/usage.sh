#!/usr/bin/env bash
# The command line itself: help, mistakes, and the commands that need no job.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

# --- Help: examples first ---

expect 0 "$tailbit" --help
same "$(head -n 1 stdout)" "Examples:" "the first line of the help"
sed -n 's/^  \([a-z]\+\)  .*/\1/p' stdout >commands
[[ $(wc -l <commands) -ge 17 ]] || fail "the help lists $(wc -l <commands) commands"
echo init book >>commands
while read -ra command; do
  expect 0 "$tailbit" "${command[@]}" --help
  same "$(head -n 1 stdout)" "Examples:" "the first line of the help of ${command[*]}"
  grep -q "^  tailbit ${command[*]}" stdout || fail "no example of ${command[*]}"
done <commands
expect 0 "$tailbit" run --help
says stdout --out --device --scenarios --seed --threads --precision --greek-units --tile --isa --force --quiet --json CONFIG

# The examples of the help are commands that exist.
expect 0 "$tailbit" --help
sed -n 's/^  tailbit \([a-z]*\) .*/\1/p' stdout >examples
[[ $(wc -l <examples) -ge 3 ]] || fail "the help has no examples"
while read -r command; do expect 0 "$tailbit" "$command" --help; done <examples

# --- Mistakes: 64, what was wrong, what was meant ---

hint=
mistake() { # TEXT ARGUMENT...
  local text=$1
  shift
  expect 64 "$tailbit" "$@"
  empty stdout
  # shellcheck disable=SC2016  # no command
  says stderr "tailbit: " "$text" 'See `tailbit' "$hint"
}
mistake "subcommand is required"
hint=' run --help`.'
mistake "--max-seconds" run job.json --max-seconds -1
grep -q "is not known" stderr && fail "a value is taken for a name"
hint=' init book --help`.'
mistake "--nonsense" init book --nonsense
hint=
mistake 'did you mean "run"?' rum job.json
mistake 'did you mean "validate"?' valdate job.json
mistake 'did you mean "compare"?' comprae a b
mistake 'did you mean "devices"?' device
mistake 'did you mean "--scenarios"?' run job.json --scenario 5
mistake 'did you mean "--scenarios"?' run job.json --scenarois=5
mistake 'did you mean "--threads"?' run job.json --thread 5
mistake 'did you mean "--tolerance"?' compare a b --tolerence 1e-3
mistake 'did you mean "--json"?' version --jsn
mistake "--nonsense" run job.json --nonsense
mistake "CONFIG" run
mistake "FILE" price
mistake "deribit-chain" import deribit-chian x.csv --out y
mistake "--out" import deribit-chain x.csv
mistake "B" compare only-one
mistake "--threads" run job.json --threads 0
mistake "--threads" run job.json --threads many
mistake "--tile" run job.json --tile 0
mistake "--isa" run job.json --isa v5
mistake "--precision" run job.json --precision half
mistake "--greek-units" run job.json --greek-units usd
mistake "--scenarios" run job.json --scenarios 0
mistake "--scenarios" run job.json --scenarios 1.5
for seed in abc -1 +1 1e3 18446744073709551616; do mistake "--seed" run job.json --seed=$seed; done
mistake "the path is empty" run job.json --out ""
mistake "the path is empty" merge out --config ""
mistake "no such command" rnu job.json
mistake "--tolerance" compare a b --tolerance -1
mistake "surplus" run job.json surplus
mistake "--from-market" init book
mistake 'did you mean "--positions"?' init book --from-market x --position 5
mistake 'did you mean "--from-market"?' init book --from-markt x

sample_job job
expect 64 "$tailbit" run job/run.json --device tpu
says stderr "tpu" "use auto, cpu, cuda"
expect 64 "$tailbit" run job/run.json --device cuda:x
says stderr "cuda:x"
expect 64 "$tailbit" run job/run.json --device cuda:1,1
says stderr "twice"

# --- Commands without a job ---

expect 0 "$tailbit" version
says stdout "tailbit " "numerics "
expect 0 "$tailbit" version --json
cp stdout version.json
same "$(json version.json schema)" tailbit.version/1 "schema of the version"
[[ $(json version.json numerics) -ge 1 ]] || fail "no numerics"

expect 0 "$tailbit" devices
says stdout "cpu" "threads" "cuda"
expect 0 "$tailbit" devices --json
cp stdout devices.json
same "$(json devices.json schema)" tailbit.devices/1 "schema of the devices"
python3 -I - <<'PYTHON' || fail "the devices do not say what is there"
import json
devices = json.load(open("devices.json"))
assert devices["cpu"]["name"] and devices["cpu"]["threads"] >= 1 and "baseline" in devices["cpu"]["instruction_sets"]
assert devices["cuda"] or devices["cuda_reason"]
PYTHON

expect 0 "$tailbit" selftest
says stdout "ok " "Philox"
expect 0 "$tailbit" selftest --json
cp stdout selftest.json
same "$(json selftest.json schema)" tailbit.selftest/1 "schema of the self-test"
same "$(json selftest.json pass)" True "the self-test"
echo ok
