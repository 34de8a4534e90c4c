#!/usr/bin/env bash
# A result that is signed with Debian's minisign, and checked by `verify --public-key`: both formats of signatures, the
# right key and another, and a changed byte in everything that is signed.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
command -v minisign >/dev/null || skip "minisign is not installed"

points=0
checked() { expect "$1" "$tailbit" verify results --public-key "${@:2}" && points=$((points + 1)); } # CODE KEY ARGUMENT...
sign() { minisign -S -s "$1" -m results/statement.json "${@:2}" >log 2>&1 || fail "minisign: $(cat log)"; } # KEY ARGUMENT...

minisign -G -W -p right.pub -s right.key >/dev/null
minisign -G -W -p wrong.pub -s wrong.key >/dev/null
key=$(tail -n 1 right.pub)
id=$(sed -n 's/.*public key //p' right.pub)
id=$(printf '%016X' "0x$id")  # minisign leaves leading zeros away
sample_job job
expect 0 "$tailbit" run job/run.json --device cpu --quiet --out results
checked 66 right.pub
expect 0 "$tailbit" attest results
checked 66 right.pub
says stdout "there is no statement.json.minisig"

for format in -H -l; do
  rm -f results/statement.json.minisig
  # Signing is prehashed without -l.
  if [[ $format == -l ]]; then sign right.key -l -t "run of $format"; else sign right.key -t "run of $format"; fi
  minisign -V -q -p right.pub -m results/statement.json || fail "minisign does not take its own signature"
  checked 0 right.pub
  says stdout "right     its signature, by the key $id; trusted comment: run of $format"
  checked 0 "$key"
  checked 0 right.pub --json
  cp stdout report.json
  same "$(json report.json statement.signature) $(json report.json statement.key_id)" "right $id" "the report"
  expect 0 "$tailbit" verify results
  says stdout "unchecked its signature: give --public-key"
  expect 0 "$tailbit" attest results # says nothing new: the signature stays
  checked 0 right.pub
  checked 65 wrong.pub
  says stdout "wrong     its signature" "is signed by the key $id"

  cp results/statement.json.minisig sound
  for line in 2 3 4; do
    # The fortieth letter of the line is another one.
    python3 -I - "$line" <<'PYTHON'
import sys
lines = open("sound").read().splitlines()
at = int(sys.argv[1]) - 1
place = min(40, len(lines[at]) - 1)
other = "A" if lines[at][place] != "A" else "B"
lines[at] = lines[at][:place] + other + lines[at][place + 1:]
open("results/statement.json.minisig", "w").write("\n".join(lines) + "\n")
PYTHON
    checked 65 right.pub
    says stdout "wrong     its signature"
    minisign -V -q -p right.pub -m results/statement.json 2>/dev/null && fail "minisign accepts what verify refuses"
  done
  sed '1s/.*/untrusted comment: anybody may change this/' sound >results/statement.json.minisig
  checked 0 right.pub
  : >results/statement.json.minisig
  checked 65 right.pub
  cp sound results/statement.json.minisig

  # The statement itself: whatever is signed, it must be what this result is.
  cp results/statement.json statement
  sed -i 's/"tailbit 0/"tailbit 1/' results/statement.json
  checked 65 right.pub
  sign right.key
  checked 65 right.pub
  says stdout "changed   statement.json"
  cp statement results/statement.json
  cp sound results/statement.json.minisig
  checked 0 right.pub
done

# A file that the signed statement is about: found by its digest.
cp results/exposure.csv kept
printf 'x' >>results/exposure.csv
checked 65 right.pub
# Also where the manifest was made to fit.
python3 -I - <<'PYTHON'
import hashlib, json
manifest = json.load(open("results/run.json"))
data = open("results/exposure.csv", "rb").read()
for entry in manifest["outputs"]:
    if entry["path"] == "exposure.csv":
        entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
json.dump(manifest, open("results/run.json", "w"))
PYTHON
expect 65 "$tailbit" verify results --outputs-only
says stdout "stale     statement.json"
checked 65 right.pub

# A new statement takes the signature of the old one away.
expect 0 "$tailbit" attest results
[[ ! -e results/statement.json.minisig ]] || fail "a signature outlived its statement"
checked 66 right.pub
# Keys that are none.
checked 66 none.pub
sign right.key
checked 66 none.pub
checked 65 job/run.json
checked 65 right.key
echo "$points passed, 0 failed, 0 skipped"
