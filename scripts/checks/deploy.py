#!/usr/bin/env python3
"""Deployment files agree with the program's exit codes and with each other.

Of configs/deploy: every Kubernetes manifest follows tests/deploy/kubernetes.schema.json (strict: no field that the API does not have);
its rules treat every exit code, and as host/io/exit_codes.cpp says; containers, volumes and mounts go together; the image's version is
the project's; requests and limits of CPUs are equal. The systemd units treat every code, and as the table says; they never skip a start or
give up, run as the user of sysusers.d, and write metrics to the folder of tmpfiles.d. Slurm's files requeue what the table says, not without
end, and parse as shell. The Containerfile ends as a user that is not root, runs the program, asks for no GPU, and names no registry. Every
block of commands in docs/operations.md is run by the test that it names.
"""

import json
import re
import subprocess

import sources

FOLDER = "configs/deploy"


def exit_table(root):
    """{code: "use" | "mend" | "hold" | "retry" | "again"}, off the two sources that the program is made of."""
    numbers = dict(re.findall(r"(\w+) = (\d+),", (root / "host/io/problems.hpp").read_text()))
    rows = re.findall(r"ExitCode::(\w+), Next::(\w+)", (root / "host/io/exit_codes.cpp").read_text())
    return {int(numbers[name]): following for name, following in rows}


def codes(table, *following):
    return sorted(code for code, what in table.items() if what in following and code != 0)


def manifest_problems(root, documents, table):
    import jsonschema

    schema = json.loads((root / "tests/deploy/kubernetes.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    version = re.search(r"VERSION (\S+)", (root / "CMakeLists.txt").read_text().split("project(", 1)[1]).group(1)
    for path, document in documents:
        kind = {"CronJob": "cronjob", "Job": "job", "NetworkPolicy": "networkpolicy"}.get((document or {}).get("kind"))
        if kind is None:
            yield f"{path}: no kind that tests/deploy/kubernetes.schema.json knows"
            continue
        one = jsonschema.Draft7Validator({**validator.schema, "oneOf": [{"$ref": f"#/definitions/{kind}"}]})
        errors = [inner for error in one.iter_errors(document) for inner in (error.context or [error])]
        for error in errors:
            yield f"{path}:/{'/'.join(map(str, error.absolute_path))}: {error.message}"
        if errors or kind == "networkpolicy":
            continue
        job = document["spec"]["jobTemplate"]["spec"] if kind == "cronjob" else document["spec"]
        yield from (f"{path}: {what}" for what in job_problems(job, table, version))


def job_problems(job, table, version):
    pod = job["template"]["spec"]
    container = pod["containers"][0]
    actions = {}
    for rule in job["podFailurePolicy"]["rules"]:
        for code in rule.get("onExitCodes", {}).get("values", []):
            actions.setdefault(code, rule["action"])  # the first rule that fits counts
        if rule.get("onExitCodes", {}).get("containerName", container["name"]) != container["name"]:
            yield "a rule names a container that is not there"
    for code, following in table.items():
        wanted = "FailJob" if following in ("use", "mend") else "Count"
        if code and actions.get(code) != wanted:
            yield f"exit code {code} is {actions.get(code)}, and should be {wanted}"
    yield from (f"exit code {code} is not one of the program's" for code in actions if code not in table)
    if container["image"] != f"tailbit:{version}":
        yield f"the image is {container['image']}, and this is version {version}"
    resources = container["resources"]
    if resources["requests"].get("cpu") != resources["limits"]["cpu"]:
        yield "requests and limits of CPUs differ: threads are as many as the limit, and the node may not have them"
    volumes = {volume["name"] for volume in pod["volumes"]}
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    if volumes != mounts:
        yield f"volumes {sorted(volumes)}, and mounts {sorted(mounts)}"
    for argument in container["args"]:
        under = [mount for mount in container["volumeMounts"] if argument.startswith(mount["mountPath"] + "/")]
        if argument.startswith("/") and not under:
            yield f"{argument} lies on no volume"
    if "completions" in job and f"auto/{job['completions']}" not in container["args"]:
        yield "the number of shards in the command is not that of the completions"


def unit_fields(path):
    """{setting: its values}; a line that ends with \\ goes on."""
    fields = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", re.sub(r"\s*\\\n\s*", " ", path.read_text()), re.MULTILINE):
        fields.setdefault(name, []).append(value)
    return fields


def unit_problems(root, table):
    read = lambda name: (root / FOLDER / name / "tailbit.conf").read_text()
    users = re.findall(r"^u (\S+) ", read("sysusers.d"), re.MULTILINE)
    folders = {path: owner for path, owner in re.findall(r"^d (\S+) \d+ (\S+) ", read("tmpfiles.d"), re.MULTILINE)}
    # A resident service waits for what may pass by itself, an input that comes late too. There is nothing that it compares.
    final = [code for code in codes(table, "mend") if code not in (11, 66)]
    for unit, restart, wanted in [
        ("tailbit@.service", "on-failure", {"SuccessExitStatus": codes(table, "use"),
                                            "RestartPreventExitStatus": codes(table, "mend", "hold", "retry")}),
        ("tailbit-watch@.service", "always", {"SuccessExitStatus": codes(table, "again"), "RestartPreventExitStatus": final}),
    ]:
        path = root / FOLDER / "systemd" / unit
        fields = unit_fields(path)
        say = f"{path.relative_to(root)}: "
        for name, numbers in wanted.items():
            found = sorted(map(int, " ".join(fields.get(name, [])).split()))
            if found != numbers:
                yield say + f"{name} is {found}, and should be {numbers}"
        # What neither succeeds nor is prevented is started again.
        if fields.get("Restart") != [restart]:
            yield say + f"exit codes {codes(table, 'again')} are not started again"
        if fields.get("StartLimitIntervalSec") != ["0"]:
            yield say + "gives up after some restarts"
        if any(name.startswith("Condition") for name in fields):
            yield say + "skips a start, which is no failure to systemd, so nobody hears of it"
        if fields.get("User") != users or "DynamicUser" in fields:
            yield say + f"runs as {fields.get('User')}, and sysusers.d makes {users}"
        if "--metrics %S/tailbit-metrics/%i.prom --metrics-name %i " not in fields["ExecStart"][0]:
            yield say + "does not say how its runs went"
        if fields.get("ReadWritePaths") != ["-%S/tailbit-metrics"] or [folders.get("/var/lib/tailbit-metrics")] != users:
            yield say + "may not write its metrics, or not into a folder of tmpfiles.d that is its user's"
        inbox = re.search(r"--inbox (\S+)/%i ", fields["ExecStart"][0])
        if inbox and inbox.group(1) not in folders:
            yield say + f"{inbox.group(1)}: tmpfiles.d makes no such folder"


def slurm_problems(root, table):
    for path in sources.files(root, [FOLDER + "/slurm"]):
        content = path.read_text()
        done = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
        if done.returncode:
            yield f"{path.relative_to(root)}: {done.stderr.strip()}"
        for name, what in [("RequeueExit", "again"), ("RequeueExitHold", "hold")]:
            for found in re.findall(rf"{name}=(\d+(?:,\d+)*)", content):
                if sorted(map(int, found.split(","))) != codes(table, what):
                    yield f"{path.relative_to(root)}: {name}={found}, and should be {codes(table, what)}"
        if "scontrol requeue" in content:
            if sorted(set(map(int, re.findall(r"\$code == (\d+)", content)))) != codes(table, "again"):
                yield f"{path.relative_to(root)}: puts itself back with other codes than {codes(table, 'again')}"
            if not re.search(r"SLURM_RESTART_COUNT:-0\} -lt \$most \]\]; then\n  scontrol requeue", content):
                yield f"{path.relative_to(root)}: puts itself back without end"


def container_problems(root):
    path = root / FOLDER / "container" / "Containerfile"
    lines = [line.split(None, 1) for line in path.read_text().splitlines() if line and not line.startswith("#")]
    last = max(place for place, line in enumerate(lines) if line[0] == "FROM")
    of = lambda name: [line[1] for line in lines[last:] if line[0] == name]
    say = f"{path.relative_to(root)}: "
    if not of("USER") or not re.fullmatch(r"[1-9]\d*:[1-9]\d*", of("USER")[-1]):
        yield say + "the last USER is not a number other than root's"
    if of("ENTRYPOINT") != ['["tailbit"]']:
        yield say + "does not begin the program itself"
    if "NVIDIA_VISIBLE_DEVICES" in " ".join(of("ENV")):
        yield say + "asks for GPUs: a pod that requests none would get all"
    for line in lines:
        image = line[1].split()[0] if line[0] == "FROM" else ""
        if line[0] == "ARG" and "=" in line[1]:
            image = line[1].split("=", 1)[1]
        if "." in image.split("/")[0] and "/" in image:
            yield say + f"{image}: names a registry"
    # scripts/checks/reproducible.sh builds from a copy, and so shows which files a build needs.
    copied = sorted(word for line in lines if line[0] == "COPY" and "--from" not in line[1] for word in line[1].split()[:-1])
    needed = re.search(r"tar -c (.+)\)", (root / "scripts/checks/reproducible.sh").read_text()).group(1).split()
    if copied != sorted(needed):
        yield say + f"copies {copied}, and a build needs {sorted(needed)}"
    for source in re.findall(r"(?:RUN|&&) (scripts/\S+)", path.read_text()):
        if not (root / source).is_file():
            yield say + f"{source} does not exist"


def page_problems(root):
    page = root / "docs/operations.md"
    marker = re.compile(r"^<!-- run: ([a-z-]+) in (\S+) -->$")
    lines = page.read_text().splitlines()
    inside, names = False, set()
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith("```"):
            continue
        inside = not inside
        named = marker.match(lines[number - 2])
        if not inside:
            continue
        if not named:
            yield f"docs/operations.md:{number}: no line `<!-- run: NAME in TEST -->` above this block of commands"
            continue
        name, test = named.groups()
        if name in names:
            yield f"docs/operations.md:{number}: a second block is called {name}"
        names.add(name)
        if not (root / test).is_file() or not re.search(rf"\bdocumented {name}(?![\w-])", (root / test).read_text()):
            yield f"docs/operations.md:{number}: {test} does not run `documented {name}`"


def problems(root):
    import yaml

    root = root.resolve()
    table = exit_table(root)
    documents = [
        (path.relative_to(root), document)
        for path in sources.files(root, [FOLDER + "/kubernetes"])
        for document in yaml.safe_load_all(path.read_text())
    ]
    found = list(manifest_problems(root, documents, table))
    found += list(unit_problems(root, table)) + list(slurm_problems(root, table)) + list(container_problems(root))
    found += list(page_problems(root))
    return found


def self_test():
    here = sources.Path(__file__).resolve().parents[2]
    kept = ["host/io/problems.hpp", "host/io/exit_codes.cpp", "tests/deploy/kubernetes.schema.json", "CMakeLists.txt",
            "scripts/install_dependencies", "docs/operations.md", "scripts/checks/reproducible.sh", "tests/slurm/end_to_end.sh",
            "tests/deploy/documents.sh", "tests/deploy/slurm.sh", "tests/mpi/documents.sh"]
    kept += [str(path.relative_to(here)) for path in sources.files(here, [FOLDER])]
    good = {name: (here / name).read_text() for name in kept}
    spoil = lambda name, old, new: {name: good[name].replace(old, new, 1)}
    cron, shards = FOLDER + "/kubernetes/cronjob.yaml", FOLDER + "/kubernetes/shards.yaml"
    unit, watch = FOLDER + "/systemd/tailbit@.service", FOLDER + "/systemd/tailbit-watch@.service"
    bad = [
        spoil(cron, "concurrencyPolicy: Forbid", "concurrencyPolice: Forbid"),
        spoil(cron, "concurrencyPolicy: Forbid", "concurrencyPolicy: Never"),
        spoil(cron, "name: tailbit-intraday", "name: Tailbit_intraday"),
        spoil(cron, "name: tailbit-intraday", "name: t" + "a" * 52),
        spoil(cron, "startingDeadlineSeconds: 120", "startingDeadlineSeconds: 5"),
        spoil(cron, '"*/5 * * * *"', '"*/5 * * *"'),
        spoil(cron, "values: [69, 73, 74, 75, 77]", "values: [69, 73, 74, 77]"),
        spoil(cron, "values: [69, 73, 74, 75, 77]", "values: [69, 73, 74, 75, 76, 77]"),
        spoil(cron, "values: [10, 11,", "values: [0, 10, 11,"),
        spoil(cron, "action: Count", "action: Retry"),
        spoil(cron, "action: Count", "action: FailJob"),
        spoil(cron, "              containerName: tailbit", "              containerName: other"),
        spoil(cron, "image: tailbit:0.1.0", "image: tailbit:9.9.9"),
        spoil(cron, "image: tailbit:0.1.0", "image: tailbit:latest"),
        spoil(cron, "runAsNonRoot: true", "runAsNonRoot: false"),
        spoil(cron, "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"),
        spoil(cron, "capabilities: {drop: [ALL]}", "capabilities: {drop: [NET_ADMIN]}"),
        spoil(cron, "restartPolicy: Never", "restartPolicy: OnFailure"),
        spoil(cron, "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: soon"),
        spoil(cron, "nvidia.com/gpu: 1", "nvidia.com/gpu: one"),
        spoil(cron, 'limits: {cpu: "2", ', "limits: {"),
        spoil(cron, 'limits: {cpu: "2", ', 'limits: {cpu: "16", '),
        spoil(cron, "mountPath: /results}", "mountPath: /elsewhere}"),
        spoil(cron, "- name: results\n", "- name: others\n"),
        spoil(cron, "kind: CronJob", "kind: Cron"),
        spoil(shards, "completions: 8", "completions: 4"),
        spoil(shards, "completionMode: Indexed", "completionMode: Numbered"),
        spoil(shards, "completionMode: Indexed", "completionMode: NonIndexed"),
        spoil(shards, "  backoffLimitPerIndex: 6\n", ""),
        spoil(FOLDER + "/kubernetes/network.yaml", "[Ingress, Egress]", "[Ingress]"),
        spoil(unit, "SuccessExitStatus=10 12", "SuccessExitStatus=10"),
        spoil(unit, "Restart=on-failure", "Restart=no"),
        spoil(unit, "RestartPreventExitStatus=11 64", "RestartPreventExitStatus=64"),
        spoil(watch, "RestartPreventExitStatus=64 65", "RestartPreventExitStatus=64 65 66"),
        spoil(watch, "RestartPreventExitStatus=64 65", "RestartPreventExitStatus=65"),
        spoil(watch, "SuccessExitStatus=75\n", ""),
        spoil(watch, "Restart=always", "Restart=on-success"),
        spoil(watch, "StartLimitIntervalSec=0", "StartLimitIntervalSec=1h"),
        spoil(watch, "--inbox /var/spool/tailbit/%i", "--inbox /var/spool/others/%i"),
        spoil(unit, "[Service]\n", "ConditionPathExists=%E/tailbit/%i/run.json\n[Service]\n"),
        spoil(unit, "User=tailbit\n", "DynamicUser=yes\n"),
        spoil(unit, "User=tailbit\n", "User=nobody\n"),
        spoil(unit, "--metrics %S/tailbit-metrics/%i.prom", "--metrics %S/tailbit-metrics/all.prom"),
        spoil(unit, "ReadWritePaths=-%S/tailbit-metrics\n", ""),
        spoil(FOLDER + "/tmpfiles.d/tailbit.conf", "tailbit-metrics 0755 tailbit tailbit", "tailbit-metrics 0755 root root"),
        spoil(FOLDER + "/slurm/run.sbatch", "RequeueExit=75", "RequeueExit=74"),
        spoil(FOLDER + "/slurm/run.sbatch", "RequeueExitHold=69", "RequeueExitHold=69,70"),
        spoil(FOLDER + "/slurm/requeue.sbatch", "done\n", ""),
        spoil(FOLDER + "/slurm/requeue.sbatch", "$code == 75", "$code == 70"),
        spoil(FOLDER + "/slurm/requeue.sbatch", " && ${SLURM_RESTART_COUNT:-0} -lt $most", ""),
        spoil(FOLDER + "/container/Containerfile", "USER 65532:65532", "USER 0:0"),
        spoil(FOLDER + "/container/Containerfile", "USER 65532:65532\n", ""),
        spoil(FOLDER + "/container/Containerfile", "ENV ", "ENV NVIDIA_VISIBLE_DEVICES=all "),
        spoil(FOLDER + "/container/Containerfile", "FROM debian:12\n", "FROM registry.example.com/debian:12\n"),
        spoil(FOLDER + "/container/Containerfile", 'ENTRYPOINT ["tailbit"]', "ENTRYPOINT tailbit"),
        spoil(FOLDER + "/container/Containerfile", "COPY docs docs\n", ""),
        spoil(FOLDER + "/container/Containerfile", "scripts/install_dependencies", "scripts/install_all"),
        spoil("docs/operations.md", "<!-- run: look in tests/deploy/documents.sh -->\n", ""),
        spoil("docs/operations.md", "run: shards in", "run: pieces in"),
        spoil("docs/operations.md", "run: shards in", "run: look in"),
        spoil("docs/operations.md", "in tests/slurm/end_to_end.sh", "in tests/slurm/absent.sh"),
        spoil("tests/deploy/documents.sh", "documented shards", "undocumented shards"),
        spoil("host/io/exit_codes.cpp", "ExitCode::temporary, Next::again", "ExitCode::temporary, Next::mend"),
    ]
    assert all(text != good[name] for tree in bad for name, text in tree.items()), "a fault was not planted"
    sources.expect(problems, good, bad)


if __name__ == "__main__":
    try:
        import jsonschema  # noqa: F401
        import yaml  # noqa: F401
    except ImportError as missing:
        print(f"SKIP: python has no module {missing.name} (Debian: python3-jsonschema, python3-yaml)")
        sources.sys.exit(77)
    sources.main(problems, self_test)
