# A Slurm cluster of four nodes on this machine, for the time of one script: munged, slurmctld and four slurmd, everything they write
# in $scratch/slurm. Sourced behind tests/cli/lib.sh. The processes are ended one by one, by their ids, whatever happens.
# shellcheck shell=bash

cluster=${scratch:?}/slurm
declare -A daemons=() # name: process id

cluster_able() { # skips the script, with the reason, where no cluster can be started
  local needed
  for needed in slurmctld slurmd munged sbatch scontrol squeue python3; do
    command -v "$needed" >/dev/null || skip "$needed is not installed (scripts/install_dependencies slurm)"
  done
  [[ $(id -u) == 0 ]] || skip "Slurm's daemons are started as root here"
  [[ -c /dev/tty0 && -c /dev/tty1 ]] || skip "no character devices that may stand for GPUs"
}

# Ends the daemons, and what they have left: jobs and their keepers, which outlive a daemon that is gone, and a worker that is held.
cluster_stop() {
  local name process
  for name in "${!daemons[@]}"; do kill "${daemons[$name]}" 2>/dev/null || true; done
  for name in "${!daemons[@]}"; do
    for _ in {1..50}; do kill -0 "${daemons[$name]}" 2>/dev/null || continue 2; sleep 0.1; done
    kill -KILL "${daemons[$name]}" 2>/dev/null || true
  done
  for process in $(keepers '[0-9]+') $(job_processes '[0-9]+'); do kill -KILL "$process" 2>/dev/null || true; done
}

free_ports() { # HOW-MANY
  python3 -I -c '
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

cluster_configure() { # LINE...    further lines of slurm.conf
  local host node number
  host=$(hostname -s)
  mkdir -p "$cluster/state" "$cluster/spool" "$cluster/log"
  [[ -v ports ]] || read -r -a ports < <(free_ports 5)
  {
    cat <<CONF
ClusterName=tailbit
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$cluster/munge.socket,cred_expire=6
CredType=cred/munge
StateSaveLocation=$cluster/state
SlurmdSpoolDir=$cluster/spool/%n
SlurmctldPidFile=$cluster/slurmctld.pid
SlurmdPidFile=$cluster/%n.pid
SlurmctldDebug=debug
SlurmctldLogFile=$cluster/log/slurmctld
SlurmdLogFile=$cluster/log/%n
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=30
KillWait=5
MinJobAge=3600
GresTypes=gpu
CONF
    printf '%s\n' "$@"
    for number in 1 2 3 4; do
      echo "NodeName=n$number NodeHostname=$host NodeAddr=127.0.0.1 Port=${ports[$number]} CPUs=2 RealMemory=500 Gres=gpu:2"
    done
    echo "PartitionName=all Nodes=n[1-4] Default=YES MaxTime=60"
  } >"$cluster/slurm.conf"
  # A GPU has to be a device; what stands for one here is never opened.
  echo "Name=gpu File=/dev/tty[0-1]" >"$cluster/gres.conf"
  export SLURM_CONF=$cluster/slurm.conf
}

node_start() { # NAME
  slurmd -D -N "$1" </dev/null >"$cluster/log/$1.out" 2>&1 &
  daemons[$1]=$!
}

# As if the node's power were cut while it runs this job: the daemon, the job's keeper, so that nobody reports anything, and the job.
node_kill() { # NAME JOB
  local process
  kill -KILL "${daemons[$1]}"
  wait "${daemons[$1]}" 2>/dev/null || true
  unset "daemons[$1]"
  for process in $(keepers "$2") $(job_processes "$2"); do kill -KILL "$process" 2>/dev/null || true; done
}

environment_of() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ"; } # PROCESS
# Processes of this cluster: only they have its slurm.conf in their environment.
of_cluster() { # those of the standard input
  local process
  while read -r process; do
    if { environment_of "$process" | grep -xF "SLURM_CONF=$SLURM_CONF"; } >/dev/null 2>&1; then echo "$process"; fi
  done
}
keepers() { pgrep -f "^slurmstepd: \[$1\." | of_cluster; } # JOB, or a pattern of jobs
job_processes() {                                          # JOB
  local process
  pgrep '' | of_cluster | while read -r process; do
    if { environment_of "$process" | grep -Ex "SLURM_JOB_ID=$1"; } >/dev/null 2>&1; then echo "$process"; fi
  done
}

cluster_start() {
  local node
  # shellcheck disable=SC2064  # the folder's name now
  trap "cluster_stop; rm -rf '$scratch'" EXIT
  dd if=/dev/urandom of="$cluster/munge.key" bs=1024 count=1 status=none
  chmod 700 "$cluster"
  chmod 600 "$cluster/munge.key"
  munged --foreground --force --key-file "$cluster/munge.key" --socket "$cluster/munge.socket" --pid-file "$cluster/munge.pid" \
    --log-file "$cluster/log/munged" --seed-file "$cluster/munge.seed" </dev/null >"$cluster/log/munged.out" 2>&1 &
  daemons[munged]=$!
  until_true 10 "munged" test -S "$cluster/munge.socket"
  slurmctld -D </dev/null >"$cluster/log/slurmctld.out" 2>&1 &
  daemons[slurmctld]=$!
  for node in n1 n2 n3 n4; do node_start "$node"; done
  for _ in {1..150}; do
    if [[ $(sinfo --noheader --Node --format %T 2>/dev/null | grep -c idle) == 4 ]]; then return 0; fi
    sleep 0.2
  done
  tail -n 5 "$cluster"/log/*
  skip "the cluster did not come up: $(tail -n 1 "$cluster/log/slurmctld.out")"
}

# Waits until a command succeeds.
until_true() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || fail "waited too long for $what"
    sleep 0.2
  done
}

# --- Jobs -------------------------------------------------------------------------------------------------------------------------

job_field() { # JOB FIELD
  scontrol --oneliner show job "$1" | grep -oE "(^| )$2=[^ ]*" | head -n 1 | cut -d = -f 2-
}
# Whether every task of a job has ended, for good.
ended() { # JOB
  local states
  states=$(scontrol --oneliner show job "$1" | grep -oE ' JobState=[^ ]*' | cut -d = -f 2)
  [[ -n $states ]] && ! grep -qvE '^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY)$' <<<"$states"
}
is_held() { [[ $(job_field "$1" JobState) == SPECIAL_EXIT || $(job_field "$1" Reason) == *[Hh]eld* ]]; } # JOB
node_idle() { [[ $(sinfo --noheader --nodes "$1" --format %T) == idle ]]; }                               # NODE
restarted() { [[ $(job_field "$1" Restarts) -ge $2 ]]; }      # JOB TIMES
wait_for() { # JOB [SECONDS]
  local end=$((SECONDS + ${2:-120}))
  while ! ended "$1"; do
    if [[ $SECONDS -ge $end ]]; then
      scontrol show job "$1" >&2
      fail "job $1 did not end in time"
    fi
    sleep 0.3
  done
}
