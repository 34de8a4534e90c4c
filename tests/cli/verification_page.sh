#!/usr/bin/env bash
# Every command of docs/verification.md, in order, as a reader would type it. A block of sh follows a line
# `<!-- run -->`, `<!-- run: minisign -->` (where that is installed) or `<!-- run: exit 65 -->`.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"

mkdir bin
ln -s "$tailbit" bin/tailbit
PATH=$PWD/bin:$PATH
python3 -I - "$root/docs/verification.md" <<'PYTHON' || fail "the page cannot be read"
import re, sys
page = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)
marked = re.findall(r"^<!-- run(?:: ([a-z]+ ?\d*))? -->\n```sh\n(.*?)^```", page, re.M | re.S)
assert len(blocks) == len(marked) >= 9, "every block of sh says how it is run"
for number, (how, text) in enumerate(marked):
    open(f"block{number:02}", "w").write(text)
    open(f"how{number:02}", "w").write(how)
PYTHON
ran=0 left_out=0
for block in block*; do
  how=$(cat "how${block#block}")
  if [[ $how == minisign ]] && ! command -v minisign >/dev/null; then
    left_out=$((left_out + 1))
    continue
  fi
  expect "$([[ $how == exit* ]] && echo "${how#exit }" || echo 0)" bash -e "$block"
  ran=$((ran + 1))
  while IFS= read -r command; do
    case $command in "tailbit verify"*--json) says stdout tailbit.verify/1 '"right": true' ;; esac
  done <"$block"
done
says stdout "changed   exposure.csv" "NOT right"
[[ $left_out == 0 ]] || echo "SKIP: $left_out blocks of docs/verification.md: minisign is not installed"
echo "$ran passed, 0 failed, $left_out skipped"
