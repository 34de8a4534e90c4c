#!/usr/bin/env bash
# What docs/SECURITY.md promises of every command, seen by strace: no network, nothing written but where it was asked for, nothing left
# behind in the usual places.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
command -v strace >/dev/null || skip "strace is not installed"
strace -f -o probe true 2>/dev/null || skip "strace does not work here"

sample_job job
mkdir out out/metrics home tmp
echo 'id,family,option,spot,strike,expiry_years,rate,carry,vol' >prices.csv
echo 'a,european,call,100,100,1,0.05,0.05,0.2' >>prices.csv
echo '[{"instrument_name": "BTC-PERPETUAL", "size": 100, "direction": "buy", "kind": "future"}]' >deribit.json
echo '[{"info": {}, "symbol": "BTC/USDT", "contracts": 1, "contractSize": 1, "side": "long"}]' >ccxt.json

# What a command calls, and what it changes below which paths: only what succeeded.
traced() { # NAME COMMAND...
  echo "${@:3:2}" >>commands
  HOME=$PWD/home TMPDIR=$PWD/tmp strace -f -qq -y -s 4096 -o "$1.calls" "${@:2}" >"$1.out" 2>"$1.err" || fail "${*:2}: $(cat "$1.err")"
  [[ $(wc -l <"$1.calls") -gt 50 ]] || fail "strace saw only $(wc -l <"$1.calls") calls of $1"
}
network() { # FILE
  grep -E '^[0-9]+ +(socket|socketpair|connect|bind|listen|accept4?|send(to|msg|mmsg)|recv(from|msg|mmsg)|getsockopt|setsockopt|shutdown)\(' "$1" || true
}
# Paths that were opened for writing, made, renamed, linked, removed or changed.
changed() { # FILE
  python3 -I - "$1" "$PWD" <<'PYTHON'
import os, re, sys
here = sys.argv[2]
CHANGING = re.compile(r"(creat|mkdir|rename|link|symlink|unlink|rmdir|mknod|truncate|chmod|chown|utimes?|utimensat|setxattr)")
for line in open(sys.argv[1], errors="replace"):
    call = re.match(r"\d+ +(\w+)\((.*)\) += (-?\d+)", line)
    if not call or int(call[3]) < 0:
        continue
    name, arguments = call[1], call[2]
    if name in ("open", "openat", "openat2"):
        if not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", arguments):
            continue
    elif not CHANGING.search(name) or name in ("readlink", "readlinkat"):
        continue
    folder = here
    for at, path in re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"', arguments):
        print(os.path.normpath(os.path.join(at or folder, path)))
    if not re.search(r'"', arguments):  # by its descriptor alone
        print(*re.findall(r"\d+<(/[^>]*)>", arguments)[:1])
PYTHON
}

traced run "$tailbit" run job/run.json --device cpu --out out/run
traced again "$tailbit" run job/run.json --device cpu --out out/run
echo '{"trades": [{"instrument": "BTC", "quantity": 1}]}' >message
traced watch "$tailbit" watch job/run.json --device cpu --out out/watch --pipe - <message
traced metrics "$tailbit" run job/run.json --device cpu --out out/metrics/run --metrics out/metrics/tailbit.prom
traced shard0 "$tailbit" run job/run.json --device cpu --shard 0/2 --out out/sharded
traced shard1 "$tailbit" run job/run.json --device cpu --shard 1/2 --out out/sharded
traced merge "$tailbit" merge out/sharded
traced import "$tailbit" import deribit-chain job/chain.csv --out out/import --book 7 --mark-vols
traced deribit "$tailbit" import deribit-positions deribit.json --out out/deribit
traced ccxt "$tailbit" import ccxt-positions ccxt.json --out out/ccxt
traced init "$tailbit" init --out out/init
traced book "$tailbit" init book --from-market out/import
traced job "$tailbit" init book --from-market out/import --out out/job
cp -r "$root/configs/samples/history" history
traced calibrate "$tailbit" calibrate history/calibrate.json --out out/calibrate
traced backtest "$tailbit" backtest history/backtest.json --out out/backtest
traced series "$tailbit" backtest --from-series out/backtest/forecasts.csv
traced price "$tailbit" price prices.csv
traced validate "$tailbit" validate job/run.json
traced describe "$tailbit" describe job/run.json
traced replay "$tailbit" replay out/run --worst 1
traced compare "$tailbit" compare out/run out/sharded
mkdir out/junit
traced junit "$tailbit" compare out/run out/sharded --junit out/junit/checks.xml
traced attest "$tailbit" attest out/run
traced verify "$tailbit" verify out/run --recompute
traced blocks "$tailbit" verify out/run --blocks 0.5
traced devices "$tailbit" devices
traced selftest "$tailbit" selftest
traced schema "$tailbit" schema
traced version "$tailbit" version
traced completion "$tailbit" completion bash

# Every command that the help names, and every kind of import.
named() { sed -n '/^Subcommands:/,$s/^  \([a-z]\+\) .*/\1/p'; }
"$tailbit" --help | named >wanted
while read -r command; do
  "$tailbit" "$command" --help | named | sed "s/^/$command /"
done <wanted >parts
"$tailbit" import --help | sed -n 's/.*KIND TEXT:{\(.*\)}.*/\1/p' | tr , '\n' | sed 's/^/import /' >kinds
for known in run 'init book' 'import deribit-chain'; do grep -qx "$known" wanted parts kinds || fail "the help names no $known"; done
while read -r command; do
  grep -qE "^$command( |$)" commands || fail "tailbit $command is not watched"
done < <(cat wanted parts kinds)

for calls in *.calls; do
  name=${calls%.calls}
  network "$calls" >"$name.network"
  empty "$name.network"
  # /dev/null and terminals take what is written and keep nothing.
  changed "$calls" | sed '/^$/d' | grep -vE "^/dev/(null|tty)$" | sort -u >"$name.changed" || true
  case $name in
    run | again | attest) folder=out/run ;;
    shard* | merge) folder=out/sharded ;;
    import | deribit | ccxt | init | job | metrics | junit | watch | calibrate | backtest) folder=out/$name ;;
    *) folder="" ;;
  esac
  if [[ $folder ]]; then
    grep -vE "^$PWD/(out|$folder(/.*)?)$" "$name.changed" >beyond || true
    empty beyond
  else
    empty "$name.changed"
  fi
done
[[ $(wc -l <run.changed) -gt 8 ]] || fail "strace did not see the run write its files"
grep -q '/summary.json$' run.changed || fail "strace did not see summary.json"
grep -q '/statement.json$' attest.changed || fail "strace did not see statement.json"
find home tmp -mindepth 1 >left
empty left

# It would notice: a program that calls, and one that writes elsewhere.
strace -f -qq -y -o calling.log python3 -I -c 'import socket; socket.socket()'
[[ -n $(network calling.log) ]] || fail "a call of the network is not noticed"
strace -f -qq -y -o writing.log bash -c 'echo >tmp/elsewhere; mkdir tmp/folder; mv tmp/elsewhere tmp/other; rm tmp/other'
changed writing.log >writing
for what in elsewhere folder other; do grep -qx "$PWD/tmp/$what" writing || fail "writing tmp/$what is not noticed"; done
echo ok
