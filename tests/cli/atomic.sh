#!/usr/bin/env bash
# Killed at any moment, a run leaves the old result, the new one, or none: never a manifest beside files it does not fit.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job 50000
run() { "$tailbit" run job/run.json --device cpu --quiet --out out "$@" >stdout 2>stderr; }
run --seed 1
old=$(digest out)
mv out old
start=$(date +%s%N)
run --seed 2
took=$((($(date +%s%N) - start) / 1000)) # microseconds
new=$(digest out)

# Old results in place, new ones on their way, and the end at one of 40 moments: a third of them spread over the whole run,
# the others over its second half, where files are written.
kept=0 replaced=0 gone=0
for i in $(seq 40); do
  rm -rf out
  cp -r old out
  setsid "$tailbit" run job/run.json --device cpu --quiet --out out --seed 2 >/dev/null 2>&1 &
  running=$!
  if ((i % 3 == 0)); then delay=$((took * i / 40)); else delay=$((took / 2 + took * i / 80)); fi
  sleep "$(printf '%d.%06d' $((delay / 1000000)) $((delay % 1000000)))"
  kill -KILL "$running" 2>/dev/null || true
  wait "$running" 2>/dev/null || true
  if [[ ! -e out/run.json ]]; then
    gone=$((gone + 1))
    continue
  fi
  whole_result out
  case $(digest out) in
    "$old") kept=$((kept + 1)) ;;
    "$new") replaced=$((replaced + 1)) ;;
    *) fail "a result that is neither the old nor the new one" ;;
  esac
done
echo "killed 40 times: the old result was kept $kept times, replaced $replaced times, gone $gone times"
[[ $kept -ge 1 ]] || fail "no kill came before the writing"

# Whatever a killed run left, the next one makes a whole result over it, and leaves no temporary file.
mkdir -p out/.tailbit/new out/.tailbit/parts
touch out/.tailbit/new/losses.npy out/.tailbit/parts/.part-0.tbp.01234567.part
run --seed 2 --force
same "$(digest out)" "$new" "losses of the run after the kills"
whole_result out
same "$(find out/.tailbit -mindepth 1)" out/.tailbit/lock "what is left of the work"

# An output that cannot be written is told before anything is done; the old manifest stays.
for file in losses.npy summary.json exposure.csv greeks.csv resolved/market.json run.json; do
  rm -rf out
  run --seed 1
  rm out/$file
  mkdir out/$file
  expect 73 "$tailbit" run job/run.json --device cpu --quiet --out out --seed 2
  says stderr "out/$file: is a folder"
  [[ -e out/run.json ]] || fail "the manifest went with $file"
  [[ -z $(find out -name '*.part') ]] || fail "temporary files are left after failing at $file"
done

# Results never replace an input.
cp -r job own
expect 73 "$tailbit" run own/run.json --device cpu --quiet --out own
says stderr "own/run.json: the results would overwrite this input"
cmp -s job/run.json own/run.json || fail "the config was touched"

# Nor another job that lies where results are to go.
cp -r job other
cp job/run.json other/another.json
expect 73 "$tailbit" run other/another.json --device cpu --quiet --out other
says stderr "other/run.json: is there and is not a manifest of results"
cmp -s job/run.json other/run.json || fail "another job's config was touched"
[[ ! -e other/summary.json ]] || fail "results were written beside it"

# One run at a time in a folder.
rm -rf out
mkdir -p out/.tailbit
touch out/.tailbit/lock
(
  flock 9
  expect 75 "$tailbit" run job/run.json --device cpu --quiet --out out
  says stderr "another run is writing"
) 9<out/.tailbit/lock

# A disk that is full, where one can be made.
if [[ $(id -u) == 0 ]] && mkdir small && mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
  expect 74 "$tailbit" run job/run.json --device cpu --quiet --out small
  says stderr "small/losses.npy: cannot be written: No space left"
  found=$(find small -name run.json -o -name '*.part')
  umount small
  [[ -z $found ]] || fail "a full disk left $found"
fi

# A bad job touches nothing.
rm -rf out
run --seed 1
echo "P0,a,a,a,a,NO-SUCH,1" >>job/book.csv
expect 65 "$tailbit" run job/run.json --device cpu --quiet --out out
same "$(digest out)" "$old" "the result that a bad job should not touch"
[[ -e out/run.json ]] || fail "a bad job took the old manifest away"
echo ok
