#!/usr/bin/env bash
# Measures a GPU: whether it gives the CPU's bits, whether compute-sanitizer finds nothing, how fast it is and how much of what
# its machine code allows that is. Writes bench/results/<device>.json, which scripts/test compares with fresh runs on a CPU.
#
#   bench/gpu.sh [--program FILE] [--tests FOLDER] [--out FILE] [--minutes N] [--quick]
#
#   --program FILE   the tailbit to measure (default: build/cuda-release/tailbit; built now where it or its tests are not)
#   --tests FOLDER   where tailbit_parity_tests lies (default: tests/parity beside the program)
#   --out FILE       where the result goes (default: bench/results/<device>.json)
#   --minutes N      how long it may take, about; larger sizes are left out where that is too short (default: 20)
#   --quick          only shows that everything runs; the result goes to build/<device>.json
#
# The exit code is 0 when all that ran agrees, 77 after a line "SKIP: reason" where there is no device, else 1.
set -euo pipefail
# Arguments are relative to where the caller is, all else to the repository.
root=$(cd "$(dirname "$0")/.." && pwd)

program='' tests='' more=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --program | --tests | --out | --minutes)
      if [[ $# -lt 2 ]]; then echo "bench/gpu.sh: $1 needs a value" >&2; exit 64; fi
      case $1 in
        --program) program=$(realpath -m "$2") ;;
        --tests) tests=$(realpath -m "$2")/tailbit_parity_tests ;;
        *) more+=("$1" "$2") ;;
      esac
      shift ;;
    --quick) more+=("$1") ;;
    --help | -h) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "bench/gpu.sh: unknown argument $1 (see --help)" >&2; exit 64 ;;
  esac
  shift
done

export PYTHONDONTWRITEBYTECODE=1

skip() { # REASON
  echo "SKIP: $1"
  exit 77
}

for given in "$program" "$tests"; do
  if [[ -n $given && ! -x $given ]]; then echo "bench/gpu.sh: $given is no program" >&2; exit 64; fi
done

# Builds only where a GPU may be worth it: that takes minutes.
if [[ -z $program ]]; then
  program=$root/build/cuda-release/tailbit
  if [[ ! -x $program || (-z $tests && ! -x ${program%/*}/tests/parity/tailbit_parity_tests) ]]; then
    if ! nvidia-smi -L >/dev/null 2>&1 && [[ ! -d /proc/driver/nvidia/gpus ]]; then
      skip "no CUDA build to ask for devices, and no driver of NVIDIA's finds a GPU"
    fi
    why_not=$("$root/scripts/find_nvcc" 2>&1 >/dev/null) || skip "$why_not"
    (cd "$root" && cmake --preset cuda-release &&
      cmake --build --preset cuda-release --target tailbit device_tests --parallel "$(nproc)")
  fi
fi

why_not=$(python3 "$root/bench/gpu_bench.py" --probe "$program")
if [[ -n $why_not ]]; then skip "$why_not"; fi

if [[ -z $tests ]]; then tests=$(dirname "$program")/tests/parity/tailbit_parity_tests; fi
if [[ -x $tests ]]; then more+=(--tests "$tests"); fi

sanitizer=$(command -v compute-sanitizer || true)
if [[ -z $sanitizer ]] && nvcc=$("$root/scripts/find_nvcc" 2>/dev/null); then sanitizer=$(dirname "$nvcc")/compute-sanitizer; fi
if [[ -x $sanitizer ]]; then more+=(--sanitizer "$sanitizer"); fi

exec python3 "$root/bench/gpu_bench.py" --program "$program" "${more[@]}"
