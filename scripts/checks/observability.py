#!/usr/bin/env python3
"""Dashboard, alerts and their page, held against the metrics that host/report/metrics.cpp writes; events of the log against host/.

Every query and rule uses only metrics that are written or recorded; every metric is in the table of docs/observability.md with its
HELP, and is shown or alerted on somewhere; every alert has a severity, a summary, a description, a row in that page, and tests in
which it fires and in which it does not. Every event that host/ passes to log:: is in the page's table of events, and every field of
all lines in its table of fields; no row of the table of events is of an event that nothing tells.
"""

import json
import re

import sources

CODE = "host/report/metrics.cpp"
DASHBOARD = "configs/observability/grafana/tailbit.json"
RULES = "configs/observability/prometheus/tailbit.rules.yml"
TESTS = "configs/observability/prometheus/tailbit.test.yml"
PAGE = "docs/observability.md"
# Pass on what they are given; for watch that is what host/ops calls {"event", NAME}.
PASS_EVENTS_ON = ("host/io/log.hpp", "host/cli/watch_command.cpp")

METRIC = re.compile(r"\btailbit_\w+")
RECORDED = re.compile(r"\btailbit:[\w:]+")
# A message's event, as it stands there; of log.cpp itself without the namespace.
TOLD = re.compile(r"\b(?:log::(?:(?:debug|info|warning|error)\(|write\([^,]*,)|write\(Level::\w+,)\s*([^,]*),")
PASSED_ON = re.compile(r'\{"event",([^{}]*)\}')
FIELD = re.compile(r"\bset_field\(\s*\"(\w+)\"")
LITERAL = re.compile(r'"(\w+)"')


def written_metrics(code):
    """{metric: HELP} of the C++ source."""
    for name, value in re.findall(r'(\w+) = "(tailbit_\w+)";', code):
        code = re.sub(rf"\b{name}\b(?! =)", f'"{value}"', code)
    return dict(re.findall(r'"(tailbit_\w+)",\s*"((?:[^"\\]|\\.)+)"', code))


def expressions(panel):
    """The queries of a panel and of those inside it."""
    for target in panel.get("targets", []):
        yield panel["title"], target["expr"]
    for inner in panel.get("panels", []):
        yield from expressions(inner)


def dashboard_problems(text, written, used):
    try:
        dashboard = json.loads(text)
        queries = [query for panel in dashboard["panels"] for query in expressions(panel)]
    except (ValueError, KeyError, TypeError) as error:
        return [f"{DASHBOARD}: not a dashboard: {error!r}"]
    found = []
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids):
        found.append(f"{DASHBOARD}: two panels have one id")
    taken = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            found.append(f"{DASHBOARD}: {panel['title']}: wider than the screen")
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])):
            if cell in taken:
                found.append(f"{DASHBOARD}: {panel['title']} lies on {taken[cell]}")
                break
            taken[cell] = panel["title"]
        if panel["type"] != "row" and not panel.get("description"):
            found.append(f"{DASHBOARD}: {panel['title']}: no description")
    for title, query in queries:
        names = set(METRIC.findall(query))
        used |= names
        if not names:
            found.append(f"{DASHBOARD}: {title}: no metric in {query}")
        found += [f"{DASHBOARD}: {title}: {name} is not written" for name in sorted(names - set(written))]
        if query.count("(") != query.count(")") or query.count("{") != query.count("}"):
            found.append(f"{DASHBOARD}: {title}: brackets do not match in {query}")
    return found


def rule_problems(text, tests, page, written, used):
    found = []
    rules = re.split(r"^\s*- (?=alert:|record:)", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    recorded = set(re.findall(r"record:\s*(\S+)", text))
    for rule in rules:
        name = re.match(r"\w+:\s*(\S+)", rule).group(1)
        expression = re.search(r"^\s*expr: (.*)$", rule, re.MULTILINE)
        query = expression.group(1) if expression else ""
        if not query:
            found.append(f"{RULES}: {name}: no expression")
        used |= set(METRIC.findall(query))
        found += [f"{RULES}: {name}: {m} is not written" for m in sorted(set(METRIC.findall(query)) - set(written))]
        found += [f"{RULES}: {name}: {m} is not recorded" for m in sorted(set(RECORDED.findall(query)) - recorded)]
        if rule.startswith("record:"):
            continue
        found += [f"{RULES}: {name}: no {key}" for key in ("severity", "summary", "description") if f"{key}:" not in rule]
        if f"`{name}`" not in page:
            found.append(f"{PAGE}: does not list the alert {name}")
        outcomes = re.findall(rf"alertname: {name}\n\s*exp_alerts:(.*)\n", tests)
        if not any(outcome.strip() == "" for outcome in outcomes):
            found.append(f"{TESTS}: no test in which {name} fires")
        if not any(outcome.strip() == "[]" for outcome in outcomes):
            found.append(f"{TESTS}: no test in which {name} is quiet")
    if not any(rule.startswith("alert:") for rule in rules):
        found.append(f"{RULES}: no alert")
    return found


def table(page, head):
    """The names in the first column of a table of the page, or nothing where it has no such table."""
    rows = re.search(rf"^\| {head} \|.*\n\|[-| ]*\n((?:\|.*\n)*)", page, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", rows[1], re.MULTILINE)))) if rows else set()


def log_problems(root, page):
    found, events, fields = [], set(), set()
    for path in sources.files(root, ["host"], sources.CXX):
        name, code = path.relative_to(root).as_posix(), sources.code(path.read_text(encoding="utf-8"), keep_literals=True)
        for event in TOLD.findall(code):
            if LITERAL.fullmatch(event):
                events.add(event.strip('"'))
            elif name not in PASS_EVENTS_ON:
                found.append(f"{name}: a message whose event is {event}, which is no fixed word")
        events |= {event for passed in PASSED_ON.findall(code) for event in LITERAL.findall(passed)}
        fields |= set(FIELD.findall(code))
    listed = table(page, "event")
    found += [f"{PAGE}: does not list the event {event}" for event in sorted(events - listed)]
    found += [f"{PAGE}: lists the event {event}, which nothing tells" for event in sorted(listed - events)]
    found += [f"{PAGE}: does not list the field {field}" for field in sorted(fields - table(page, "field"))]
    return found if events else [*found, "host: no events found"]


def problems(root):
    text = {}
    for path in (CODE, DASHBOARD, RULES, TESTS, PAGE):
        if not (root / path).is_file():
            return [f"{path}: missing"]
        text[path] = (root / path).read_text(encoding="utf-8")
    written = written_metrics(text[CODE])
    if not written:
        return [f"{CODE}: no metrics found"]
    used = set()
    found = dashboard_problems(text[DASHBOARD], written, used)
    found += rule_problems(text[RULES], text[TESTS], text[PAGE], written, used)
    found += [f"{DASHBOARD}: {name} is neither shown nor alerted on" for name in sorted(set(written) - used)]
    listed = dict(re.findall(r"^\| `(tailbit_\w+)` \|[^|]*\| ([^|]*) \|$", text[PAGE], re.MULTILINE))
    for name in sorted(set(written) | set(listed)):
        if listed.get(name) != written.get(name):
            found.append(f"{PAGE}: {name}: the table says {listed.get(name)!r}, the program {written.get(name)!r}")
    return found + log_problems(root, text[PAGE])


def self_test():
    def panel(query, **more):
        place = {"x": 0, "y": 0, "w": 12, "h": 8}
        return {"id": 1, "type": "stat", "title": "t", "description": "d", "gridPos": place, "targets": [{"expr": query}], **more}

    def dashboard(*panels):
        return json.dumps({"panels": panels})

    rule = "- record: tailbit:x:seconds\n  expr: vector(1)\n- alert: A\n  expr: tailbit_b > on() tailbit:x:seconds\n  labels: {severity: s}\n"
    rule += "  annotations:\n    summary: s\n    description: d\n"
    tests = "alertname: A\nexp_alerts: []\nalertname: A\nexp_alerts:\n  - x\n"
    alert = "| `A` | what to do |\n\n"
    log = "| field | in |\n|---|---|\n| `time`, `rank` | every line |\n\n| event | level |\n|---|---|\n"
    log += "".join(f"| `{event}` | info |\n" for event in ("done", "lost", "failed", "up_to_date", "published", "failed"))
    row_a, row_b = "| `tailbit_a` | | When. |\n", "| `tailbit_b` | level | What. |\n"
    good = {
        CODE: 'constexpr const char* kA = "tailbit_a";\nmetric(kA, "When.");\nadd("tailbit_b",\n "What.", "b");\n',
        DASHBOARD: dashboard(panel('tailbit_a{x="$y"}')),
        RULES: rule,
        TESTS: tests,
        PAGE: row_a + row_b + alert + log,
        "host/cli/a.cpp": 'log::info("done", x, {{"a", 1}});\nlog::warning(\n    "lost", y);  // log::info("old", z)\n',
        "host/io/log.hpp": "inline void info(std::string_view event) { write(Level::info, event, message); }\n",
        "host/io/log.cpp": 'set_field("rank", rank);\nwrite(Level::error, "failed", why);\n',
        "host/ops/watch.cpp": 'tell({{"event", same ? "up_to_date" : "published"}, {"file", path}});\n',
        "host/cli/watch_command.cpp": "log::write(bad ? log::Level::warning : log::Level::info, what, text);\n",
    }
    bad = [
        {DASHBOARD: "{"},
        {DASHBOARD: dashboard(panel("tailbit_a"), panel("tailbit_c", id=2, gridPos={"x": 12, "y": 0, "w": 12, "h": 8}))},
        {DASHBOARD: dashboard(panel("tailbit_a + tailbit_c"))},
        {DASHBOARD: dashboard(panel("tailbit_a)"))},
        {DASHBOARD: dashboard(panel("tailbit_a", description=""))},
        {DASHBOARD: dashboard(panel("tailbit_a"), panel("up", id=2, gridPos={"x": 12, "y": 0, "w": 12, "h": 8}))},
        {DASHBOARD: dashboard(panel("tailbit_a"), panel("tailbit_a", id=2))},  # one on the other
        {DASHBOARD: dashboard(panel("tailbit_a"), panel("tailbit_a", gridPos={"x": 12, "y": 0, "w": 12, "h": 8}))},
        {DASHBOARD: dashboard(panel("tailbit_a", gridPos={"x": 20, "y": 0, "w": 12, "h": 8}))},
        {DASHBOARD: dashboard(panel("tailbit_b"))},  # tailbit_a is nowhere
        {RULES: rule.replace("tailbit_b", "tailbit_c")},
        {RULES: rule.replace("on() tailbit:x:seconds", "on() tailbit:y:seconds")},
        {RULES: rule.replace("severity", "gravity")},
        {RULES: rule.replace("description: d", "")},
        {RULES: rule.replace("expr: tailbit_b", "exqr: tailbit_b")},
        {RULES: "# - alert: A\n"},
        {TESTS: tests.replace("exp_alerts: []\n", "exp_alerts:\n")},
        {TESTS: tests.replace("exp_alerts:\n", "exp_alerts: []\n")},
        {PAGE: row_a + row_b + log},
        {PAGE: row_a + alert + log},
        {PAGE: row_a + row_b.replace("What", "That") + alert + log},
        {PAGE: row_a + row_b + "| `tailbit_c` | | More. |\n" + alert + log},
        *({PAGE: row_a + row_b + alert + log.replace(f"| `{name}` | info |\n", "")} for name in ("done", "lost", "failed", "published")),
        {PAGE: row_a + row_b + alert + log + "| `old` | info |\n"},
        {PAGE: row_a + row_b + alert + log.replace("rank", "order")},
        {PAGE: row_a + row_b + alert + log.replace("| event |", "| what |")},
        {"host/mpi/b.cpp": 'log::debug("more", x);\n'},
        {"host/mpi/b.cpp": 'log::write(Level::info, "more", x);\n'},
        {"host/ops/b.cpp": 'tell({{"event", "more"}, {"file", path}});\n'},
        {"host/ops/b.cpp": "log::info(word, x);\n"},
        {"host/ops/b.cpp": 'log::set_field("stage", x);\n'},
        {CODE: good[CODE] + 'metric("tailbit_d", "New.");\n'},
        {CODE: ""},
    ]
    sources.expect(problems, good, bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
