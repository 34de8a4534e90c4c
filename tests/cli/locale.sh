#!/usr/bin/env bash
# No input is read and no output is written by the rules of a locale: under one with decimal commas and dots between
# thousands, everything is the same to the byte.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

command -v localedef >/dev/null || skip "localedef is not installed"
mkdir locales
localedef --inputfile=de_DE --charmap=UTF-8 locales/de_DE.UTF-8 2>localedef.log || [[ -e locales/de_DE.UTF-8/LC_NUMERIC ]] ||
  skip "localedef cannot make de_DE.UTF-8: $(head -n 1 localedef.log)"
german() { LOCPATH=$PWD/locales LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 "$@"; }
# The locale is one with commas, or the test would show nothing.
same "$(german bash -c 'printf "%.1f" 1,5')" "1,5" "a number under the locale"

sample_job job
cp -r job german_job
price=prices.csv
printf '%s\n' id,family,option,spot,strike,expiry_years,rate,carry,vol 1,european,call,100.5,1e2,0.75,0.05,,0.25 2,inverse,put,100,90,0.5,0,0,0.3 >$price

# What differs from run to run is left out: times, and where the files are.
comparable() { # FOLDER
  (cd "$1" && find . -type f ! -path './.tailbit/*' ! -name run.json ! -name summary.json ! -name metrics.prom -exec sha256sum {} + | sort -k 2)
  json "$1/summary.json" measures
  json "$1/summary.json" pnl
  json "$1/summary.json" base_value
}
expect 0 "$tailbit" run job/run.json --device cpu --quiet
expect 0 german "$tailbit" run german_job/run.json --device cpu --quiet
comparable job/results >plain.txt
comparable german_job/results >german.txt
cmp plain.txt german.txt || fail "the results of a run depend on the locale"
grep -q losses.npy plain.txt || fail "nothing was compared"

# Commands that print or write numbers.
both() { # COMMAND...
  expect 0 "$tailbit" "$@"
  cp stdout plain.out
  cp stderr plain.err
  expect 0 german "$tailbit" "$@"
  cmp stdout plain.out || fail "what $* prints depends on the locale"
  cmp stderr plain.err || fail "what $* warns of depends on the locale"
}
both price $price
both price $price --json
both validate job/run.json
both describe job/run.json
both describe job/run.json --json
both replay job/results --worst 2
both compare job/results german_job/results --tolerance 1e-9
for part in plain german; do
  command=("$tailbit")
  [[ $part == plain ]] || command=(german "$tailbit")
  expect 0 "${command[@]}" import deribit-chain job/chain.csv --out "imported_$part"
  expect 0 "${command[@]}" init --out "made_$part"
done
diff -r imported_plain imported_german || fail "what import writes depends on the locale"
diff -r made_plain made_german || fail "what init writes depends on the locale"

# A decimal comma stays wrong.
printf 'instrument,quantity\nBTC,"1,5"\n' >german_job/book.csv
expect 65 german "$tailbit" validate german_job/run.json
says stderr "book.csv:line 2:" '"1,5" is not a number'
echo ok
