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

# The line of the crontab: five fields of time, then a command for sh. Its folders are the system's; here they are this test's.
block=$(documented cron)
read -r -a fields <<<"$block"
same "$(wc -l <<<"$block")/${fields[*]:1:4}" "1/* * * *" "the line of the crontab"
[[ ${fields[0]} == "*/5" ]] || fail "cron runs at minute ${fields[0]}"
mkdir -p etc/tailbit var/lib/tailbit bin
cp -r job etc/tailbit/intraday
line=${block#*\* \* \* \* }
line=${line//\/etc\//$PWD\/etc\/}
line=${line//\/var\//$PWD\/var\/}
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>%s/logged\n' "$PWD" >bin/logger
chmod +x bin/logger
PATH=$PWD/bin:$PATH expect 0 sh -c "$line"
empty stdout
same "$(digest var/lib/tailbit/intraday)" "$(digest before)" "losses of cron's run"
[[ ! -e logged ]] || fail "cron's line logs a run that went well"
rm etc/tailbit/intraday/book.csv
PATH=$PWD/bin:$PATH expect 0 sh -c "$line"
says logged "exit code 66"
echo ok
