#!/usr/bin/env bash
# The units of configs/deploy/systemd, their user and their folders: systemd accepts them, calls them safe, and the services' commands do
# what they should, within what the units allow, with results and metrics that those may read who should.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
units=$root/configs/deploy/systemd

# A root with systemd's own units, the program, ours, and what stands for NVIDIA's programs.
chmod 755 "$scratch"
tree=$scratch/root
mkdir -p "$tree/usr/bin" "$tree/usr/lib/systemd/system" "$tree/etc/tailbit/intraday" "$tree/var/lib/tailbit"
ln -s usr/lib "$tree/lib"
find "$(readlink -f /lib/systemd/system)" -maxdepth 1 -type f -exec cp -t "$tree/usr/lib/systemd/system" {} +
cp "$tailbit" "$tree/usr/bin/tailbit"
cp "$units"/tailbit* "$tree/usr/lib/systemd/system"
for file in nvidia-smi nvidia-modprobe; do
  printf '#!/bin/sh\n' >"$tree/usr/bin/$file"
  chmod 755 "$tree/usr/bin/$file"
done

for unit in tailbit@intraday.service tailbit@intraday.timer tailbit-watch@intraday.service tailbit-gpu.service; do
  expect 0 systemd-analyze --root="$tree" --man=no verify "$unit"
  empty stderr
done
# It would notice: an unknown setting, a program that is not there.
unit=$tree/usr/lib/systemd/system/tailbit@.service
sed -i 's/^KillMode=/KillMood=/' "$unit"
systemd-analyze --root="$tree" --man=no verify tailbit@intraday.service 2>verdict || true
says verdict "KillMood"
cp "$units/tailbit@.service" "$unit"
mv "$tree/usr/bin/tailbit" "$tree/usr/bin/other"
expect 1 systemd-analyze --root="$tree" --man=no verify tailbit@intraday.service
mv "$tree/usr/bin/other" "$tree/usr/bin/tailbit"

# systemd's own measure of exposure, from 0 to 10: below 1.5 here.
expect 0 systemd-analyze --root="$tree" security --offline=true --threshold=15 --no-pager tailbit-watch@intraday.service
expect 0 systemd-analyze --root="$tree" security --offline=true --threshold=15 --no-pager tailbit@intraday.service
sed -i '/^Protect/d; /^Restrict/d; /^Capability/d' "$unit"
expect 1 systemd-analyze --root="$tree" security --offline=true --threshold=15 --no-pager tailbit@intraday.service
cp "$units/tailbit@.service" "$unit"

# --- The user, and the folders that are not the service's own ---

as_service=() as_reader=() as_stranger=()
results=$tree/var/lib/tailbit/intraday metrics=$tree/var/lib/tailbit-metrics/intraday.prom
mkdir -p "$tree"/usr/lib/{sysusers,tmpfiles}.d
cp "$root/configs/deploy/sysusers.d/tailbit.conf" "$tree/usr/lib/sysusers.d"
cp "$root/configs/deploy/tmpfiles.d/tailbit.conf" "$tree/usr/lib/tmpfiles.d"
setting() { sed -n "s/^$2=//p" "$units/$1"; } # UNIT NAME
for service in tailbit@.service tailbit-watch@.service; do
  same "$(setting $service User):$(setting $service Group)" tailbit:tailbit "user and group of $service"
  same "$(setting $service UMask)/$(setting $service StateDirectoryMode)" 0027/0750 "umask and folder of $service"
  same "$(setting $service StateDirectory) $(setting $service ReadWritePaths)" "tailbit/%i -%S/tailbit-metrics" "folders of $service"
done
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null && setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
  expect 0 systemd-sysusers --root="$tree" tailbit.conf
  expect 0 systemd-tmpfiles --root="$tree" --create tailbit.conf
  IFS=: read -r _ _ user group _ <<<"$(grep ^tailbit: "$tree/etc/passwd")"
  [[ $user -gt 0 && $user -lt 1000 ]] || fail "tailbit has the number $user and is no user of the system's"
  same "$(stat -c '%a %u %g' "$tree/var/lib/tailbit-metrics")" "755 $user $group" "the folder for metrics"
  same "$(stat -c '%a %u' "$tree/var/spool/tailbit")" "755 0" "the folder for inboxes"
  # As systemd makes the StateDirectory.
  install -d -m 0750 -o "$user" -g "$group" "$results"
  as_service=(setpriv --reuid="$user" --regid="$group" --clear-groups)
  as_reader=(setpriv --reuid=65534 --regid="$group" --clear-groups)
  as_stranger=(setpriv --reuid=65534 --regid=65534 --clear-groups)
else
  mkdir -p "$tree/var/spool/tailbit" "$tree/var/lib/tailbit-metrics" "$results"
fi

# --- The command itself, with what systemd puts for %E, %S and %i ---

# The words of a unit's ExecStart.
command_of() { # UNIT FLAGS
  local line
  line=$(sed -e ':more; /\\$/ {N; s/ *\\\n */ /; b more}' "$units/$1" | sed -n 's/^ExecStart=//p' |
    sed "s|%E|$tree/etc|g; s|%S|$tree/var/lib|g; s| /var/spool| $tree/var/spool|; s|%i|intraday|g")
  # systemd parts it at blanks too.
  read -r -a words <<<"${line/\$TAILBIT_FLAGS/$2}"
  same "${words[0]}" tailbit "the program of $1"
}
become_service() { # WORD...    the service's process, in place of a shell
  umask "$(setting tailbit@.service UMask)"
  exec "${as_service[@]}" "$tree/usr/bin/tailbit" "$@"
}
serve() (become_service "$@")
told() { # VALUE METRIC
  same "$(sed -n "s/^$2{name=\"intraday\"} //p" "$metrics")" "$1" "$2"
}
all_may_read_metrics() {
  same "$(stat -c %a "$metrics")" 644 "mode of the metrics"
  "${as_stranger[@]}" cat "$metrics" >seen
  says seen 'tailbit_last_exit_code{name="intraday"}'
}

sample_job "$tree/etc/tailbit/intraday" 20000
chmod -R a+rX "$tree/etc/tailbit"
command_of tailbit@.service "--device cpu"
run=("${words[@]:1}")
expect 0 serve "${run[@]}"
whole_result "$results"
all_may_read_metrics
told 0 tailbit_last_exit_code
"${as_reader[@]}" cat "$results/summary.json" "$results/losses.npy" >seen
if [[ ${#as_stranger[@]} -gt 0 ]] && "${as_stranger[@]}" cat "$results/summary.json" 2>/dev/null >seen; then
  fail "somebody who is not of the group reads the results"
fi
expect 0 serve "${run[@]}" --log-level info
says stderr "holds the result of this job already"

# A config or a folder for metrics that is not there is a failure with a code, and monitoring is told of the first.
mv "$tree/etc/tailbit/intraday/run.json" away.json
expect 66 serve "${run[@]}"
all_may_read_metrics
told 66 tailbit_last_exit_code
grep -q '^tailbit_last_success_timestamp_seconds' "$metrics" || fail "a run that failed has lost the last success"
mv away.json "$tree/etc/tailbit/intraday/run.json"
mv "$tree/var/lib/tailbit-metrics" away
expect 73 serve "${run[@]}"
says stderr "there is no folder $tree/var/lib/tailbit-metrics"
mv away "$tree/var/lib/tailbit-metrics"

# TERM, as systemctl stop sends it to the main process alone (KillMode=mixed): 75, in less than TimeoutStopSec.
edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 4000000"
become_service "${run[@]}" --threads 1 --tile 64 2>stopped.err &
program=$!
until compgen -G "$tree/var/lib/tailbit/intraday/.tailbit/lock" >/dev/null; do sleep 0.1; done
sleep 1
start=$SECONDS code=0
kill -TERM "$program"
wait "$program" || code=$?
same "$code" 75 "exit code after TERM"
limit=$(setting tailbit@.service TimeoutStopSec)
[[ $((SECONDS - start)) -lt $limit ]] || fail "it took $((SECONDS - start)) s to stop, and has $limit"
told 75 tailbit_last_exit_code

# --- The resident service: publishes, takes what is put into its inbox, and ends with what the unit calls a success ---

command_of tailbit-watch@.service "--device cpu --interval 0.1"
watch=("${words[@]:1}")
mkdir -p "$tree/var/spool/tailbit/intraday"
edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 5000"
find "$results" -mindepth 1 -delete
rm "$metrics"
become_service "${watch[@]}" &
program=$!
until [[ -e $results/run.json ]]; do sleep 0.1; done
before=$(digest "$results")
printf 'instrument,quantity\nBTC-PERPETUAL,500\n' >"$tree/var/spool/tailbit/intraday/.new"
mv "$tree/var/spool/tailbit/intraday/.new" "$tree/var/spool/tailbit/intraday/1.trades.csv"
until [[ -e $results/run.json && $(digest "$results") != "$before" ]]; do sleep 0.1; done
code=0
kill -TERM "$program"
wait "$program" || code=$?
same "$code" 0 "exit code after TERM"
all_may_read_metrics
told 0 tailbit_last_exit_code

# --- No system call that the unit's filter refuses ---

if command -v strace >/dev/null && strace true 2>/dev/null; then
  edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 5000"
  strace -f -o calls "$tailbit" "${run[@]}" >/dev/null
  echo '{"trades": [{"instrument": "BTC", "quantity": 1}]}' |
    strace -f -o calls-watch "$tailbit" "${watch[@]:0:2}" --out watched --pipe - --device cpu >/dev/null
  cat calls-watch >>calls
  sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' calls | sort -u >used
  [[ $(wc -l <used) -gt 20 ]] || fail "strace saw only $(wc -l <used) system calls"
  members() { # SET: its calls, those of the sets in it too
    local line
    systemd-analyze --no-pager syscall-filter "$1" | grep -E '^    [@a-z0-9_-]+$' | while read -r line; do
      if [[ $line == @* ]]; then members "$line"; else echo "$line"; fi
    done
  }
  { members @system-service; members @default; } | sort -u >allowed
  members @privileged | sort -u >refused
  comm -23 used <(comm -23 allowed refused) >beyond
  empty beyond
else
  skip "all is tested but for the filter of system calls: strace does not work here"
fi
echo ok
