# What the scripts beside this file share; each begins with
#
#   source "$(dirname "$0")/lib.sh" "$@"        arguments: the program, the source folder
#
# and gets: $tailbit, $root, a scratch folder as the working directory, which goes away at the end, and the functions
# below. A script stops at its first failure.
# shellcheck shell=bash
set -euo pipefail

[[ $# -ge 2 ]] || { echo "usage: $0 TAILBIT SOURCE-FOLDER" >&2; exit 64; }
tailbit=$(readlink -f "$1")
root=$(readlink -f "$2")
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
scratch=$(mktemp -d)
# shellcheck disable=SC2064  # the folder's name now, not when the trap runs
trap "rm -rf '$scratch'" EXIT
cd "$scratch"

skip() { # REASON
  echo "SKIP: $1"
  exit 77
}
fail() { # MESSAGE
  echo "FAILED: $1" >&2
  exit 1
}

# Runs a command, its output in the files stdout and stderr; fails unless it ends with CODE.
expect() { # CODE COMMAND...
  local wanted=$1 found=0
  shift
  "$@" >stdout 2>stderr || found=$?
  [[ $found == "$wanted" ]] && return 0
  printf '%s\n' "--- stdout" "$(tail -n 20 stdout)" "--- stderr" "$(tail -n 20 stderr)" >&2
  fail "exit $found, not $wanted, from: $*"
}

# Fails unless the file holds each text.
says() { # FILE TEXT...
  local file=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$file" || fail "$file does not say \"$text\": $(head -n 5 "$file")"
  done
}

empty() { # FILE...
  local file
  for file in "$@"; do [[ ! -s $file ]] || fail "$file is not empty: $(head -n 5 "$file")"; done
}

same() { # A B WHAT
  [[ $1 == "$2" ]] || fail "$3: $1 is not $2"
}

# The block of commands of docs/operations.md that is marked with this name; scripts/checks/deploy.py sees to it that each is run.
documented() { # NAME
  local block
  block=$(sed -n "/^<!-- run: $1 in /,/^\`\`\`\$/{/^\`\`\`/d; /^<!--/d; p}" "$root/docs/operations.md")
  [[ $block ]] || fail "docs/operations.md has no block \"$1\""
  printf '%s\n' "$block"
}

# One value of a JSON file: json summary.json digests.losses_sha256
json() { # FILE FIELD
  python3 -I -c '
import functools, json, sys
pick = lambda value, key: value[int(key)] if isinstance(value, list) else value[key]
print(functools.reduce(pick, sys.argv[2].split("."), json.load(open(sys.argv[1]))))' "$@"
}
digest() { json "$1/summary.json" digests.losses_sha256; } # RESULT-FOLDER

# Changes a JSON file: edit run.json 'd["steps"] = 2'
edit() { # FILE STATEMENTS
  python3 -I -c '
import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(d, open(sys.argv[1], "w"), indent=1)' "$@"
}

# A copy of the sample job in FOLDER, with fewer scenarios.
sample_job() { # FOLDER [SCENARIOS]
  mkdir -p "$1"
  cp "$root"/configs/samples/intraday/*.{json,csv} "$1"
  chmod u+w "$1"/*
  edit "$1/run.json" "d['scenarios'] = ${2:-2000}"
}

# Fails unless the folder holds a whole result: the manifest, and each file that it lists with the digest it lists.
whole_result() { # FOLDER
  python3 -I - "$1" <<'PYTHON' || fail "$1 is not a whole result"
import hashlib, json, os, sys
folder = sys.argv[1]
manifest = json.load(open(folder + "/run.json"))
assert manifest["schema"] == "tailbit.manifest/1", manifest
listed = {entry["path"] for entry in manifest["outputs"]}
assert {"summary.json", "losses.npy", "exposure.csv", "greeks.csv", "resolved/market.json", "resolved/model.json"} <= listed, listed
for entry in manifest["outputs"]:
    data = open(os.path.join(folder, entry["path"]), "rb").read()
    assert len(data) == entry["bytes"], entry
    assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry
for entry in manifest["inputs"]:
    data = open(entry["path"], "rb").read()
    assert hashlib.sha256(data).hexdigest() == entry["sha256"], entry
PYTHON
}

# Runs a command as a user without privileges, where this user may do so; else skips the script.
unprivileged=()
become_unprivileged() {
  if [[ $(id -u) != 0 ]]; then return 0; fi
  command -v setpriv >/dev/null || skip "permissions do not bind root, and setpriv is not there"
  unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  "${unprivileged[@]}" true 2>/dev/null || skip "permissions do not bind root, and setpriv may not change the user"
  chmod 755 "$scratch"
  cp "$tailbit" "$scratch/tailbit"
  chmod 755 "$scratch/tailbit"
  tailbit=$scratch/tailbit
}
