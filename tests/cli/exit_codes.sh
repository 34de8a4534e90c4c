#!/usr/bin/env bash
# Each exit code that this version has, reached in several ways. errors.sh has many more for 65 and 78, usage.sh for 64.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
cd job
result() { expect 0 "$tailbit" run run.json --device cpu --quiet --out "$@"; }
spoiled_job() { # STATEMENTS FILE    a job whose FILE is spoiled, in the folder spoiled
  rm -rf spoiled
  mkdir spoiled
  cp ./*.json ./*.csv spoiled
  edit "spoiled/$2" "$1"
}
no_result() { # FOLDER
  [[ ! -e $1/run.json && ! -e $1/summary.json ]] || fail "$1 holds a result"
}

# 0: done
result a
result b --seed 43
expect 0 "$tailbit" validate run.json
expect 0 "$tailbit" compare a a
expect 0 "$tailbit" import deribit-chain chain.csv --out imported
expect 0 "$tailbit" version
expect 0 "$tailbit" --help

# 11: different
expect 11 "$tailbit" compare a b
expect 11 "$tailbit" compare a b --tolerance 1e-6
result c --scenarios 1500
expect 11 "$tailbit" compare a c --json
result d --precision single
expect 11 "$tailbit" compare d a

# 64: usage
expect 64 "$tailbit"
expect 64 "$tailbit" walk run.json
expect 64 "$tailbit" run run.json --fast
expect 64 "$tailbit" run
expect 64 "$tailbit" run run.json --threads none
expect 64 "$tailbit" run run.json --device gpu --out none
expect 64 "$tailbit" run run.json --scenarios 99999999999999 --out none
no_result none

# 65: bad data
spoiled_job 'd["underlyings"]["BTC"]["spot"] = -1' market.json
expect 65 "$tailbit" run spoiled/run.json --out none
spoiled_job 'd["instruments"][0]["strike"] = 0' instruments.json
expect 65 "$tailbit" run spoiled/run.json --out none
spoiled_job '' run.json
echo "P0,a,a,a,a,NO-SUCH,1" >>spoiled/book.csv
expect 65 "$tailbit" run spoiled/run.json --out none
echo "id,family" >spoiled/price.csv
expect 65 "$tailbit" price spoiled/price.csv
expect 65 "$tailbit" import deribit-chain book.csv --out none
mkdir not_a_result
echo '{}' >not_a_result/summary.json
expect 65 "$tailbit" compare a not_a_result
# 78: a horizon over which prices may outgrow what sums hold: found when the quantum of the sums is chosen.
spoiled_job 'd["underlyings"]["BTC"]["drift"] = 100; d["innovations"] = {"kind": "gaussian"}' model.json
python3 - spoiled/run.json <<'EOF'
import json, sys
job = json.load(open(sys.argv[1]))
job.update(horizon="36500d", steps=1, exposure_dates=["36500d"])
json.dump(job, open(sys.argv[1], "w"))
EOF
expect 78 "$tailbit" run spoiled/run.json --out none --device cpu --quiet
says stderr "exact sums cannot hold" "horizon"
no_result none

# 66: input missing
expect 66 "$tailbit" run missing.json
for key in book instruments market model; do
  spoiled_job "d['$key'] = 'missing'" run.json
  expect 66 "$tailbit" run spoiled/run.json --out none
  says stderr "spoiled/missing: no such file"
done
expect 66 "$tailbit" run run.json/below.json
expect 66 "$tailbit" price missing.csv
expect 66 "$tailbit" compare a missing
no_result none

# 69: device or FMA unavailable
expect 69 "$tailbit" run run.json --device cuda:4321 --out none
expect 69 "$tailbit" run run.json --device cuda:0,4321 --out none
expect 69 "$tailbit" run run.json --device cpu --isa baseline --out none
says stderr "--force"
if ! "$tailbit" devices --json | grep -q '"usable": true'; then
  expect 69 "$tailbit" run run.json --device cuda --out none
  expect 69 "$tailbit" run run.json --device cuda:0 --out none
  expect 69 "$tailbit" run run.json --device cuda:all --out none
fi
if ! "$tailbit" devices --json | grep -q '"v4"'; then expect 69 "$tailbit" run run.json --device cpu --isa v4 --out none; fi
no_result none

# 73: cannot create output
echo "in the way" >in_the_way
for out in in_the_way in_the_way/below /dev/null/below; do
  expect 73 "$tailbit" run run.json --device cpu --quiet --out $out
  says stderr "cannot be created"
done
expect 73 "$tailbit" import deribit-chain chain.csv --out in_the_way
expect 73 "$tailbit" compare a a --junit missing_folder/report.xml

# 74: I/O error
expect 74 "$tailbit" run .
says stderr "Is a directory"
for lost in version "run run.json --device cpu --json --out lost"; do
  # shellcheck disable=SC2086  # words on purpose
  code=0 && "$tailbit" $lost >/dev/full 2>lost.err || code=$?
  [[ $code == 74 ]] || fail "exit $code, not 74, when the output of $lost is lost"
  grep -q "standard output" lost.err || fail "it does not say that the output of $lost was lost"
done
expect 74 "$tailbit" price .
spoiled_job 'd["book"] = "folder"' run.json
mkdir spoiled/folder
expect 74 "$tailbit" run spoiled/run.json --out none
no_result none

# 78: bad config
spoiled_job 'd["horizon"] = "tomorrow"' run.json
expect 78 "$tailbit" run spoiled/run.json --out none
spoiled_job 'd["levels"] = [1.5]' run.json
expect 78 "$tailbit" validate spoiled/run.json
spoiled_job 'd["schema"] = "tailbit.run/99"' run.json
expect 78 "$tailbit" run spoiled/run.json --out none
spoiled_job 'd["correlation"]["matrix"][0][1] = 2' model.json
expect 78 "$tailbit" run spoiled/run.json --out none
echo '{"schema": ' >spoiled/run.json
expect 78 "$tailbit" run spoiled/run.json --out none
no_result none

# 77: permission (and 73 for a folder that may not be written); root is not bound, so as somebody else
cd ..
become_unprivileged
mkdir readable locked
cp -r job/*.json job/*.csv readable
chmod -R a+rX readable
chmod 755 locked
for file in run.json book.csv market.json; do
  chmod 000 readable/$file
  expect 77 "${unprivileged[@]}" "$tailbit" validate readable/run.json
  says stderr "readable/$file: may not be read"
  chmod 644 readable/$file
done
if [[ ${#unprivileged[@]} == 0 ]]; then chmod 555 locked; fi
expect 73 "${unprivileged[@]}" "$tailbit" run readable/run.json --device cpu --quiet --out locked
says stderr "Permission denied"
expect 73 "${unprivileged[@]}" "$tailbit" run readable/run.json --device cpu --quiet --out locked/below
if [[ ${#unprivileged[@]} == 0 ]]; then chmod 755 locked; fi
echo ok
