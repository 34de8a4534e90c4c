#!/usr/bin/env bash
# The containers' command lines of configs/deploy/kubernetes as a node would run them: as a user that is not root, with a root file system
# that cannot be written, inputs that cannot, and a folder for results; TERM, and KILL after the grace period. No cluster is needed.
# (That the manifests follow the API: scripts/checks/deploy.py.)
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
python3 -c 'import yaml' 2>/dev/null || skip "python has no module yaml (Debian: python3-yaml)"
manifests=$root/configs/deploy/kubernetes
if ! unshare --mount true 2>/dev/null; then skip "no mount namespaces: $(unshare --mount true 2>&1)"; fi
[[ $(id -u) == 0 ]] || skip "only root may make a root file system read-only here"

cp "$tailbit" "$scratch/tailbit"
chmod 755 "$scratch" "$scratch/tailbit"
mkdir -p inputs results
chmod 755 inputs
chown 65532:65532 results
sample_job inputs/intraday 20000
chmod -R a+rX inputs

arguments() { # MANIFEST FIELD: of its container, one a line
  python3 - "$manifests/$1" "$2" <<'PYTHON'
import sys, yaml
spec = yaml.safe_load(open(sys.argv[1]))["spec"]
spec = spec.get("jobTemplate", {"spec": spec})["spec"]
pod = spec["template"]["spec"]
found = {"args": pod["containers"][0]["args"], "grace": [pod["terminationGracePeriodSeconds"]],
         "completions": [spec.get("completions", 1)], "user": [pod["securityContext"]["runAsUser"]]}[sys.argv[2]]
print(*found, sep="\n")
PYTHON
}

# Runs the container of a manifest in place of this shell; further words are put behind its command. Its root holds the program, this
# machine's libraries and the two volumes. The container's first process is the program, as in a pod.
container() { # MANIFEST WORD...
  local command user
  mapfile -t command < <(arguments "$1" args)
  user=$(arguments "$1" user)
  # shellcheck disable=SC2016  # the inner shell's
  exec unshare --mount --net --pid --fork --kill-child bash -euc '
    scratch=$1 user=$2
    shift 2
    new=$scratch/new
    mount -t tmpfs tmpfs "$new"
    mkdir "$new"/{bin,usr,etc,proc,dev,job,results}
    for folder in lib lib64; do
      if [[ -L /$folder ]]; then cp -P "/$folder" "$new"; else mkdir "$new/$folder"; mount --rbind "/$folder" "$new/$folder"; fi
    done
    cp "$scratch/tailbit" "$new/bin/tailbit"
    touch "$new"/dev/{null,urandom}
    for device in null urandom; do mount --bind "/dev/$device" "$new/dev/$device"; done
    mount --rbind /usr "$new/usr"
    mount --bind "$scratch/inputs" "$new/job"
    mount --bind "$scratch/results" "$new/results"
    for folder in usr job; do mount -o remount,ro,bind "$new/$folder"; done
    mount -t proc proc "$new/proc"
    cp /etc/ld.so.cache "$new/etc"
    mount -o remount,ro "$new"
    cd "$new"
    exec env -i PATH=/bin HOSTNAME=pod ${JOB_COMPLETION_INDEX:+JOB_COMPLETION_INDEX=$JOB_COMPLETION_INDEX} \
      /usr/sbin/chroot --userspec="$user:$user" --groups= . /bin/tailbit "$@"
  ' bash "$scratch" "$user" "${command[@]}" "${@:2}"
}
mkdir new
in_container() { # MANIFEST WORD...: to its end
  code=0
  (container "$@") >stdout 2>stderr || code=$?
}
holds_nothing() { # what the container may have left beside the results
  [[ $(find inputs -newer started | wc -l) == 0 ]] || fail "the inputs were written: $(find inputs -newer started)"
}
touch started
"$tailbit" run inputs/intraday/run.json --out plain --quiet --device cpu

# --- The CronJob's run, twice ---

in_container cronjob.yaml --device cpu
[[ $code == 0 ]] || fail "exit $code: $(cat stderr)"
same "$(digest results/intraday)" "$(digest plain)" "losses in the container"
same "$(stat -c %u results/intraday/run.json)" 65532 "owner of the results"
same "$(json results/intraday/run.json scheduler.HOSTNAME)" pod "pod in the manifest"
says results/intraday.prom 'tailbit_last_exit_code{name="intraday"} 0'
in_container cronjob.yaml --device cpu --log-level info
same "$code" 0 "exit code of the second run"
says stderr "holds the result of this job already"
holds_nothing

# --- Evicted: TERM, and a result or a checkpoint before the grace period ends; then again, as the Job's controller does ---

evict() { # MANIFEST: sends TERM to the container's first process, KILL after the grace period; sets code and killed
  local program shell grace end
  grace=$(arguments "$1" grace)
  (container "$1" --device cpu --threads 1 --tile 64) >stdout 2>stderr &
  shell=$!
  # The shell became unshare; its child is the program.
  for _ in {1..300}; do
    program=$(pgrep -P "$shell" || true)
    if [[ $program ]] && compgen -G "results/*/.tailbit/lock" >/dev/null; then break; fi
    kill -0 "$shell" 2>/dev/null || break
    sleep 0.05
  done
  sleep 1
  kill -TERM "$program"
  end=$((SECONDS + grace)) killed=0
  while kill -0 "$program" 2>/dev/null; do
    if [[ $SECONDS -ge $end ]]; then
      kill -KILL "$program"
      killed=1
    fi
    sleep 0.1
  done
  code=0
  wait "$shell" || code=$?
}
edit inputs/intraday/run.json "d['scenarios'] = 2000000"
touch started
rm -rf results/intraday
evict cronjob.yaml
same "$killed/$code" 0/75 "killed, and exit code, after TERM"
[[ ! -e results/intraday/run.json ]] || fail "an evicted pod left a result"
compgen -G "results/intraday/.tailbit/parts/*" >/dev/null || fail "an evicted pod left no checkpoint"
in_container cronjob.yaml --device cpu
same "$code" 0 "exit code after the eviction"
[[ $(json results/intraday/run.json resumed_scenarios) -gt 0 ]] || fail "the pod after the eviction began anew"
"$tailbit" run inputs/intraday/run.json --out plain-long --quiet --device cpu
same "$(digest results/intraday)" "$(digest plain-long)" "losses after the eviction"
holds_nothing

# --- The Indexed Job: a container for each index, then the merge ---

edit inputs/intraday/run.json "d['scenarios'] = 20000"
touch started
rm -rf results/intraday results/intraday.prom
completions=$(arguments shards.yaml completions)
for ((index = 0; index < completions; ++index)); do
  JOB_COMPLETION_INDEX=$index in_container shards.yaml --device cpu
  [[ $code == 0 ]] || fail "shard $index: exit $code: $(cat stderr)"
  if [[ $index == 3 ]]; then
    in_container merge.yaml
    same "$code" 66 "exit code of a merge before the last shard"
    says results/intraday.prom 'tailbit_last_exit_code{name="intraday"} 66'
  fi
done
in_container merge.yaml
[[ $code == 0 ]] || fail "merge: exit $code: $(cat stderr)"
same "$(digest results/intraday)" "$(digest plain)" "losses of the merged shards"
says results/intraday.prom 'tailbit_last_exit_code{name="intraday"} 0'
# What a Job that is applied again after one has failed costs: nothing for the shards that are done.
JOB_COMPLETION_INDEX=2 in_container shards.yaml --device cpu --log-level info
same "$code" 0 "exit code of a shard that was done"
says stderr "holds the result of this job already"
holds_nothing

# --- What goes wrong ends with the code that the rules treat ---

mv inputs/intraday/run.json inputs/intraday/away.json
in_container cronjob.yaml --device cpu
same "$code" 66 "exit code without the config"
mv inputs/intraday/away.json inputs/intraday/run.json
if ! "$tailbit" devices --json | grep -q '"usable": true'; then
  in_container cronjob.yaml --device cuda --force
  same "$code" 69 "exit code without a GPU"
fi
rm -rf results/intraday
chmod 555 results
chown 0:0 results
in_container cronjob.yaml --device cpu
same "$code" 73 "exit code where results may not be written"
echo ok
