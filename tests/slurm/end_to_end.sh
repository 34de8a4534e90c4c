#!/usr/bin/env bash
# The files of configs/deploy/slurm on a real Slurm cluster, submitted as docs/operations.md says: single runs, shards and a merge, signals,
# requeues, a node that dies, a device that is missing. Whatever happens to a job, its losses are those of an undisturbed run, to the bit.
#
#   tests/slurm/end_to_end.sh TAILBIT SOURCE-FOLDER [--report FILE]     prints "N passed, N failed, N skipped"
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
# shellcheck source-path=SCRIPTDIR source=cluster.sh
source "$root/tests/slurm/cluster.sh"
report=""
if [[ ${3-} == --report ]]; then report=$(cd "$OLDPWD" && readlink -f "$4"); fi
cluster_able
passed=0 skipped=0
ok() { # WHAT
  passed=$((passed + 1))
  echo "ok: $1"
}
counts() { # FAILED
  if [[ $report ]]; then
    printf '{"suite": "slurm", "what": "Slurm end to end", "points": %d, "failed": %d, "skipped": %d}\n' $((passed + $1)) "$1" "$skipped" >"$report"
  fi
  echo "$passed passed, $1 failed, $skipped skipped"
}
fail() { # MESSAGE: the first failure ends it
  echo "FAILED: $1" >&2
  counts 1
  exit 1
}

PATH=$(dirname "$tailbit"):$PATH
export PATH
deploy=$root/configs/deploy/slurm
scheduler_conf=("RequeueExit=75" "RequeueExitHold=69")
cluster_configure "${scheduler_conf[@]}"
cluster_start

sample_job job 20000
# Long enough to be interrupted; one thread, small tiles: slow, and the bits are the same.
sample_job long 1000000
slow=(--threads 1 --tile 64 --checkpoint-seconds 0.2)
expect 0 "$tailbit" run job/run.json --out plain --quiet --device cpu
expect 0 "$tailbit" run long/run.json --out plain-long --quiet --device cpu
submit() { sbatch --parsable --output="$PWD/log-%x-%j-%a" "$@"; }
state() { same "$(job_field "$1" JobState)" "$2" "state of job $1 ($3)"; }        # JOB STATE WHAT
same_losses() { same "$(digest "$1")" "$(digest "$2")" "losses of $1"; }           # RESULT RESULT
number_of() { grep -oE '[0-9]+$' | tail -n 1; }                                     # what sbatch says without --parsable
has_saved() { compgen -G "$1/.tailbit/parts/*" >/dev/null; }                           # OUT
# Stops the worker of the run into a folder once it has saved something, so that what comes next finds it at work on any machine.
hold() { # OUT; sets worker
  local process parent
  until_true 60 "the first checkpoint in $1" has_saved "$1"
  for process in $(pgrep -f -- "^tailbit run .* --out ${1%/shard-*} "); do
    parent=$(ps -o ppid= "$process" | tr -d ' ')
    # The supervisor's parent is another program; of several shards, the one that holds this folder's lock. Other files it
    # opens and closes meanwhile, of which readlink then complains.
    if [[ $(cat "/proc/$parent/comm" 2>/dev/null) == tailbit ]] &&
      [[ $(readlink "/proc/$process"/fd/* 2>/dev/null || true) == *"/$1/"* ]]; then
      kill -STOP "$process"
      worker=$process
      return
    fi
  done
  fail "the run into $1 is not found"
}
release() { # after a moment in which signals arrive
  sleep 0.5
  kill -CONT "$worker" 2>/dev/null || true # Slurm may have, before it signals
}

# While the rest is tested: a job whose time is up before it is done, so that Slurm itself sends the signal. Slurm looks at times every
# half minute; so that the job is not done by then on any machine, its worker is held until Slurm says that it has sent it.
timed=$(submit --nodelist=n4 --time=1 --signal=B:USR1@60 "$deploy/run.sbatch" long/run.json timed-out --device cpu "${slow[@]}")
hold timed-out
timed_worker=$worker

# --- One run ---

cp "$deploy"/*.sbatch .
block=$(documented slurm-run)
job=$(eval "$block" | number_of)
wait_for "$job"
state "$job" COMPLETED "one run"
same_losses results plain
whole_result results
ok "one run: COMPLETED, whole, the same losses"

job=$(submit "$deploy/run.sbatch" job/run.json results --log-level info)
wait_for "$job"
state "$job" COMPLETED "the same run again"
grep -q "holds the result of this job already" log-tailbit-"$job"-* || fail "a second run does not say that the result is there"
ok "submitted twice: the second does nothing"

# --- Exit codes reach Slurm ---

job=$(submit "$deploy/run.sbatch" job/missing.json none --device cpu)
wait_for "$job"
state "$job" FAILED "a config that is missing"
same "$(job_field "$job" ExitCode)" 66:0 "exit code of a job without config"
same "$(job_field "$job" Restarts)" 0 "restarts of a job without config"
ok "input missing: 66, not put back"

job=$(submit "$deploy/run.sbatch" job/run.json stopped --device cpu --max-seconds 0.0001)
wait_for "$job"
same "$(job_field "$job" ExitCode)" 12:0 "exit code of a job that ended in time"
ok "--max-seconds: 12"

if ! "$tailbit" devices --json | grep -q '"usable": true'; then
  job=$(submit "$deploy/run.sbatch" job/run.json none --device cuda)
  until_true 30 "a job without GPU to be held" is_held "$job"
  same "$(job_field "$job" ExitCode)" 69:0 "exit code of a job without its GPU"
  scancel "$job"
  ok "no GPU where one is asked for: 69, held (RequeueExitHold)"
fi

# --- USR1, as Slurm sends it before the time is up: 75, back into the queue, on from the checkpoint ---

job=$(submit "$deploy/run.sbatch" long/run.json signalled --device cpu "${slow[@]}")
hold signalled
scancel --signal=USR1 --batch "$job"
release
until_true 60 "the job to be put back" restarted "$job" 1
same "$(job_field "$job" ExitCode)" 75:0 "exit code after USR1"
[[ ! -e signalled/run.json ]] || fail "there is a result after USR1"
ok "USR1: 75, no result, back in the queue"
wait_for "$job" 180
state "$job" COMPLETED "the run after USR1"
same_losses signalled plain-long
[[ $(json signalled/run.json scheduler.SLURM_RESTART_COUNT) == 1 ]] || fail "the manifest does not name the restart"
[[ $(json signalled/run.json resumed_scenarios) -gt 0 ]] || fail "the run began anew instead of going on"
ok "it goes on from the checkpoint to the same losses"

# --- Shards and merge ---

# The block sets `shards` and prints the merge's number.
block=$(documented slurm-shards)
eval "$block" >said
merge=$(number_of <said)
wait_for "$merge"
state "$merge" COMPLETED "the merge"
same "$(find sharded -maxdepth 1 -name 'shard-*-of-8' | wc -l)" 8 "shards"
same_losses sharded plain
whole_result sharded
ok "an array of 8 shards and a merge: the same losses as one run"
cmp sharded/losses.npy plain/losses.npy || fail "losses.npy of the merged run differs"
cmp sharded/exposure.csv plain/exposure.csv || fail "exposure.csv of the merged run differs"
expect 0 "$tailbit" compare sharded plain
ok "compare calls them equal; files are equal to the byte"

# An array whose numbers begin elsewhere.
shards=$(submit --array=5-7 "$deploy/shards.sbatch" job/run.json from-five --device cpu)
merge=$(submit --dependency=afterany:"$shards" "$deploy/merge.sbatch" from-five)
wait_for "$merge"
same_losses from-five plain
ok "an array 5-7: three shards, the same losses"

# A shard that is missing.
shards=$(submit --array=0-3 "$deploy/shards.sbatch" job/run.json holed --device cpu)
wait_for "$shards"
rm -r holed/shard-2-of-4
merge=$(submit --dependency=afterany:"$shards" "$deploy/merge.sbatch" holed)
wait_for "$merge"
same "$(job_field "$merge" ExitCode)" 66:0 "exit code of a merge without one shard"
[[ ! -e holed/run.json ]] || fail "a merge without one shard wrote a result"
ok "a shard is missing: the merge ends with 66 and writes nothing"

# One task of an array is signalled: the merge waits for it.
shards=$(submit --array=0-3 "$deploy/shards.sbatch" long/run.json sharded-long --device cpu "${slow[@]}")
merge=$(submit --dependency=afterany:"$shards" "$deploy/merge.sbatch" sharded-long)
hold sharded-long/shard-1-of-4
scancel --signal=USR1 --batch "${shards}_1"
release
until_true 60 "the task to be put back" restarted "${shards}_1" 1
wait_for "$merge" 180
state "$merge" COMPLETED "the merge after a task was put back"
same_losses sharded-long plain-long
ok "a task put back by USR1: the merge waits for it, the same losses"

# --- srun: a shard for each task, over several nodes ---

block=$(documented slurm-steps)
job=$(eval "$block" | number_of)
wait_for "$job"
same_losses steps plain
ok "srun with four tasks and a merge: the same losses"
rm -rf steps
job=$(submit --ntasks=4 --ntasks-per-node=1 --nodes=4 --gpus-per-task=1 "$deploy/steps.sbatch" job/run.json steps --device cpu)
wait_for "$job"
state "$job" COMPLETED "srun"
same "$(find steps -maxdepth 1 -name 'shard-*-of-4' | wc -l)" 4 "shards of srun"
same_losses steps plain
ok "the same on four nodes, a GPU for each task"

# --- mpirun: ranks of MPI that do one run together ---

if command -v mpirun >/dev/null && [[ -x $(dirname "$tailbit")/tailbit-mpi ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  block=$(documented slurm-mpi)
  job=$(eval "$block" | number_of)
  wait_for "$job"
  state "$job" COMPLETED "ranks of MPI"
  same_losses ranks plain
  whole_result ranks
  [[ $(json ranks/run.json device) == "2 ranks: "* ]] || fail "the manifest does not name the ranks"
  ok "mpirun with two ranks: the same losses"
  job=$(submit --ntasks=2 --nodes=1 "$deploy/mpi.sbatch" long/run.json ranks-long --device cpu "${slow[@]}")
  until_true 60 "the first checkpoint in ranks-long" has_saved ranks-long
  scancel --signal=USR1 --batch "$job"
  until_true 60 "the job to be put back" restarted "$job" 1
  same "$(job_field "$job" ExitCode)" 75:0 "exit code of mpirun after USR1"
  wait_for "$job" 180
  state "$job" COMPLETED "the ranks after USR1"
  same_losses ranks-long plain-long
  [[ $(json ranks-long/run.json resumed_scenarios) -gt 0 ]] || fail "the ranks began anew instead of going on"
  ok "USR1 to ranks of MPI: 75, the queue, on from the checkpoint to the same losses"
else
  skipped=2
  echo "SKIP: mpirun or tailbit-mpi is not there"
fi

# --- A node dies ---

job=$(submit --nodelist=n3 "$deploy/run.sbatch" long/run.json survived --device cpu "${slow[@]}")
hold survived
[[ $(keepers "$job" | wc -l) == 1 && $(job_processes "$job" | wc -l) -ge 2 ]] || fail "the job's processes are not found"
node_kill n3 "$job"
[[ -z $(keepers "$job")$(job_processes "$job") ]] || fail "something of the job has outlived its node"
scontrol update NodeName=n3 State=DOWN Reason="its power is cut"
until_true 60 "the job to be put back" restarted "$job" 1
[[ ! -e survived/run.json ]] || fail "there is a result of a job whose node died"
ok "the node dies: the job is put back, nothing half-written"
scontrol update JobId="$job" ReqNodeList=
wait_for "$job" 180
state "$job" COMPLETED "the run after its node died"
[[ $(job_field "$job" NodeList) != n3 ]] || fail "the job ran on a dead node"
same_losses survived plain-long
whole_result survived
ok "it ends on another node with the same losses"

node_start n3
scontrol update NodeName=n3 State=RESUME
until_true 30 "the node to come back" node_idle n3

# --- The job whose time was up ---

until_true 90 "Slurm's signal" grep -q "warning signal 10 to JobId=$timed\$" "$cluster/log/slurmctld"
sleep 1
kill -CONT "$timed_worker" 2>/dev/null || true # Slurm may have, before it signals
wait_for "$timed" 180
state "$timed" COMPLETED "the run that takes longer than its time"
[[ $(job_field "$timed" Restarts) -ge 1 ]] || fail "Slurm did not put the job back whose time was up: $(cat log-tailbit-"$timed"-*)"
same_losses timed-out plain-long
ok "the time is up: Slurm's own signal, the queue, the same losses"

# --- Cancelled ---

job=$(submit "$deploy/run.sbatch" long/run.json cancelled --device cpu "${slow[@]}")
hold cancelled
scancel "$job"
release
wait_for "$job"
state "$job" CANCELLED "scancel"
[[ ! -e cancelled/run.json ]] || fail "there is a result of a job that was cancelled"
expect 0 "$tailbit" run long/run.json --out cancelled --quiet --device cpu
same_losses cancelled plain-long
[[ $(json cancelled/run.json resumed_scenarios) -gt 0 ]] || fail "what the cancelled job had done was lost"
ok "scancel: no result; the next run goes on from what was saved"

# --- The same where slurm.conf has no RequeueExit ---

cluster_configure
scontrol reconfigure
job=$(submit "$deploy/requeue.sbatch" long/run.json requeued-long --device cpu "${slow[@]}")
hold requeued-long
scancel --signal=USR1 --batch "$job"
release
until_true 60 "the job to be put back" restarted "$job" 1
wait_for "$job" 180
state "$job" COMPLETED "the run that puts itself back"
same_losses requeued-long plain-long
ok "requeue.sbatch: the job puts itself back and ends with the same losses"
block=$(documented slurm-requeue)
job=$(eval "$block" | number_of)
wait_for "$job"
same_losses requeued plain
job=$(submit "$deploy/requeue.sbatch" job/missing.json none)
wait_for "$job"
same "$(job_field "$job" ExitCode)" 66:0 "exit code of requeue.sbatch"
ok "requeue.sbatch: other codes pass through"

counts 0
