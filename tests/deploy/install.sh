#!/usr/bin/env bash
# `cmake --install` and the Debian package, each into a folder of its own: what is there, that it works from there, and that it can be
# taken away again.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
build=$(dirname "$tailbit")
[[ -e $build/cmake_install.cmake && -e $build/CPackConfig.cmake ]] || skip "$build is no build folder"
skipped=()

# --- cmake --install ---

tree=$scratch/tree
DESTDIR=$tree expect 0 cmake --install "$build" --prefix /usr
wanted=(bin/tailbit share/man/man1/tailbit.1 share/bash-completion/completions/tailbit share/fish/vendor_completions.d/tailbit.fish
  lib/systemd/system/tailbit@.service lib/systemd/system/tailbit@.timer lib/systemd/system/tailbit-watch@.service
  lib/systemd/system/tailbit-gpu.service lib/sysusers.d/tailbit.conf lib/tmpfiles.d/tailbit.conf
  share/tailbit/observability/prometheus/tailbit.rules.yml share/tailbit/observability/prometheus/tailbit.test.yml
  share/tailbit/observability/grafana/tailbit.json share/tailbit/samples/intraday/run.json
  share/tailbit/schema/run-1.json share/doc/tailbit/copyright share/doc/tailbit/README.md share/doc/tailbit/operations.md
  share/doc/tailbit/SECURITY.md share/doc/tailbit/tailbit.cdx.json)
for kind in slurm/run.sbatch kubernetes/cronjob.yaml container/Containerfile systemd/tailbit@.service; do
  wanted+=("share/tailbit/deploy/$kind")
done
for file in "${wanted[@]}"; do [[ -s $tree/usr/$file ]] || fail "$file is not installed"; done
same "$(find "$tree/usr" -name _tailbit | wc -l)" 1 "completions for zsh"
for shell in bash:share/bash-completion/completions/tailbit fish:share/fish/vendor_completions.d/tailbit.fish man:share/man/man1/tailbit.1; do
  cmp "$tree/usr/${shell#*:}" <("$tailbit" completion "${shell%%:*}") || fail "${shell#*:} is not what the program says"
done
[[ -x $tree/usr/share/tailbit/deploy/slurm/run.sbatch ]] || fail "run.sbatch cannot be executed"
find "$tree" -perm /o+w -not -type l >writable
empty writable

# The sample, as it is installed, from a folder that is not writable.
sample=$tree/usr/share/tailbit/samples/intraday
expect 0 "$tree/usr/bin/tailbit" run "$sample/run.json" --scenarios 2000 --device cpu --quiet --out results
whole_result results
if readelf --dynamic "$tree/usr/bin/tailbit" | grep -E 'RPATH|RUNPATH'; then fail "the installed program looks for libraries in the build"; fi

# --- The list of components ---

if python3 -c 'import jsonschema' 2>/dev/null; then
  expect 0 python3 "$root/tests/deploy/sbom.py" "$tree/usr/share/doc/tailbit/tailbit.cdx.json" "$root/tests/deploy/sbom.schema.json" \
    "$tailbit" "$root"
else
  skipped+=("python has no module jsonschema")
fi

# --- The Debian package ---

if command -v dpkg-shlibdeps >/dev/null; then
  pack() { (cd "$build" && SOURCE_DATE_EPOCH=1700000000 cpack -G DEB -B "$1" >"$scratch/cpack.log" 2>&1) || fail "cpack: $(tail -n 5 cpack.log)"; }
  pack "$scratch/first"
  package=$(find first -maxdepth 1 -name '*.deb')
  [[ $package == first/tailbit_*_amd64.deb ]] || fail "the package is called \"$package\""
  # Packed again later: the same bytes.
  sleep 1.1
  pack "$scratch/second"
  same "$(sha256sum <"second/$(basename "$package")")" "$(sha256sum <"$package")" "the package, packed twice"

  field() { dpkg-deb --field "$package" "$1"; }
  same "$(field Package)/$(field Version)" "tailbit/$("$tailbit" --version | cut -d ' ' -f 2)" "the package"
  for library in libc6 libstdc++6 libsimdjson libssl3; do
    [[ $(field Depends) == *"$library"* ]] || fail "the package does not depend on $library: $(field Depends)"
  done
  [[ -n $(field Description) && -n $(field Maintainer) ]] || fail "the package does not say what it is"
  dpkg-deb --contents "$package" | awk '$2 != "root/root" || $1 ~ /w..$/ {print}' >odd
  empty odd
  diff <(cd "$tree" && find usr -type f -not -name _tailbit | sort) \
    <(dpkg-deb --contents "$package" | awk '/^-/ {print substr($6, 3)}' | grep -v _tailbit | sort) >difference || fail "$(cat difference)"

  # Installed by dpkg into a root of its own, used, and removed.
  mkdir -p apt/etc apt/var/lib/dpkg/{info,updates}
  touch apt/var/lib/dpkg/{status,available}
  if [[ $(id -u) == 0 ]]; then
    # Its script runs with this machine's programs, and is told the root.
    dpkg_there() { dpkg --root="$scratch/apt" --force-script-chrootless "$@"; }
    expect 0 dpkg_there --force-depends --install "$package"
    if command -v systemd-sysusers >/dev/null && command -v systemd-tmpfiles >/dev/null; then
      grep -q ^tailbit: apt/etc/passwd || fail "the package made no user for its units"
      same "$(stat -c %u:%g apt/var/lib/tailbit-metrics)" "$(grep ^tailbit: apt/etc/passwd | cut -d : -f 3,4)" "the folder for metrics"
      [[ -d apt/var/spool/tailbit ]] || fail "the package made no folder for inboxes"
    else
      skipped+=("systemd-sysusers is not installed, so the package made no user")
    fi
    expect 0 "$scratch/apt/usr/bin/tailbit" run "$sample/run.json" --scenarios 2000 --device cpu --quiet --out packed
    same "$(digest packed)" "$(digest results)" "losses of the packed program"
    expect 0 dpkg_there --verify tailbit
    empty stdout
    expect 0 dpkg_there --purge tailbit
    # Debian's packages leave their users, whose files may be anywhere.
    find apt -path apt/var -prune -o -path apt/etc -prune -o -type f -print >left
    empty left
  else
    skipped+=("dpkg installs as root only")
    dpkg-deb --extract "$package" apt
    expect 0 apt/usr/bin/tailbit run "$sample/run.json" --scenarios 2000 --device cpu --quiet --out packed
    same "$(digest packed)" "$(digest results)" "losses of the packed program"
  fi
  # No path of the machine that built it, neither the source's nor the build's.
  if grep -aqF -e "$root/" -e "$build/" "$tree/usr/bin/tailbit"; then fail "the program holds a path of the machine that built it"; fi
else
  skipped+=("dpkg-shlibdeps is not installed")
fi
if [[ ${#skipped[@]} -gt 0 ]]; then skip "installing is tested but for: $(printf '%s; ' "${skipped[@]}")"; fi
echo ok
