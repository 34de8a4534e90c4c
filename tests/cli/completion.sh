#!/usr/bin/env bash
# `completion`: in a real bash, zsh and fish, and the manual page, all of which know what `--help` knows.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
PATH=$(dirname "$tailbit"):$PATH
skipped=()

# --- Every command, and every flag of its help ---

mapfile -t commands < <("$tailbit" --help | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p')
[[ ${#commands[@]} -ge 13 ]] || fail "only ${#commands[@]} commands in the help"
flags_of() { "$tailbit" "$@" --help | grep -oE '^  +(-h,)?--[a-z-]+' | grep -oE -- '--[a-z-]+'; } # COMMAND...
for command in "${commands[@]}" "init book"; do
  # shellcheck disable=SC2086  # words on purpose
  flags_of $command | sed "s/^/$command /"
done | sort >flags
[[ $(wc -l <flags) -ge 60 ]] || fail "only $(wc -l <flags) flags in the help"

# --- bash ---

"$tailbit" completion bash >tailbit.bash
# What bash offers for a line, the cursor at its end: split as readline splits, by $2.
cat >ask.bash <<'BASH'
COMP_WORDBREAKS=${2-$' \t\n"\'><=;|&(:'}
source ./tailbit.bash
COMP_LINE=$1 COMP_POINT=${#1}
COMP_WORDS=(tailbit) COMP_CWORD=1
_tailbit
printf '%s\n' "${COMPREPLY[@]}"
BASH
in_bash() { bash --norc ask.bash "$@" | sort | paste -s -d ' '; } # LINE [WORD-BREAKS]
mkdir place
touch place/book.csv place/book.json
same "$(in_bash 'tailbit ')" "$(printf '%s\n' "${commands[@]}" | sort | paste -s -d ' ')" "commands in bash"
same "$(in_bash 'tailbit ru')" run "bash"
same "$(in_bash 'tailbit xyz')" "" "bash, nothing fits"
same "$(in_bash 'tailbit --')" "$(flags_of | sort | paste -s -d ' ')" "flags of the program in bash"
same "$(in_bash 'tailbit run --prec')" --precision "bash"
same "$(in_bash 'tailbit run --precision ')" "double single" "bash"
same "$(in_bash 'tailbit run place/x.json --precision si')" single "bash, after a file"
same "$(in_bash 'tailbit run --precision=')" "double single" "bash, with ="
same "$(in_bash 'tailbit run --precision=d' $' \t\n')" "--precision=double" "bash that does not break words at ="
same "$(in_bash 'tailbit run --device cuda:')" all "bash, behind a colon"
same "$(in_bash 'tailbit run --device cuda:' $' \t\n')" cuda:all "bash that does not break words at :"
same "$(in_bash 'tailbit run --seed ')" "" "bash, a number"
same "$(in_bash 'tailbit run place/b')" "place/book.csv place/book.json" "bash, a file"
same "$(in_bash 'tailbit run --out pl')" place "bash, a folder"
same "$(in_bash 'tailbit import ')" "ccxt-positions deribit-chain deribit-positions" "bash, the first argument"
same "$(in_bash 'tailbit import deribit-chain place/')" "place/book.csv place/book.json" "bash, the second"
same "$(in_bash 'tailbit import --out deribit-chain ccx')" ccxt-positions "bash, a flag's value is no argument"
same "$(in_bash 'tailbit init ')" book "bash, a command in a command"
same "$(in_bash 'tailbit init book --from')" --from-market "bash"
same "$(in_bash 'tailbit schema tailbit.r')" "tailbit.replay/1 tailbit.rolling/1 tailbit.run/1" "bash, formats"
same "$(in_bash 'tailbit completion ')" "bash fish man zsh" "bash"
while read -r line; do
  [[ " $(in_bash "tailbit $line") " == *" ${line##* } "* ]] || fail "bash does not offer tailbit $line"
done <flags

# The same as somebody types it.
typed() { # SHELL-COMMAND... < keys: what the terminal shows
  python3 -I - "$@" <<'PYTHON'
import os, pty, re, select, sys, time
def line(shown):
    """The last line as it looks: redrawn over backspaces, without the terminal's own sequences."""
    cells, at = [], 0
    for c in re.sub(r"\x1b\[[?0-9;]*[A-Za-z]|\x1b[=>]|\a", "", shown.decode(errors="replace")).split("\n")[-1]:
        if c in "\b\r":
            at = max(at - 1, 0) if c == "\b" else 0
        else:
            cells[at:at + 1] = c
            at += 1
    return "".join(cells)
child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", PS1="> ", HOME=os.getcwd(), ZDOTDIR=os.getcwd(), HISTFILE="/dev/null", INPUTRC="/dev/null")
    os.execvp(sys.argv[1], sys.argv[1:-2])
shown = b""
def until(what, seconds=20):
    global shown
    end = time.monotonic() + seconds
    while what not in line(shown) and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                break
keys, wanted = sys.argv[-2].encode().decode("unicode_escape").encode(), sys.argv[-1]
until("> ")
shown = b""
os.write(terminal, keys)
until(wanted)
os.close(terminal)
print(repr(line(shown)))
sys.exit(0 if wanted in line(shown) else 1)
PYTHON
}
echo 'PS1="> "; PATH='"$PATH"'; source ./tailbit.bash' >rc.bash
typed bash --rcfile rc.bash -i 'tailbit run place/book.c\t--isa v3 --preci\tsi\t' \
  'tailbit run place/book.csv --isa v3 --precision single' >terminal || fail "typed in bash: $(tail -n 5 terminal)"

# --- zsh ---

"$tailbit" completion zsh >_tailbit
if command -v zsh >/dev/null; then
  zsh -n _tailbit
  # As compinit loads it, and as it is sourced.
  printf '%s\n' 'PS1="> "; unsetopt prompt_sp prompt_cr' "fpath=($PWD \$fpath)" \
    'autoload -U compinit; compinit -u -D' >.zshrc
  typed zsh -i 'tailbit run place/book.c\t--isa v3 --preci\tsi\t' \
    'tailbit run place/book.csv --isa v3 --precision=single' >terminal || fail "typed in zsh: $(tail -n 5 terminal)"
  typed zsh -i 'tailbit init b\t--from-m\tpla\tbook.j\t' 'tailbit init book --from-market=place/book.json' >terminal ||
    fail "typed in zsh: $(tail -n 5 terminal)"
  typed zsh -i 'tailbit import deribit-c\tplace/book.c\t' 'tailbit import deribit-chain place/book.csv' >terminal ||
    fail "typed in zsh: $(tail -n 5 terminal)"
  typed zsh -i 'tailbit run --device cuda:\t' 'tailbit run --device cuda:all' >terminal ||
    fail "typed in zsh: $(tail -n 5 terminal)"
  mv _tailbit sourced.zsh
  printf '%s\n' 'source ./sourced.zsh' >>.zshrc
  typed zsh -i 'tailbit valid\t' 'tailbit validate ' >terminal || fail "typed in zsh, sourced: $(tail -n 5 terminal)"
  while read -r line; do
    grep -qE "^    '${line##* }=?\[" sourced.zsh || fail "zsh is not told of $line"
  done <flags
else
  skipped+=("zsh is not installed")
fi

# --- fish ---

"$tailbit" completion fish >tailbit.fish
if command -v fish >/dev/null; then
  in_fish() { HOME=$PWD fish --no-config -c "source tailbit.fish; complete -C '$1'" | cut -f 1 | sort | paste -s -d ' '; }
  same "$(in_fish 'tailbit ')" "$(printf '%s\n' "${commands[@]}" | sort | paste -s -d ' ')" "commands in fish"
  same "$(in_fish 'tailbit run --precision ')" "double single" "fish"
  same "$(in_fish 'tailbit run place/b')" "place/book.csv place/book.json" "fish, a file"
  same "$(in_fish 'tailbit run --seed ')" "" "fish, a number"
  same "$(in_fish 'tailbit init ')" book "fish, a command in a command"
  same "$(in_fish 'tailbit completion ')" "bash fish man zsh" "fish"
  same "$(in_fish 'tailbit run --device cuda:')" cuda:all "fish"
  # shellcheck disable=SC2016  # fish's variables
  HOME=$PWD fish --no-config -c 'source tailbit.fish
while read -l line
  complete -C "tailbit $line" | string match -q -- (string split " " $line)[-1]\* || echo "$line"
end <flags' >lacking
  empty lacking
else
  skipped+=("fish is not installed")
fi

# --- The manual page ---

"$tailbit" completion man >tailbit.1
while read -r line; do
  # In the section of its command, as an entry; --help is said once, for the program.
  entry="\\fB${line##* }\\fR"
  section=$(sed -n "/^\.SS ${line% *}\$/,/^\.S[SH] /p" tailbit.1)
  [[ $section == *"${entry//-/\\-}"* || ${line##* } == --help ]] || fail "the manual page does not have $line"
done <flags
for section in NAME SYNOPSIS DESCRIPTION OPTIONS COMMANDS "EXIT STATUS" FILES ENVIRONMENT EXAMPLES; do
  grep -qx "\.SH $section" tailbit.1 || fail "the manual page has no $section"
done
# Every variable that the program reads.
{
  grep -rhoE '(getenv|is_set|from_environment)\("[A-Z_]+"' "$root/host" | grep -oE '[A-Z_]{2,}'
  grep -hoE '"[A-Z]{3,}(_[A-Z]+)*"' "$root/host/ops/shard.cpp" "$root/host/report/manifest.cpp" | grep -oE '[A-Z_]{6,}'
} | sort -u >variables
[[ $(wc -l <variables) -ge 16 ]] || fail "only $(wc -l <variables) variables of the environment are found in the source"
while read -r variable; do
  grep -qE "(^|[^A-Z_]|fB)$variable([^A-Z_]|\$)" tailbit.1 || fail "the manual page does not tell of $variable"
done <variables
if command -v mandoc >/dev/null; then
  # It has no date: the page says what the program of this version says.
  mandoc -Tlint -W warning tailbit.1 | grep -v 'missing date' >lint || true
  empty lint
else
  skipped+=("mandoc is not installed")
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
  LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l tailbit.1 >page 2>warnings
  empty warnings
  grep -q '75 *temporary' <(tr -s '\n ' ' ' <page) || fail "the page does not show exit codes"
else
  skipped+=("man is not installed")
fi

# --- Examples in help name commands and flags that are there ---

for command in "" "${commands[@]}" "init book"; do
  # shellcheck disable=SC2086
  "$tailbit" $command --help | sed -n '/^Examples:/,/^[^ E]/s/^  //p'
done | grep -oE 'tailbit [a-z][^|&>)]*' >examples
[[ $(wc -l <examples) -ge 12 ]] || fail "only $(wc -l <examples) examples in the help"
while read -r _ command rest; do
  if [[ $command == init && $rest == book* ]]; then command="init book"; fi
  for word in $rest; do
    [[ $word != --* ]] || grep -qx "$command $word" flags || fail "an example of \`$command\` uses $word, which is not there"
  done
  "$tailbit" "${command%% *}" --help >/dev/null || fail "an example uses $command, which is not there"
done <examples

# --- Mistakes ---

expect 64 "$tailbit" completion
expect 64 "$tailbit" completion tcsh
empty stdout
if [[ ${#skipped[@]} -gt 0 ]]; then skip "completion is tested but for: $(printf '%s; ' "${skipped[@]}")"; fi
echo ok
