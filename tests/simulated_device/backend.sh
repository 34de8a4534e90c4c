#!/usr/bin/env bash
# The CUDA backend on simulated devices gives the CPU's results to the bit: on one device and on several, with work done
# early and late, in batches as many and as small as memory makes them, recorded as graphs and not. And the reasons for
# this: that these ways were gone.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"

log=$scratch/calls
calls() { grep -c " $1 " "$log" || true; } # API

# Runs CONFIG with flags on simulated DEVICES; the calls of CUDA are in $log afterwards.
simulated() { # DEVICES CONFIG FLAG...
  rm -rf out "$log"
  TAILBIT_SIMULATED_CUDA="$1;log=$log" expect 0 "$tailbit" run "$2" --out out --quiet "${@:3}"
  says out/summary.json '"device": "Simulated device'
  [[ $(calls kernel) -gt 0 ]] || fail "no kernel ran on \"$1\""
}

# Everything but times and the device is what the folder has.
same_results() { # FOLDER WHAT
  local file
  for file in losses.npy exposure.csv greeks.csv resolved/market.json resolved/model.json; do
    cmp "$1/$file" "out/$file" || fail "$2: another $file"
  done
  same "$(json out/summary.json measures)" "$(json "$1/summary.json" measures)" "measures, $2"
  same "$(json out/summary.json pnl)" "$(json "$1/summary.json" pnl)" "moments, $2"
}

expect 0 "$tailbit" devices
says stdout "Simulated device"

# --- The golden jobs, whatever the devices.
for golden in "$root"/tests/golden/*.json; do
  for devices in "devices=1" "devices=3;order=eager" "devices=2;memory=16M" "devices=3;memory=7M;available=6M"; do
    for flag in auto cuda:1,0 cuda:all; do
      if [[ $devices == devices=1 && $flag == cuda:1,0 ]]; then continue; fi
      simulated "$devices" "$root/$(json "$golden" config)" --device "$flag"
      same "$(digest out)" "$(json "$golden" losses_sha256)" "losses of $(basename "$golden"), $devices, $flag"
    done
  done
done

# --- A job of many batches, all of it kept and only tails, in both precisions.
cp -r "$root"/tests/golden/known_job job
for config in run run_single; do
  edit "job/$config.json" 'd["scenarios"] = 20011'
  edit "job/$config.json" 'd["exposure_dates"] = ["1d", "2d"]'
  cp "job/$config.json" "job/$config-tails.json"
  edit "job/$config-tails.json" 'd["group_detail"] = "tails"; del d["exposure_dates"]'
done
for config in run run_single run-tails run_single-tails; do
  rm -rf cpu
  expect 0 "$tailbit" run "job/$config.json" --out cpu --device cpu --quiet
  # One batch; the host waits for it and for what was reduced.
  simulated "memory=4G" "job/$config.json" --device cuda
  same_results cpu "$config, one device"
  same "$(calls cudaGraphLaunch)" 0 "graphs where there are few batches"
  # Many batches, two in flight; the first of each slot starts its kernels, the others are played.
  simulated "memory=8M" "job/$config.json" --device cuda
  same_results cpu "$config, little memory"
  [[ $(calls cudaGraphLaunch) -ge 10 ]] || fail "no graphs were played: $config"
  same "$(calls cudaGraphInstantiateWithFlags)" 2 "graphs of two slots, $config"
  simulated "devices=2;memory=8M" "job/$config.json" --device cuda:all
  same_results cpu "$config, two devices of little memory"
  grep -q "cudaGraphLaunch 0" "$log" || fail "device 0 had no part in it"
  grep -q "cudaGraphLaunch 1" "$log" || fail "device 1 had no part in it"
  # Less memory than the device says, so that batches are halved on the way.
  simulated "memory=1G;available=6M" "job/$config.json" --device cuda
  same_results cpu "$config, memory that is not there"
  [[ $(calls cudaStreamCreateWithFlags) -ge 6 ]] || fail "batches were not halved twice: $config"
  # Memory is short once, somewhere in the middle.
  simulated "memory=8M;fail=cudaGraphLaunch@7:2" "job/$config.json" --device cuda
  same_results cpu "$config, a batch repeated"
done
[[ $(calls cudaMallocAsync) -gt 0 ]] || fail "tails were not reduced"
echo ok
