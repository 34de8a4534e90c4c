#!/usr/bin/env bash
# Two results: the same bits, or within a tolerance.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

sample_job job
run() { expect 0 "$tailbit" run job/run.json --device cpu --quiet --out "$@"; }
run a
run same --threads 1 --tile 64
run seed --seed 43
run single --precision single
run fewer --scenarios 1000

expect 0 "$tailbit" compare a same
same "$(cat stdout)" equal "what is said of equal results"
expect 0 "$tailbit" compare a a --json
cp stdout report.json
same "$(json report.json schema)" tailbit.comparison/1 "schema of the report"
same "$(json report.json equal)" True "equality of a result with itself"

expect 11 "$tailbit" compare a seed
says stdout "differs  losses_sha256" "differs  losses:" "differs  var: book at 0.95" "different"
expect 11 "$tailbit" compare a fewer
says stdout "2000 scenarios" "1000"
expect 11 "$tailbit" compare a single
expect 11 "$tailbit" compare a seed --json
cp stdout report.json
same "$(json report.json equal)" False "equality of different results"

# A run that kept the losses of the book alone is the same run; so is what it says of groups, and a loss that is not.
edit job/run.json 'd["group_detail"] = "tails"'
run tails
run tails_of_another --seed 43
edit job/run.json 'del d["group_detail"]'
for pair in "a tails" "tails a"; do
  # shellcheck disable=SC2086  # two folders
  expect 0 "$tailbit" compare $pair
  says stdout "note     losses.npy has 1" "the 1 that both have were compared"
  same "$(tail -n 1 stdout)" equal "a full and a tails result"
done
expect 0 "$tailbit" compare a tails --tolerance 1e-9
expect 0 "$tailbit" compare a tails --json
cp stdout report.json
says report.json "losses.npy has 10 groups in the first result and 1 in the second"
expect 11 "$tailbit" compare a tails_of_another
says stdout "differs  losses: 2000 losses differ" "group book" "different"
expect 0 "$tailbit" compare a same --json
cp stdout report.json
same "$(json report.json notes)" "[]" "notes where all was compared"

# Other groups are another result, though those of the book are the same.
edit job/run.json 'd["group_by"] = ["underlying"]'
run other_groups
edit job/run.json 'd["group_by"] = ["desk", "underlying"]'
expect 11 "$tailbit" compare a other_groups
says stdout "differs  measures: desk=alpha at 0.95: only in the first result" "note     losses.npy has 10 groups"

# Single precision is within 1e-3 of the shortfall, another seed is not; and either way round.
expect 0 "$tailbit" compare a single --tolerance 1e-3
expect 0 "$tailbit" compare single a --tolerance 1e-3
expect 11 "$tailbit" compare a single --tolerance 1e-12
expect 11 "$tailbit" compare a seed --tolerance 1e-3

# A tampered loss is found, though the summaries agree.
cp -r a tampered
python3 -I - <<'PYTHON'
import struct
path = "tampered/losses.npy"
data = bytearray(open(path, "rb").read())
loss, = struct.unpack("<d", data[-8:])
data[-8:] = struct.pack("<d", loss + 1e-6)
open(path, "wb").write(data)
PYTHON
expect 11 "$tailbit" compare a tampered
says stdout "differs  losses: 1 losses differ"

# --- JUnit ---

expect 11 "$tailbit" compare a seed --junit different.xml
expect 0 "$tailbit" compare a same --junit equal.xml
python3 -I - <<'PYTHON' || fail "the JUnit report is not right"
import xml.etree.ElementTree
for name, failed in (("different.xml", True), ("equal.xml", False)):
    suite = xml.etree.ElementTree.parse(name).getroot()
    cases = suite.findall("testcase")
    assert suite.tag == "testsuite" and int(suite.get("tests")) == len(cases) > 3
    failures = [case for case in cases if case.find("failure") is not None]
    assert int(suite.get("failures")) == len(failures) and bool(failures) == failed
PYTHON

# --- Not results ---

mkdir nothing not_json other_format cut
expect 66 "$tailbit" compare a missing
expect 66 "$tailbit" compare nothing a
says stderr "nothing/summary.json" "no such file"
echo "no JSON" >not_json/summary.json
expect 65 "$tailbit" compare a not_json
says stderr "not_json/summary.json"
echo '{"schema": "tailbit.run/1"}' >other_format/summary.json
expect 65 "$tailbit" compare a other_format
cp a/summary.json cut
head -c 1000 a/losses.npy >cut/losses.npy
expect 65 "$tailbit" compare a cut
says stderr "cut/losses.npy"
rm cut/losses.npy
expect 66 "$tailbit" compare a cut
echo ok
