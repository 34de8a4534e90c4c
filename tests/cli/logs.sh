#!/usr/bin/env bash
# Messages on stderr: as text, as JSON lines, by level; with a trace; from several processes at once; on a terminal.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh" "$@"
unset TRACEPARENT TRACESTATE TAILBIT_LOG_FORMAT TAILBIT_LOG_LEVEL NO_COLOR

sample_job job
sample_job bad
edit bad/run.json 'd["steps"] = -1; d["seed"] = "x"'
parent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01

# Fails unless each line of stderr is an object with what every line has; then tries the statements on the list `lines`.
log_is() { # STATEMENTS
  python3 -I - "$1" <<'PYTHON' || fail "the log is not as it should be: $(head -c 2000 stderr)"
import json, re, sys
text = open("stderr", "rb").read()
assert text.endswith(b"\n") or not text, text
lines = [json.loads(line) for line in text.decode("utf-8").splitlines()]
for line in lines:
    assert list(line)[:4] == ["time", "level", "event", "message"], line
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), line
    assert line["level"] in ("error", "warning", "info", "debug"), line
events = [line["event"] for line in lines]
exec(sys.argv[1])
PYTHON
}

# --- Text, as ever ---

expect 0 "$tailbit" run job/run.json --device cpu
says stderr '{"event":"progress","scenarios_done":' "tailbit: warning: level 0.999: only 2 losses in the tail"
grep -vE '^(tailbit: warning: |\{"event":"progress","scenarios_done":[0-9]+,"scenarios":2000\}$)' stderr >other || true
empty other
expect 78 "$tailbit" validate bad/run.json
same "$(sed -n '1s/\(run.json:[^:]*\).*/\1/p' stderr)" "tailbit: bad/run.json:/steps" "the first problem"
same "$(sed -n '2s/\(run.json:[^:]*\).*/\1/p' stderr)" "bad/run.json:/seed" "the second problem"

# --- JSON ---

expect 0 "$tailbit" run job/run.json --device cpu --force --log-format json
log_is '
assert events[0] == "started" and events[-1] == "done", events
progress = [line for line in lines if line["event"] == "progress"]
assert progress[-1]["scenarios_done"] == progress[-1]["scenarios"] == 2000, progress
warnings = [line["message"] for line in lines if line["level"] == "warning"]
summary = json.load(open("job/results/summary.json"))
assert warnings == summary["warnings"] and warnings, warnings
assert lines[-1]["run_id"] == summary["run_id"] and lines[-1]["scenarios"] == 2000, lines[-1]
assert lines[-1]["device"] == summary["device"], lines[-1]
assert lines[0]["config"] == "job/run.json" and lines[0]["hardware"]["cpu"]["threads"] >= 1, lines[0]
assert lines[0]["hardware"]["cpu"]["name"] in lines[0]["message"], lines[0]
assert not any("trace_id" in line for line in lines), lines'

expect 78 "$tailbit" --log-format=json validate bad/run.json
log_is '
assert events == ["problem", "problem", "failed"], events
assert all(line["exit_code"] == 78 and line["level"] == "error" for line in lines), lines
assert [line["place"] for line in lines[:2]] == ["/steps", "/seed"], lines
assert all(line["file"] == "bad/run.json" and line["problem"] and line["remedy"] for line in lines[:2]), lines
assert lines[2]["problems"] == 2, lines'

# Where the flag stands does not matter, nor whether the command line is in order; the environment counts less.
expect 64 "$tailbit" run --nonsense --log-format json
log_is 'assert events == ["failed"] and lines[0]["exit_code"] == 64 and "nonsense" in lines[0]["message"], lines'
expect 64 env TAILBIT_LOG_FORMAT=json "$tailbit" rum
log_is 'assert events == ["failed"] and "did you mean" in lines[0]["message"], lines'
expect 66 env TAILBIT_LOG_FORMAT=json "$tailbit" validate missing.json --log-format text
says stderr "tailbit: missing.json: no such file"
expect 66 env TAILBIT_LOG_FORMAT=json "$tailbit" validate missing.json
log_is 'assert events == ["problem", "failed"] and lines[1]["exit_code"] == 66, lines'
expect 64 "$tailbit" validate job/run.json --log-format xml
says stderr "--log-format" "xml"
expect 64 "$tailbit" validate job/run.json --log-level loud
says stderr "--log-level" "loud"
expect 0 env TAILBIT_LOG_FORMAT=xml TAILBIT_LOG_LEVEL=loud "$tailbit" validate job/run.json
says stderr "tailbit: warning: TAILBIT_LOG_FORMAT=xml has no effect" "tailbit: warning: TAILBIT_LOG_LEVEL=loud has no effect"

# Names of any bytes.
expect 66 "$tailbit" validate $'no\xff\x01\n\x1b[2J"\\.json' --log-format json
log_is 'assert lines[0]["file"] == "no\ufffd\\u0001\\u000a\\u001b[2J\"\\.json", lines'
expect 66 "$tailbit" validate $'no\x1b[2J.json'
says stderr 'no\u001b[2J.json'

# --- Levels ---

run() { expect 0 "$tailbit" run job/run.json --device cpu --force --quiet "$@"; }
run --log-level error
empty stderr
run --log-level error --log-format json
empty stderr
run --log-format json --log-level warning
log_is 'assert lines and {line["level"] for line in lines} == {"warning"}, lines'
expect 0 env TAILBIT_LOG_LEVEL=info "$tailbit" run job/run.json --device cpu --quiet
says stderr "tailbit: info: " "tailbit: warning: "
run --log-level info
says stderr "tailbit: info: run job/run.json on " "tailbit: info: results in job/results"
run
grep -v '^tailbit: warning: ' stderr >other || true
empty other

# --- A trace ---

expect 0 env TRACEPARENT=$parent "$tailbit" run job/run.json --device cpu --log-format json
log_is '
assert {line["trace_id"] for line in lines} == {"4bf92f3577b34da6a3ce929d0e0e4736"}, lines
spans = {line["span_id"] for line in lines}
assert len(spans) == 1 and spans != {"00f067aa0ba902b7"}, spans'
expect 0 env TRACEPARENT=00-0-0-0 "$tailbit" validate job/run.json --log-format json
log_is 'assert "TRACEPARENT" in lines[0]["message"] and lines[0]["level"] == "warning" and "trace_id" not in lines[0], lines'

# --- Lines of several processes do not mix ---

mkdir long
python3 -I - <<'PYTHON'
for n in range(8):  # twenty problems of some 3 KB each, in a letter of each process's own
    rows = "".join(f"{chr(97 + n) * 900}{row},1\n" for row in range(25))
    open(f"long/{n}.csv", "w").write("instrument,quantity\n" + rows)
PYTHON
for n in 0 1 2 3 4 5 6 7; do
  cp job/run.json "long/$n.json"
  edit "long/$n.json" "d.update(book='$n.csv', market='../job/market.json', model='../job/model.json', instruments='../job/instruments.json')"
done
all_at_once() {
  local n
  for n in 0 1 2 3 4 5 6 7; do "$tailbit" validate "long/$n.json" --log-format json 2>&1 & done
  wait
}
for _ in 1 2 3; do
  all_at_once | cat >stderr  # all into one pipe
  log_is '
assert len(lines) == 8 * 21 and events.count("failed") == 8, (len(lines), events)
for line in lines: assert line["event"] == "failed" or chr(97 + int(line["file"][5])) * 900 in line["problem"], line'
done

# --- A terminal ---

python3 -I - "$tailbit" <<'PYTHON' || fail "a terminal does not get what it should"
import os, pty, sys
tailbit = sys.argv[1]


def on_terminal(environment, *command):
    environment = {**os.environ, **environment}
    pid, terminal = pty.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execve(tailbit, [tailbit, *command], environment)
    text = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    os.waitpid(pid, 0)
    os.close(terminal)
    return text


run = ("run", "job/run.json", "--device", "cpu", "--force")
plain, colour = b"tailbit: warning: level", b"tailbit: \x1b[33mwarning\x1b[0m: level"
shown = on_terminal({"TERM": "xterm"}, *run)
assert colour in shown and plain not in shown, shown
assert b"\r[####" in shown and b'{"event"' not in shown, shown
for environment in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
    shown = on_terminal(environment, *run)
    assert plain in shown and b"\x1b[33m" not in shown, (environment, shown)
assert colour in on_terminal({"TERM": "xterm", "NO_COLOR": ""}, *run)  # empty does not count
shown = on_terminal({"TERM": "xterm"}, *run, "--log-format", "json")
assert b"\x1b" not in shown and b"\r[" not in shown and b'"event":"progress"' in shown, shown
PYTHON
run
! grep -q $'\x1b' stderr || fail "colour without a terminal"
echo ok
