#!/usr/bin/env bash
# run --metrics FILE: what monitoring is told, also of a run that failed.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
metric() { # FILE METRIC[{LABELS}]
  awk -v name="$2" '$1 == name { print $2; found = 1 } END { exit !found }' "$1" || fail "$1 has no $2: $(cat "$1")"
}
run() { expect "$1" "$tailbit" run job/run.json --force --quiet --metrics prom/tailbit.prom "${@:2}"; }
mkdir prom

# --- A result ---

before=$(date +%s)
run 0 --device cpu
after=$(($(date +%s) + 1))
file=prom/tailbit.prom
same "$(ls prom)" tailbit.prom "what the run left beside the metrics"
same "$(metric $file tailbit_last_exit_code)" 0 "exit code"
same "$(metric $file tailbit_scenarios)" 2000 "scenarios"
same "$(metric $file tailbit_run_fell_back_to_cpu)" 0 "fallback where the CPU was asked for"
success=$(metric $file tailbit_last_success_timestamp_seconds)
python3 -I - $file "$before" "$after" <<'PYTHON' || fail "the metrics are not those of the summary"
import json, sys
path, before, after = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
values = dict(line.rsplit(" ", 1) for line in open(path) if not line.startswith("#"))
values = {name: float(value) for name, value in values.items()}
summary = json.load(open("job/results/summary.json"))
for m in summary["measures"][:3]:
    for metric, key in (("var", "var"), ("var_standard_error", "var_se"), ("es", "es"), ("es_standard_error", "es_se")):
        name = f'tailbit_{metric}_usd{{group="book",level="{m["level"]}"}}'
        assert (m[key] is None and name not in values) or values[name] == m[key], name
assert values["tailbit_base_value_usd"] == summary["base_value"]
assert values["tailbit_gross_notional_usd"] == summary["gross_notional"]
assert values["tailbit_reprices"] == summary["reprices"]
assert values["tailbit_warnings"] == len(summary["warnings"]) > 0
for stage, seconds in summary["timings"].items():
    assert values[f'tailbit_stage_duration_seconds{{stage="{stage}"}}'] == seconds
assert before <= values["tailbit_last_success_timestamp_seconds"] <= after
assert values["tailbit_last_run_timestamp_seconds"] == values["tailbit_last_success_timestamp_seconds"]
assert sum(summary["timings"].values()) <= values["tailbit_run_duration_seconds"] <= after - before
assert not any(name.split("{")[0] in ("desk", "underlying") or "desk=" in name for name in values)
PYTHON

# --- Failures: their code, and the last success stays ---

cp job/market.json market.json
edit job/market.json 'd["underlyings"]["BTC"]["spot"] = -1'
run 65 --device cpu
same "$(metric $file tailbit_last_exit_code)" 65 "exit code of bad data"
same "$(metric $file tailbit_last_success_timestamp_seconds)" "$success" "last success after a failure"
! grep -q tailbit_var_usd $file || fail "a failed run has a value at risk"
cp market.json job/market.json
if [[ $("$tailbit" version) == *"CUDA backend: no"* ]]; then
  run 69 --device cuda
  same "$(metric $file tailbit_last_exit_code)" 69 "exit code of a device that is not there"
  same "$(metric $file tailbit_last_success_timestamp_seconds)" "$success" "last success after two failures"
  run 0 --device auto
  same "$(metric $file tailbit_run_fell_back_to_cpu)" 1 "fallback where a device was looked for"
fi
run 0 --device cpu
python3 -I -c 'import sys; assert float(sys.argv[1]) > float(sys.argv[2])' \
  "$(metric $file tailbit_last_success_timestamp_seconds)" "$success" || fail "the last success is not the last"
rm $file
edit job/market.json 'd["underlyings"]["BTC"]["spot"] = -1'
run 65 --device cpu
! grep -q tailbit_last_success $file || fail "a success that never was"
cp market.json job/market.json

# --- Several jobs ---

run 0 --device cpu --metrics-name intraday
same "$(metric $file 'tailbit_last_exit_code{name="intraday"}')" 0 "exit code with a name"
expect 64 "$tailbit" run job/run.json --metrics prom/a.prom --metrics-name 'a"b'
expect 64 "$tailbit" run job/run.json --metrics-name intraday

# --- A merge, and who may read ---

for rank in 0 1; do expect 0 "$tailbit" run job/run.json --device cpu --quiet --shard $rank/2 --out sharded; done
expect 0 "$tailbit" merge sharded --quiet --metrics prom/merge.prom
same "$(metric prom/merge.prom tailbit_last_exit_code)" 0 "exit code of a merge"
same "$(metric prom/merge.prom tailbit_scenarios)" 2000 "scenarios of a merge"
same "$(metric prom/merge.prom tailbit_audit_mismatches)" 0 "audits of a merge"
rm -r sharded/shard-1-of-2
expect 66 "$tailbit" merge sharded --quiet --metrics prom/merge.prom
same "$(metric prom/merge.prom tailbit_last_exit_code)" 66 "exit code of a merge that failed"
(umask 077 && run 0 --device cpu)
same "$(stat -c %a $file)" 644 "mode of the metrics"

# --- Nothing but metrics is replaced ---

for there in job/book.csv job/results/run.json job/results/losses.npy; do
  before=$(sha256sum $there)
  expect 73 "$tailbit" run job/run.json --device cpu --metrics $there
  says stderr "$there: the metrics cannot be written: it is there, and holds no metrics of tailbit"
  same "$(sha256sum $there)" "$before" "what --metrics named"
done
: >prom/empty.prom
expect 0 "$tailbit" run job/run.json --device cpu --quiet --metrics prom/empty.prom

# --- Places that cannot be written to are told before the run ---

rm -r job/results
expect 73 "$tailbit" run job/run.json --device cpu --metrics missing/a.prom
says stderr "missing/a.prom: the metrics cannot be written: there is no folder missing"
expect 73 "$tailbit" run job/run.json --device cpu --metrics prom
mkfifo prom/pipe
expect 73 "$tailbit" run job/run.json --device cpu --metrics prom/pipe
says stderr "it is not a file"
[[ -p prom/pipe ]] || fail "a pipe was replaced"
[[ ! -e job/results ]] || fail "a run began although its metrics had no place"
expect 0 "$tailbit" run job/run.json --device cpu --quiet
expect 73 "$tailbit" run job/run.json --device cpu --quiet --metrics job/results/metrics.prom
says stderr "it is one of the files of the result there"
expect 0 "$tailbit" verify job/results --quiet
rm -r job/results
# One that is lost on the way does not cost the results: no name beside this one is short enough for a file to write to.
longest=$(printf 'a%.0s' {1..255})
expect 0 "$tailbit" run job/run.json --device cpu --quiet --metrics "$longest"
says stderr "warning: the metrics are not written"
whole_result job/results
echo ok
