#!/usr/bin/env bash
# Of configs/deploy/slurm and of Slurm in docs/operations.md, what tests/slurm/end_to_end.sh does not see: requeue.sbatch comes to an end; one
# shard that is missing is run again; the scrontab's entry.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
# shellcheck source-path=SCRIPTDIR source=../slurm/cluster.sh
source "$root/tests/slurm/cluster.sh"
deploy=$root/configs/deploy/slurm

# --- requeue.sbatch puts itself back after 75, ten times, and never after another code ---

mkdir stubs
# shellcheck disable=SC2016  # the stub's
printf '#!/bin/sh\nexit "$WANTED"\n' >stubs/tailbit
printf '#!/bin/sh\necho "$@" >>requeued\n' >stubs/scontrol
chmod +x stubs/*
requeue() { # CODE RESTARTS
  rm -f requeued
  PATH=$PWD/stubs:$PATH WANTED=$1 SLURM_JOB_ID=42 SLURM_RESTART_COUNT=$2 expect "$1" "$deploy/requeue.sbatch" job/run.json results
}
for restarts in "" 0 1 9; do
  requeue 75 "$restarts"
  same "$(cat requeued)" "requeue 42" "what requeue.sbatch does after \"$restarts\" restarts"
  empty stderr
done
for restarts in 10 11 200; do
  requeue 75 "$restarts"
  [[ ! -e requeued ]] || fail "requeue.sbatch puts itself back after $restarts restarts"
  says stderr "after $restarts restarts and is not put back again"
done
for code in 0 10 66 70; do
  requeue "$code" 0
  [[ ! -e requeued ]] || fail "requeue.sbatch puts itself back with $code"
  empty stderr
done

# Its signals reach the program, and however many come while it saves, the program's code is the job's.
cat >stubs/tailbit <<'STUB'
#!/bin/bash
trap 'echo USR1 >>signals; sleep 0.5; exit 75' USR1
touch ready
while :; do sleep 0.1; done
STUB
rm -f requeued
PATH=$PWD/stubs:$PATH SLURM_JOB_ID=42 SLURM_RESTART_COUNT=0 "$deploy/requeue.sbatch" job/run.json results &
script=$!
until [[ -e ready ]]; do sleep 0.1; done
for _ in 1 2 3; do
  kill -USR1 "$script"
  sleep 0.1
done
code=0
wait "$script" || code=$?
same "$code/$(head -n 1 signals)/$(cat requeued)" "75/USR1/requeue 42" "a job that is signalled"

# --- On a cluster ---

cluster_able
PATH=$(dirname "$tailbit"):$PATH
export PATH
cluster_configure "RequeueExit=75"
cluster_start
sample_job job 20000
expect 0 "$tailbit" run job/run.json --out plain --quiet --device cpu
cp "$deploy"/*.sbatch .
number_of() { grep -oE '[0-9]+$' | tail -n 1; } # what sbatch says without --parsable
ended_as() {                                      # JOB STATE WHAT
  wait_for "$1"
  same "$(job_field "$1" JobState)" "$2" "state of job $1 ($3)"
}

for rank in 0 1 2 4 5 6 7; do expect 0 "$tailbit" run job/run.json --out sharded --shard $rank/8 --quiet --device cpu; done
job=$(sbatch --parsable merge.sbatch sharded)
ended_as "$job" FAILED "a merge without shard 3"
same "$(job_field "$job" ExitCode)" 66:0 "exit code of a merge without shard 3"
block=$(documented slurm-shard)
job=$(eval "$block" | number_of)
ended_as "$job" COMPLETED "shard 3"
job=$(sbatch --parsable merge.sbatch sharded)
ended_as "$job" COMPLETED "the merge"
same "$(digest sharded)" "$(digest plain)" "losses with the shard that was run again"

# An array of that one task alone would be shard 0 of 1.
job=$(sbatch --parsable --array=3 shards.sbatch job/run.json alone)
wait_for "$job"
same "$(job_field "$job" ExitCode)" 64:0 "exit code of an array of one task"

# The entry of the scrontab, which Debian's Slurm has no program for: options and command as a batch job.
block=$(documented scrontab)
line=$(tail -n 1 <<<"$block")
read -r -a fields <<<"$line"
same "${fields[*]:0:5}" "*/5 * * * *" "when the scrontab's entry runs"
{
  printf '#!/bin/sh\n'
  sed '$d; s/^#SCRON/#SBATCH/' <<<"$block"
  printf '%s\n' "${fields[*]:5}"
} >entry
[[ $(grep -c ^#SBATCH entry) == $(($(wc -l <<<"$block") - 1)) ]] || fail "the scrontab's block holds more than options and one entry"
job=$(sbatch --parsable entry)
ended_as "$job" COMPLETED "the scrontab's entry"
same "$(digest results)" "$(digest plain)" "losses of the scrontab's run"
whole_result results
echo ok
