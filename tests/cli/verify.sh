#!/usr/bin/env bash
# `verify`: every file of a result, and every input, changed and missing, is found; what is forged with digests that fit
# is found by computing the job again. `attest`: a statement that goes with its result (signatures: minisign.sh).
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

points=0
point() { points=$((points + 1)); }
verified() { expect "$1" "$tailbit" verify "${@:2}"; point; } # CODE ARGUMENT...
fresh() { rm -rf r && cp -r job/results r; }                  # a copy of the result, to be spoiled
# Changes one byte in the middle of a file, its size kept.
flip() { # FILE
  python3 -I -c '
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[1], "wb").write(data)' "$1"
}
# Makes the manifest fit the files, as somebody would who makes results up.
forge() { # FOLDER
  python3 -I - "$1" <<'PYTHON'
import hashlib, json, os, sys
path = sys.argv[1] + "/run.json"
manifest = json.load(open(path))
for entry in manifest["outputs"]:
    data = open(os.path.join(sys.argv[1], entry["path"]), "rb").read()
    entry.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
json.dump(manifest, open(path, "w"), indent=1)
PYTHON
}
verdict() { # WHAT PATH    of the last report on stdout
  python3 -I -c '
import json, sys
print([f["verdict"] for f in json.load(open("stdout"))["files"] if f["path"] == sys.argv[1]][0])' "$1"
}

sample_job job 3000
expect 0 "$tailbit" run job/run.json --device cpu --quiet
outputs=(summary.json losses.npy exposure.csv greeks.csv metrics.prom resolved/market.json resolved/model.json)
inputs=(run.json book.csv instruments.json market.json model.json)

# --- As it should be ---

verified 0 job/results
says stdout "right     losses.npy" "right     job/book.csv" "complete" ": right"
verified 0 job/results/ --json
cp stdout report.json
same "$(json report.json schema)" tailbit.verify/1 "format"
same "$(json report.json manifest_sha256)" "$(sha256sum <job/results/run.json | cut -d' ' -f1)" "digest of run.json"
same "$(json report.json statement.verdict)" absent "a statement that nobody wrote"
same "$(python3 -I -c 'import json; r = json.load(open("report.json")); print(len(r["files"]), r["unlisted"], r["right"])')" \
  "12 [] True" "files, unlisted, right"
verified 0 job/results --quiet
same "$(wc -l <stdout)" 1 "lines of --quiet"
chmod -R a-w job/results
find job/results | sort >before
verified 0 job/results
find job/results | sort | diff before - || fail "verify wrote into the result"
chmod -R u+w job/results

# --- Every file, changed and missing ---

for name in "${outputs[@]}"; do
  fresh && flip "r/$name"
  verified 65 r --json
  same "$(verdict "$name")" changed "$name with another byte"
  verified 65 r
  says stdout "changed   $name: another SHA-256" "NOT right"
  fresh && printf ' ' >>"r/$name"
  verified 65 r
  says stdout "changed   $name: " "bytes, and "
  fresh && : >"r/$name"
  verified 65 r
  fresh && rm "r/$name"
  verified 66 r --json
  same "$(verdict "$name")" missing "$name removed"
  expect 64 "$tailbit" verify r --outputs-only --recompute
  rm -f "r/$name" && mkdir "r/$name"
  verified 65 r
  says stdout "changed   $name: is not a file"
  rmdir "r/$name" && mkfifo "r/$name"
  verified 65 r
done
for name in "${inputs[@]}"; do
  cp "job/$name" kept
  flip "job/$name"
  verified 65 job/results --json
  same "$(verdict "job/$name")" changed "the input $name with another byte"
  verified 0 job/results --outputs-only
  rm "job/$name"
  verified 66 job/results --json
  same "$(verdict "job/$name")" missing "the input $name removed"
  verified 0 job/results --outputs-only
  mv kept "job/$name"
done
# Both: changed counts for more than missing.
fresh && rm r/greeks.csv && flip r/exposure.csv
verified 65 r

# --- The job has moved ---

mkdir moved
cp job/*.json job/*.csv moved
mv job elsewhere
verified 66 elsewhere/results
verified 0 elsewhere/results --config moved/run.json
says stdout "right     moved/book.csv"
flip moved/model.json
verified 65 elsewhere/results --config moved/run.json
flip moved/model.json
edit moved/run.json 'd["seed"] = 5'
verified 65 elsewhere/results --config moved/run.json --json
same "$(verdict moved/run.json) $(verdict job/book.csv)" "changed unchecked" "another config"
verified 66 elsewhere/results --config nowhere/run.json
verified 64 elsewhere/results --config moved/run.json --outputs-only
mv elsewhere job

# --- What is not listed is told, and is no error ---

fresh
touch r/notes.txt r/resolved/more.json
mkdir -p r/mine/deep
touch r/mine/deep/a
ln -s "$PWD/job" r/resolved/link
verified 0 r --json
cp stdout report.json
same "$(json report.json unlisted)" "['mine/', 'notes.txt', 'resolved/link', 'resolved/more.json']" "unlisted"
verified 0 r
says stdout "unlisted  notes.txt"

# --- The manifest ---

verified 66 nowhere
mkdir empty
verified 66 empty
fresh && echo '{' >r/run.json
verified 65 r
for key in schema run_id status program numerics random job scenarios_done device started finished restarts \
  resumed_scenarios audited_blocks timings scheduler warnings inputs outputs; do
  fresh && edit r/run.json "del d['$key']"
  verified 65 r
  says stderr "$key"
done
for path in ../job/book.csv "$PWD/job/book.csv" resolved/../../job/book.csv; do
  fresh && edit r/run.json "d['outputs'][0]['path'] = '$path'"
  verified 65 r
  says stdout "lies outside the folder"
done
for change in 'd["run_id"] = "0" * 16' 'd["status"] = "target_missed"' 'd["scenarios_done"] = 2999'; do
  fresh && edit r/run.json "$change"
  verified 65 r
  says stdout "changed   summary.json"
done

# --- A publication that is not finished ---

fresh
mkdir -p r/.tailbit/commit
mv r/run.json r/.tailbit/commit
cp -r r cut_off
verified 0 cut_off
[[ -e cut_off/run.json ]] || fail "the publication was not finished"
flock r/.tailbit/lock bash -c '"$0" verify r 2>stderr; [[ $? == 75 ]]' "$tailbit" || fail "not 75 beside another run"
point
says stderr "another run"
[[ ! -e r/run.json ]] || fail "a publication of another was finished"

# --- The job again: what was made up is found ---

again() { expect "$1" "$tailbit" verify "${@:2}" --json && cp stdout report.json && point; } # CODE ARGUMENT...
differing() { # the checks of the last report that failed, in one line
  python3 -I -c '
import json
print(*[c["check"] for c in json.load(open("report.json"))["recompute"]["checks"] if not c["pass"]], sep="; ")'
}
again 0 job/results --recompute
same "$(json report.json recompute.equal) $(json report.json recompute.scenarios)" "True 3000" "the job again"
again 0 job/results --recompute --threads 1
again 0 job/results --blocks 1
same "$(json report.json recompute.scenarios)" 3000 "all blocks"
again 0 job/results --blocks 0
[[ $(json report.json recompute.scenarios) -le 512 ]] || fail "more than one block"
again 0 job/results --blocks 0.5 --blocks-seed here
again 64 job/results --blocks 0.5 --device cuda
again 64 job/results --blocks-seed here
verified 0 job/results --recompute
says stdout "equal     losses.npy" "equal     exposure.csv" "equal     summary.json: measures" "3000 scenarios computed again on"


fresh && flip r/losses.npy
verified 65 r --recompute --json
grep -q '"recompute"' stdout && fail "what is damaged was computed again"
fresh && flip r/losses.npy && forge r
again 11 r --recompute
same "$(differing)" "losses.npy" "a loss of the middle that was made up"
again 11 r --blocks 1
says stdout '"losses.npy: 6 blocks"' "is computed, and losses.npy says"
verified 0 r
fresh && edit r/summary.json 'd["measures"][1]["var"] *= 1 + 2**-52' && forge r
for how in "--recompute" "--blocks 0"; do
  # shellcheck disable=SC2086  # two words
  again 11 r $how
  same "$(differing)" "summary.json: measures" "a VaR that was made up, $how"
done
for change in 'd["base_value"] += 0.5' 'd["pnl"]["min"] = -1.0' 'd["groups"][2]["pnl"]["mean"] = 0.0' 'd["worst"][0]["scenario"] = 1' \
  'd["quantum"] *= 2' 'd["seed"] = 43' 'd["digests"]["book"] = "0" * 64' 'd["measures"].pop()' 'd["reprices"] += 1'; do
  fresh && edit r/summary.json "$change" && forge r
  for how in "--recompute" "--blocks 0"; do
    # shellcheck disable=SC2086  # two words
    again 11 r $how
  done
done
fresh && sed -i '5s/[0-9]$/x/; 5s/x$/9/; 6s/,mean,/,mean ,/' r/exposure.csv && printf 'x' >>r/exposure.csv && forge r
again 11 r --recompute
same "$(differing)" "exposure.csv" "exposures that were made up"
fresh && printf 'x' >>r/greeks.csv && forge r
again 11 r --recompute
same "$(differing)" "greeks.csv" "Greeks that were made up"
for name in market model; do
  fresh && edit "r/resolved/$name.json" 'd["underlyings"]["BTC"]["'$([[ $name == market ]] && echo spot || echo drift)'"] = 0.5' && forge r
  again 11 r --recompute
  # The rest is computed from what the result says that it started from, and differs too.
  [[ $(differing) == "resolved/$name.json; "*"losses.npy; "* ]] || fail "a resolved $name that was made up: $(differing)"
done
# Another numerics: the files may be right, and cannot be computed here.
fresh && edit r/summary.json 'd["numerics"] = 1' && edit r/run.json 'd["numerics"] = 1' && forge r
verified 0 r
verified 65 r --recompute
says stderr "numerics"
# Another seed under this job's name.
expect 0 "$tailbit" run job/run.json --device cpu --quiet --seed 7 --out seven
fresh && edit r/run.json 'd["job"]["seed"] = 7'
again 11 r --recompute
[[ $(differing) == *run_id* ]] || fail "another seed in the manifest: $(differing)"
again 0 seven --recompute

# Every shape of job that has results of its own kind.
expect 0 "$tailbit" run job/run.json --device cpu --quiet --precision single --greek-units deribit --out single
again 0 single --recompute
again 0 single --blocks 1
cp -r moved tails
cp job/*.json tails
edit tails/run.json 'd.update(group_detail="tails", scenarios=9000, levels=[0.99])'
expect 0 "$tailbit" run tails/run.json --device cpu --quiet
again 0 tails/results --recompute
again 0 tails/results --blocks 1
edit tails/results/summary.json 'd["measures"][-1]["es"] *= 1 + 2**-52' && forge tails/results
again 11 tails/results --recompute
cp -r moved target
cp job/*.json target
edit target/run.json 'd.update(scenarios=200000, stop={"level": 0.95, "relative_error": 0.02})'
expect 0 "$tailbit" run target/run.json --device cpu --quiet
[[ $(json target/results/run.json scenarios_done) -lt 200000 ]] || fail "the target was not reached early"
again 0 target/results --recompute
again 0 target/results --blocks 0.1
edit target/run.json 'd.update(scenarios=70000, stop={"level": 0.95, "relative_error": 1e-6})'
expect 12 "$tailbit" run target/run.json --device cpu --quiet
again 0 target/results --recompute

# --- A folder whose name is not UTF-8 ---

cp -r job/results $'bytes\xff'
for words in "verify" "compare job/results"; do
  # shellcheck disable=SC2086
  expect 0 "$tailbit" $words $'bytes\xff' --json
  python3 -I -c 'import json, sys; json.load(open("stdout"))' || fail "$words: no JSON"
done

# --- Shards ---

expect 0 "$tailbit" run job/run.json --device cpu --quiet --shard 0/2 --out shards
expect 0 "$tailbit" run job/run.json --device cpu --quiet --shard 1/2 --out shards
verified 0 shards/shard-0-of-2
says stdout ".tbp" "shard"
verified 64 shards/shard-0-of-2 --blocks 0.5
edit job/run.json 'd["group_detail"] = "tails"'
expect 0 "$tailbit" run job/run.json --device cpu --quiet --shard 1/2 --out parts --checkpoint-seconds 1e-9
[[ $(find parts/shard-1-of-2 -name "*.tbp" | wc -l) -gt 1 ]] || fail "a shard of one part"
again 0 parts/shard-1-of-2 --recompute
same "$(json report.json recompute.scenarios)" 1464 "a shard's scenarios"
last=$(find parts/shard-1-of-2 -name "*.tbp" | sort | tail -n 1)
cp "$last" part && flip "$last"
# A part that was made up: its own digest is right.
python3 -I - "$last" <<'PYTHON'
import hashlib, sys
data = open(sys.argv[1], "rb").read()[:-64]
open(sys.argv[1], "wb").write(data + hashlib.sha256(data).hexdigest().encode())
PYTHON
forge parts/shard-1-of-2
verified 0 parts/shard-1-of-2
again 11 parts/shard-1-of-2 --recompute
same "$(differing)" "$(basename "$last")" "a part that was made up"
cp part "$last" && forge parts/shard-1-of-2
again 0 parts/shard-1-of-2 --recompute
rm "$last"
edit parts/shard-1-of-2/run.json "d['outputs'] = [o for o in d['outputs'] if o['path'] != '$(basename "$last")']"
again 11 parts/shard-1-of-2 --recompute
same "$(differing)" "scenarios; scenarios_done" "a part that is left out"
edit job/run.json 'del d["group_detail"]'
again 0 shards/shard-0-of-2 --recompute
again 0 shards/shard-1-of-2 --recompute --threads 1
verified 66 shards
expect 0 "$tailbit" merge shards --quiet
again 0 shards --recompute
same "$(json report.json unlisted)" "['shard-0-of-2/', 'shard-1-of-2/']" "folders of shards"
part=$(cd shards/shard-1-of-2 && ls ./*.tbp)
cp -r shards/shard-1-of-2 shard
flip "shard/$part"
verified 65 shard
forge shard
verified 65 shard
says stdout "SHA-256"
expect 0 "$tailbit" run job/run.json --device cpu --quiet --seed 7 --shard 1/2 --out others
cp "others/shard-1-of-2/$part" shard && forge shard
verified 65 shard
says stdout "is of run"

# --- A statement ---

fresh
expect 0 "$tailbit" attest r
says stdout "r/statement.json" "minisign -S"
cp r/statement.json first.json
expect 0 "$tailbit" attest r --json
cmp stdout r/statement.json || fail "attest --json prints another statement"
cmp r/statement.json first.json || fail "the same result, another statement"
python3 -I - r <<'PYTHON' || fail "the statement is not about the result"
import hashlib, json, sys
folder = sys.argv[1]
digest = lambda path: hashlib.sha256(open(path, "rb").read()).hexdigest()
statement, manifest = (json.load(open(f"{folder}/{name}")) for name in ("statement.json", "run.json"))
assert statement["_type"] == "https://in-toto.io/Statement/v1", statement
names = [subject["name"] for subject in statement["subject"]]
assert names == ["run.json"] + [entry["path"] for entry in manifest["outputs"]], names
assert all(subject["digest"] == {"sha256": digest(f"{folder}/{subject['name']}")} for subject in statement["subject"])
predicate = statement["predicate"]
assert all(found["digest"] == {"sha256": digest(found["name"])} for found in predicate["inputs"]) and len(predicate["inputs"]) == 5
assert predicate["run_id"] == manifest["run_id"] and predicate["numerics"] == manifest["numerics"]
PYTHON
verified 0 r
says stdout "right     statement.json"
flip r/statement.json
verified 65 r
says stdout "changed   statement.json"
expect 0 "$tailbit" run job/run.json --device cpu --quiet --out r --force
[[ ! -e r/statement.json ]] || fail "a statement outlived its result"
cp first.json r/statement.json
verified 65 r
says stdout "stale     statement.json: is of another result"
expect 0 "$tailbit" attest r
verified 0 r
expect 0 "$tailbit" run job/run.json --device cpu --quiet --out r # up to date: the statement stays
verified 0 r
says stdout "right     statement.json"
flip r/losses.npy
expect 65 "$tailbit" attest r
fresh && rm r/losses.npy
expect 66 "$tailbit" attest r
expect 66 "$tailbit" attest nowhere
[[ ! -e nowhere ]] || fail "attest made a folder"
fresh && echo '{"bank": 1}' >r/statement.json
expect 73 "$tailbit" attest r
says r/statement.json bank
fresh
flock r/.tailbit/lock bash -c '"$0" attest r 2>stderr; [[ $? == 75 ]]' "$tailbit" || fail "attest beside another run: not 75"
point
verified 66 r --public-key RWTonftCo+XZcqJYvHe9L66EkPK4WZL0XeQ+TdVUV5ju/jbYr3ApvgS2
expect 0 "$tailbit" attest shards/shard-0-of-2
verified 0 shards/shard-0-of-2
echo "$points passed, 0 failed, 0 skipped"
