#!/usr/bin/env bash
# Equal sources make equal bytes: builds and packs a copy of this source in two folders, without a compiler cache, and compares program and
# package.
#
#   scripts/checks/reproducible.sh              two builds of the program, some minutes each
#   scripts/checks/reproducible.sh --self-test  the comparison finds a build that holds its folder's path
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export SOURCE_DATE_EPOCH=1700000000 CCACHE_DISABLE=1
unset CMAKE_CXX_COMPILER_LAUNCHER CMAKE_C_COMPILER_LAUNCHER

# The block of docs/operations.md with this name.
documented() { # NAME
  sed -n "/^<!-- run: $1 in /,/^\`\`\`\$/{/^\`\`\`/d; /^<!--/d; p}" "$root/docs/operations.md"
}

equal() { # A B WHAT
  local a b
  a=$(sha256sum <"$1") b=$(sha256sum <"$2")
  if [[ $a != "$b" ]]; then
    echo "$3 differs: ${a%% *} and ${b%% *}"
    return 1
  fi
  echo "$3: ${a%% *}"
}

self_test() {
  local folder
  # Paths of two lengths, as below.
  for folder in "$scratch/a" "$scratch/another"; do
    mkdir -p "$folder"
    echo 'const char* where() { return __FILE__; } int main() { return where()[0] == 0; }' >"$folder/m.cpp"
    g++ "$folder/m.cpp" -o "$folder/plain"
    g++ "-ffile-prefix-map=$folder=." "$folder/m.cpp" -o "$folder/mapped"
  done
  if equal "$scratch/a/plain" "$scratch/another/plain" program >/dev/null; then
    echo "did not notice a program that holds its folder"
    exit 1
  fi
  equal "$scratch/a/mapped" "$scratch/another/mapped" program >/dev/null || { echo "a false alarm"; exit 1; }
  echo "ok: finds what it should find"
}

if [[ ${1-} == --self-test ]]; then
  command -v g++ >/dev/null || { echo "SKIP: g++ is not installed"; exit 77; }
  self_test
  exit 0
fi

command -v dpkg-shlibdeps >/dev/null || { echo "SKIP: dpkg-shlibdeps is not installed"; exit 77; }
for folder in "$scratch/a" "$scratch/somewhere/else"; do
  mkdir -p "$folder"
  (cd "$root" && tar -c CMakeLists.txt CMakePresets.json LICENSE README.md CHANGELOG.md cmake configs docs host include kernels scripts) |
    tar -x -C "$folder"
  # One after the other, each at a time of its own, in a time zone and language of its own.
  (
    cd "$folder"
    if [[ $folder == */else ]]; then export TZ=Asia/Tokyo LC_ALL=C.UTF-8; umask 027; else export TZ=UTC LC_ALL=C; fi
    # As docs/operations.md says, but without CUDA.
    documented package | sed 's/^cmake --preset package$/& -DTAILBIT_CUDA=OFF/' >commands
    grep -q TAILBIT_CUDA=OFF commands
    bash -eux commands
  ) >"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log"; exit 1; }
done
status=0
equal "$scratch/a/build/package/tailbit" "$scratch/somewhere/else/build/package/tailbit" "the program" || status=1
equal "$(echo "$scratch"/a/build/package/*.deb)" "$(echo "$scratch"/somewhere/else/build/package/*.deb)" "the package" || status=1
exit $status
