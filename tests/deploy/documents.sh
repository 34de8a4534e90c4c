#!/usr/bin/env bash
# The commands of docs/operations.md that need nothing but a shell, as they stand there.
# shellcheck source-path=SCRIPTDIR source=../cli/lib.sh
source "$(dirname "$0")/../cli/lib.sh" "$@"
PATH=$(dirname "$tailbit"):$PATH
sample_job job 20000
run_block() { # TEXT
  printf '%s\n' "$1" >commands
  expect 0 bash -eu commands
}
expect 0 "$tailbit" run job/run.json --out before --quiet

block=$(documented look)
run_block "$block"
says stdout "tailbit " "ok "

block=$(documented shards)
run_block "$block"
same "$(digest sharded)" "$(digest before)" "losses of the merged shards"

block=$(documented watch)
run_block "$block"
says stdout "1 of " equal

block=$(documented upgrade)
run_block "$block"
says stdout equal

# The shards of Kubernetes, with a stub that tells how the Job ends when it has been asked a few times.
mkdir bin
cat >bin/kubectl <<'STUB'
#!/bin/bash
echo "$*" >>calls
case $1 in
  get) if [[ $(grep -c ^get calls) -gt 3 ]]; then echo "$ENDS"; elif [[ $(grep -c ^get calls) == 3 ]]; then echo "${ENDS% *}"; fi ;;
  wait) [[ $ENDS == *Complete ]] ;;
esac
STUB
printf '#!/bin/sh\n' >bin/sleep
chmod +x bin/*
block=$(documented kubernetes-shards)
printf '%s\n' "$block" >commands
for ends in "SuccessCriteriaMet Complete" "FailureTarget Failed"; do
  code=0
  rm -f calls
  PATH=$PWD/bin:$PATH ENDS=$ends bash -eu commands || code=$?
  same "$(grep -c ^get calls)" 4 "how often the Job is asked for that ends with $ends"
  started=$(sed -n 's/^replace --force --cascade=foreground -f //p' calls | xargs)
  case $ends in
    *Complete) same "$code/$started" "0/shards.yaml merge.yaml" "what a Job that is complete leads to" ;;
    *) same "$code/$started" "1/shards.yaml" "what a Job that has failed leads to" ;;
  esac
done
for file in $started merge.yaml; do grep -q "^  name: tailbit-${file%.yaml}$" "$root/configs/deploy/kubernetes/$file" || fail "$file: another name"; done
[[ $block == *" job tailbit-shards "*" job/tailbit-shards "* ]] || fail "the block waits for another Job"

# The line of the crontab: five fields of time, then a command for sh. Its folders are the system's; here they are this test's.
block=$(documented cron)
read -r -a fields <<<"$block"
same "$(wc -l <<<"$block")/${fields[*]:1:4}" "1/* * * *" "the line of the crontab"
[[ ${fields[0]} == "*/5" ]] || fail "cron runs at minute ${fields[0]}"
mkdir -p etc/tailbit var/lib/tailbit
cp -r job etc/tailbit/intraday
line=${block#*\* \* \* \* }
line=${line//\/etc\//$PWD\/etc\/}
line=${line//\/var\//$PWD\/var\/}
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>%s/logged\n' "$PWD" >bin/logger
chmod +x bin/logger
PATH=$PWD/bin:$PATH expect 0 sh -c "$line"
empty stdout
empty stderr  # cron mails what a line says
same "$(digest var/lib/tailbit/intraday)" "$(digest before)" "losses of cron's run"
[[ ! -e logged ]] || fail "cron's line logs a run that went well"
rm etc/tailbit/intraday/book.csv
PATH=$PWD/bin:$PATH expect 0 sh -c "$line"
says logged "exit code 66"
echo ok
