#!/usr/bin/env python3
"""tests/deploy/sbom.py SBOM SCHEMA PROGRAM SOURCE-FOLDER: the list of components follows CycloneDX and is true.

Its references are unique and point somewhere; it names every library that CMakeLists.txt looks for; what it calls a Debian package is
installed, in that version; what it calls shared is what the program's dynamic section needs, and nothing else is.
"""

import json
import re
import subprocess
import sys

import jsonschema

# What every C++ program needs, and is the system's.
SYSTEM = {"libstdc++", "libm", "libgcc_s", "libc", "ld-linux-x86-64", "libpthread", "libdl", "librt"}
SHARED_NAMES = {"simdjson": "libsimdjson", "OpenSSL": "libcrypto"}
FOUND_AS = {"Eigen": "Eigen3"}
NO_COMPONENT = {"Threads", "CUDAToolkit", "GTest", "MPI"}


def version_by_dpkg(package):
    done = subprocess.run(["dpkg-query", "--show", "--showformat", "${Version}", package], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def needed(program):
    dynamic = subprocess.run(["readelf", "--dynamic", program], capture_output=True, text=True, check=True).stdout
    return {name.split(".so")[0] for name in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)} - SYSTEM


def problems(bom, schema, shared, cmake, installed=version_by_dpkg):
    for error in jsonschema.Draft7Validator(schema).iter_errors(bom):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"
        return
    components = bom["components"]
    references = [component["bom-ref"] for component in components] + [bom["metadata"]["component"]["bom-ref"]]
    if len(set(references)) != len(references):
        yield "references are not unique"
    for dependency in bom["dependencies"]:
        for reference in [dependency["ref"], *dependency.get("dependsOn", [])]:
            if reference not in references:
                yield f"{reference}: refers to nothing"
    if {"ref": references[-1], "dependsOn": references[:-1]} not in bom["dependencies"]:
        yield "the program does not depend on what it is made of"
    for component in components:
        name, version = re.match(r"pkg:(?:deb/debian|generic)/(.+)@(.+)", component["purl"]).groups()
        version = version.replace("%2B", "+")
        if component["purl"].startswith("pkg:deb/") and installed(name) != version:
            yield f"{name}: {version} is listed, {installed(name)} is installed"
        if not re.match(rf"(\d+:)?{re.escape(component['version'])}", version):
            yield f"{component['name']}: {component['version']} is not the package's {version}"
    names = {component["name"] for component in components}
    wanted = set(re.findall(r"find_package\((\w+)", cmake)) - NO_COMPONENT
    lacking = wanted - {FOUND_AS.get(name, name) for name in names}
    if lacking:
        yield f"CMakeLists.txt looks for {sorted(lacking)}, which are not listed"
    listed = {SHARED_NAMES.get(c["name"]) for c in components if c["properties"][0]["value"] == "shared"}
    if listed != shared:
        yield f"shared libraries listed: {sorted(map(str, listed))}, needed by the program: {sorted(shared)}"


def self_test(bom, *rest):
    """Each fault that is planted is found."""
    faults = [
        lambda b: b.update(bomFormat="SPDX"),
        lambda b: b.update(serialNumber="urn:uuid:1"),
        lambda b: b.update(extra=1),
        lambda b: b["components"].pop(),
        lambda b: b["components"][0].pop("version"),
        lambda b: b["components"][0].update(version="0.1"),
        lambda b: b["components"][0].update(purl=b["components"][0]["purl"] + "9"),
        lambda b: b["components"][0].update({"bom-ref": b["components"][1]["bom-ref"]}),
        lambda b: b["components"][0]["properties"][0].update(value="shared"),
        lambda b: b["dependencies"][0]["dependsOn"].pop(),
        lambda b: b["dependencies"][0]["dependsOn"].append("nothing"),
    ]
    for number, fault in enumerate(faults):
        spoiled = json.loads(json.dumps(bom))
        fault(spoiled)
        assert list(problems(spoiled, *rest)), f"missed planted fault {number}"


if __name__ == "__main__":
    bom, schema, program, root = sys.argv[1:]
    bom, schema = json.load(open(bom)), json.load(open(schema))
    arguments = (schema, needed(program), open(root + "/CMakeLists.txt").read())
    found = list(problems(bom, *arguments))
    print("\n".join(found) if found else "ok")
    if not found:
        self_test(bom, *arguments)
    sys.exit(1 if found else 0)
