#!/usr/bin/env bash
# Devices that are absent, old or silent, and devices that fail: codes and messages. (Every call and every fault:
# tests/faults/device_faults.py.)
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"

cp -r "$root"/tests/golden/known_job job
golden=$(json "$root/tests/golden/known_double.json" losses_sha256)
on() { # CODE DEVICES FLAG
  rm -rf out
  TAILBIT_SIMULATED_CUDA=$2 expect "$1" "$tailbit" run job/run.json --out out --device "$3"
  if [[ $1 == 0 ]]; then
    same "$(digest out)" "$golden" "losses, $2"
  else
    [[ ! -e out/summary.json && ! -e out/run.json ]] || fail "a result is left, $2"
  fi
}

on 69 "devices=2" cuda:2
says stderr "there is no CUDA device 2"
on 69 "devices=0" cuda
says stderr "cudaErrorNoDevice, 100"
on 0 "devices=0" auto
says stderr "running on the CPU" "cudaErrorNoDevice, 100"
on 69 "capability=7.5" cuda
says stderr "CUDA device 0 is not usable: it needs compute capability 8.0 or newer"
on 0 "capability=7.5" auto
says stderr "running on the CPU" "it needs compute capability 8.0 or newer"
on 69 "capability=12.0" cuda
says stderr "CUDA device 0 is not usable: this program was built for 80-real 90-real" "compute capability 12.0"
on 0 "capability=12.0" auto
says stderr "running on the CPU" "this program was built for 80-real 90-real"
on 69 "devices=2;fail=cudaGetDeviceProperties@1:999:device=1" cuda:0,1
says stderr "CUDA device 1 is not usable: it does not answer" "cudaErrorUnknown"
on 0 "devices=2;fail=cudaGetDeviceProperties@1:999:device=0" auto
says out/summary.json "cuda:1"
on 75 "fail=cudaGetDeviceCount@1:802:always" cuda
says stderr "cudaErrorSystemNotReady, 802" "run again"
expect 0 env TAILBIT_SIMULATED_CUDA="devices=2;fail=cudaGetDeviceProperties@1:999:device=1" "$tailbit" devices --json
same "$(json stdout cuda.1.usable)" False "a silent device"
echo ok
