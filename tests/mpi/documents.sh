#!/usr/bin/env bash
# The commands of docs/operations.md on MPI, as they stand there.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
command -v mpirun >/dev/null || skip "mpirun is not installed"
[[ -x $(dirname "$tailbit")/tailbit-mpi ]] || skip "there is no tailbit-mpi beside the program (CMake: TAILBIT_MPI=ON)"
# As root, and on as few processors as there are.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
PATH=$(dirname "$tailbit"):$PATH
sample_job job 20000
expect 0 "$tailbit" run job/run.json --out plain --quiet --device cpu
block=$(documented mpi)
printf '%s\n' "$block" >commands
expect 0 bash -eu commands
empty stdout
whole_result results
same "$(digest results)" "$(digest plain)" "losses on two ranks"
cmp results/losses.npy plain/losses.npy || fail "losses.npy on two ranks differs"
expect 0 "$tailbit" compare results plain
[[ $(json results/run.json device) == "2 ranks: "* ]] || fail "the manifest does not name the ranks"
expect 0 "$tailbit" verify results --recompute
! ldd "$tailbit" | grep -q libmpi || fail "tailbit links MPI"
echo ok
