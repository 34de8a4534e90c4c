#!/usr/bin/env bash
# The same bits everywhere: runs the golden jobs with every program given (one per compiler and optimisation level), on
# every instruction set, with several numbers of threads and tile sizes, and compares the losses' digest with the stored one.
#
#   bits.sh NAME=BINARY...       e.g. bits.sh gcc=build/cpu-release/tailbit clang-O0=build/o0-clang/tailbit
#   bits.sh --self-test
#
# Each tests/golden/*.json is one job:
#   { "schema": "tailbit.golden/1", "config": "<path from the repository's root>", "numerics": 1, "losses_sha256": "..." }
# Prints one line per program, instruction set and job, "SKIP: reason" for what this processor cannot run, and at the end
# "N passed, N failed, N skipped".
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
golden_dir=${TAILBIT_GOLDEN_DIR:-$root/tests/golden}
threads=(1 2 3 4 8)
tiles=(64 512 1024)
run_limit=300 # seconds; a job takes a fraction of one, slow builds without FMA take longer

# Prints FIELD... of a JSON file on one line; a FIELD may go down, as in digests.losses_sha256.
json_fields() {
  python3 -I -c '
import functools, json, sys
values = json.load(open(sys.argv[1]))
print(*(functools.reduce(lambda value, key: value[key], field.split("."), values) for field in sys.argv[2:]))' "$@"
}

cpu_has() {
  local flag
  for flag in "$@"; do grep -qw -m1 "$flag" /proc/cpuinfo || return 1; done
}
cpu_runs() {
  case $1 in
    v4) cpu_has avx512f avx512bw avx512cd avx512dq avx512vl ;;
    v3) cpu_has avx2 fma bmi2 ;;
    baseline) true ;;
  esac
}

# "threads:tile" pairs. Slow programs, those without FMA instructions or optimisation, get a few corners only.
shapes() { # ISA PROGRAM
  if [[ $1 == baseline || $2 == *-O0 ]]; then
    echo 1:1024 2:512 3:64 4:512 8:64
    return
  fi
  local t b
  for t in "${threads[@]}"; do for b in "${tiles[@]}"; do echo "$t:$b"; done; done
}

# Runs one job in all shapes; prints the first difference and fails when there is one.
job_holds() {
  local program=$1 isa=$2 golden=$3 out=$4
  local binary=${program#*=}
  local wanted config want numerics found shape status
  wanted=$(json_fields "$golden" numerics losses_sha256 config) || return 1
  read -r numerics want config <<<"$wanted"
  for shape in $(shapes "$isa" "${program%%=*}"); do
    local command=("$binary" run "$root/$config" --out "$out" --force --quiet
      --isa "$isa" --threads "${shape%:*}" --tile "${shape#*:}")
    rm -rf "$out"
    status=0
    timeout "$run_limit" "${command[@]}" >"$out.log" 2>&1 || status=$?
    if [[ $status != 0 && $status != 10 ]]; then # 10: done, a risk limit is breached
      printf '  exit %s from: %s\n' "$status" "${command[*]}"
      tail -n 5 "$out.log" | sed 's/^/    /'
      return 1
    fi
    found=$(json_fields "$out/summary.json" numerics digests.losses_sha256) || return 1
    if [[ ${found% *} != "$numerics" ]]; then
      printf '  the golden is of numerics %s, the program of %s: %s\n' "$numerics" "${found% *}" "$golden"
      return 1
    fi
    if [[ ${found#* } != "$want" ]]; then
      printf '  losses %s, not %s: %s\n' "${found#* }" "$want" "${command[*]}"
      return 1
    fi
  done
}

compare_all() {
  local passed=0 failed=0 skipped=0 program isa golden dir name
  dir=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder's name now, not when the trap runs
  trap "rm -rf '$dir'" EXIT
  shopt -s nullglob
  local goldens=("$golden_dir"/*.json)
  if [[ ${#goldens[@]} == 0 ]]; then
    echo "FAIL: no golden job in ${golden_dir#"$root"/}"
    failed=1
  fi
  for golden in "${goldens[@]}"; do
    for program in "$@"; do
      for isa in v4 v3 baseline; do
        name="$(basename "$golden" .json), ${program%%=*}, $isa"
        if ! cpu_runs "$isa"; then
          printf 'SKIP: bits: this processor has no x86-64-%s instructions\n' "$isa"
          skipped=$((skipped + 1))
        elif job_holds "$program" "$isa" "$golden" "$dir/out"; then
          echo "ok: $name"
          passed=$((passed + 1))
        else
          echo "FAIL: $name"
          failed=$((failed + 1))
        fi
      done
    done
  done
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed == 0 ]]
}

# A stand-in program whose digest is steady, or depends on the tile, or which dies: the check must tell them apart.
self_test() {
  local dir kind
  dir=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$dir'" EXIT
  mkdir "$dir/golden"
  echo '{"schema": "tailbit.golden/1", "config": "x.json", "numerics": 1, "losses_sha256": "aa"}' >"$dir/golden/a.json"
  for kind in steady ragged dying; do
    cat >"$dir/$kind" <<EOF
#!/usr/bin/env bash
while [[ \$# -gt 0 ]]; do case \$1 in --out) out=\$2; shift ;; --tile) tile=\$2; shift ;; esac; shift; done
digest=aa
[[ $kind == ragged && \$tile == 512 ]] && digest=bb
[[ $kind == dying ]] && exit 70
mkdir -p "\$out" && echo "{\"numerics\": 1, \"digests\": {\"losses_sha256\": \"\$digest\"}}" >"\$out/summary.json"
EOF
    chmod +x "$dir/$kind"
  done
  export TAILBIT_GOLDEN_DIR=$dir/golden
  "$0" good="$dir/steady" >/dev/null || { echo "a false alarm"; return 1; }
  for kind in ragged dying; do
    if "$0" bad="$dir/$kind" >/dev/null; then echo "missed the $kind program"; return 1; fi
  done
  mkdir "$dir/empty"
  if TAILBIT_GOLDEN_DIR=$dir/empty "$0" good="$dir/steady" >/dev/null; then echo "passed without a golden job"; return 1; fi
  echo "ok: finds what it should find"
}

case ${1:-} in
  --self-test) self_test ;;
  "") echo "no program given: nothing was checked"; exit 1 ;;
  *) compare_all "$@" ;;
esac
