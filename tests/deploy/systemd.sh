#!/usr/bin/env bash
# The units of configs/deploy/systemd: systemd accepts them, calls them safe, and the service's command does what it should, within what
# the unit allows.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
units=$root/configs/deploy/systemd

# A root with systemd's own units, the program and the two files.
tree=$scratch/root
mkdir -p "$tree/usr/bin" "$tree/usr/lib/systemd/system" "$tree/etc/tailbit/intraday" "$tree/var/lib/tailbit"
ln -s usr/lib "$tree/lib"
find "$(readlink -f /lib/systemd/system)" -maxdepth 1 -type f -exec cp -t "$tree/usr/lib/systemd/system" {} +
cp "$tailbit" "$tree/usr/bin/tailbit"
cp "$units"/tailbit* "$tree/usr/lib/systemd/system"

for unit in tailbit@intraday.service tailbit@intraday.timer tailbit-watch@intraday.service; do
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

# --- The command itself, with what systemd puts for %E, %S and %i ---

sample_job "$tree/etc/tailbit/intraday" 20000
command=$(sed -n 's/^ExecStart=//p' "$unit" | sed "s|%E|$tree/etc|; s|%S|$tree/var/lib|; s|%i|intraday|g")
# shellcheck disable=SC2086  # systemd parts it at blanks too
read -r -a words <<<"${command/\$TAILBIT_FLAGS/--device cpu}"
same "${words[0]}" tailbit "the program of the unit"
expect 0 "$tailbit" "${words[@]:1}"
whole_result "$tree/var/lib/tailbit/intraday"
expect 0 "$tailbit" "${words[@]:1}" --log-level info
says stderr "holds the result of this job already"

# TERM, as systemctl stop sends it to the main process alone (KillMode=mixed): 75, in less than TimeoutStopSec.
edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 4000000"
"$tailbit" "${words[@]:1}" --threads 1 --tile 64 2>stopped.err &
program=$!
until compgen -G "$tree/var/lib/tailbit/intraday/.tailbit/lock" >/dev/null; do sleep 0.1; done
sleep 1
start=$SECONDS code=0
kill -TERM "$program"
wait "$program" || code=$?
same "$code" 75 "exit code after TERM"
limit=$(sed -n 's/^TimeoutStopSec=//p' "$unit")
[[ $((SECONDS - start)) -lt $limit ]] || fail "it took $((SECONDS - start)) s to stop, and has $limit"

# --- The resident service: publishes, takes what is put into its inbox, and ends with what the unit calls a success ---

command=$(sed -n 's/^ExecStart=//p' "$units/tailbit-watch@.service" |
  sed "s|%E|$tree/etc|; s|%S|$tree/var/lib|; s| /var/spool| $tree/var/spool|; s|%i|intraday|g")
read -r -a watch <<<"${command/\$TAILBIT_FLAGS/--device cpu --interval 0.1}"
mkdir -p "$tree/var/spool/tailbit/intraday"
edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 5000"
results=$tree/var/lib/tailbit/intraday
rm -rf "$results"
"$tailbit" "${watch[@]:1}" &
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

# --- No system call that the unit's filter refuses ---

if command -v strace >/dev/null && strace true 2>/dev/null; then
  edit "$tree/etc/tailbit/intraday/run.json" "d['scenarios'] = 5000"
  strace -f -o calls "$tailbit" "${words[@]:1}" >/dev/null
  echo '{"trades": [{"instrument": "BTC", "quantity": 1}]}' |
    strace -f -o calls-watch "$tailbit" "${watch[@]:1:2}" --out watched --pipe - --device cpu >/dev/null
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
