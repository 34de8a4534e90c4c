#!/usr/bin/env bash
# Prometheus' own tool reads the metrics and the alerts, and tries the alerts.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
command -v promtool >/dev/null || skip "promtool is not installed (Debian's package prometheus)"

accepts() { promtool check metrics <"$1" >stdout 2>&1 && empty stdout; }

sample_job job
expect 0 "$tailbit" run job/run.json --device cpu --quiet --metrics a.prom
accepts a.prom || fail "promtool refuses the metrics of a run: $(cat stdout)"
expect 0 "$tailbit" run job/run.json --device cpu --quiet --metrics b.prom --metrics-name intraday
accepts b.prom || fail "promtool refuses metrics with a name: $(cat stdout)"
expect 66 "$tailbit" run missing.json --quiet --metrics c.prom
accepts c.prom || fail "promtool refuses the metrics of a failure: $(cat stdout)"
# It can refuse.
grep -v '^# HELP tailbit_scenarios ' a.prom >spoiled.prom
! accepts spoiled.prom || fail "promtool takes a metric without HELP"
sed 's/tailbit_run_duration_seconds/tailbit_run_duration_milliseconds/' a.prom >spoiled.prom
! accepts spoiled.prom || fail "promtool takes milliseconds"

rules=$root/configs/observability/prometheus
expect 0 promtool check rules "$rules/tailbit.rules.yml"
expect 0 promtool test rules "$rules/tailbit.test.yml"
# Each number in the alerts matters to their tests.
mutants=0
while read -r from to; do
  sed "s|$from|$to|" "$rules/tailbit.rules.yml" >tailbit.rules.yml
  cp "$rules/tailbit.test.yml" .
  ! cmp -s tailbit.rules.yml "$rules/tailbit.rules.yml" || fail "the rules have no $from"
  promtool check rules tailbit.rules.yml >stdout 2>&1 || fail "not a rule: $to"
  ! promtool test rules tailbit.test.yml >stdout 2>&1 || fail "no test notices $to in place of $from"
  mutants=$((mutants + 1))
done <<'MUTANTS'
vector(900) vector(1300)
vector(900) vector(700)
vector(900) vector(899)
vector(900) vector(901)
vector(300) vector(299)
vector(300) vector(301)
absent(tailbit_last_run absent(tailbit_never_run
vector(0.05) vector(0.049)
vector(0.05) vector(0.07)
for:.15m for: 5m
for:.30m for: 20m
!=.10.and !=\ 11\ and
!=.12.and !=\ 13\ and
code.!=.75 code\ !=\ 74
code.==.75 code\ ==\ 74
code.==.10 code\ ==\ 12
early.==.1 early\ ==\ 0
cpu.==.1 cpu\ ==\ 0
mismatches.>.0 mismatches\ >\ 2
restarts.>.0 restarts\ >\ 1
unless.on(instance,.name) unless\ on(instance)
MUTANTS
same "$mutants" 21 "mutants"
echo ok
