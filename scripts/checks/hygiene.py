#!/usr/bin/env python3
"""What no file here may hold: work left undone, one machine's paths or package hosts, flags that change bits; and how long it may be."""

import re

import sources

LONGEST = 450  # lines; one idea a file
LIMITED = ("include", "host", "kernels", "tests")

# Spelled in pieces where this file would otherwise find itself.
UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.}/~-])/(?:work|farm|root|home)(?=/|[\s\"'`:;,)]|$)")
PACKAGE_HOST = re.compile(r"(?:--|PIP_)(?:extra-)?(?:index-url|INDEX_URL|trusted-host)|\b(?:artifactory|nexus)\.", re.IGNORECASE)
BITS_FLAG = re.compile(
    r"-f(?:fast|unsafe|associative|finite|reciprocal)-math(?!\w)|-f(?:unsafe-math-optimizations|associative-math|finite-math-only"
    r"|reciprocal-math|no-signed-zeros)\b|-Of" r"ast\b|use_fast" r"_math\b|-ffp-contract=(?:fast|on)\b|-?-fmad=true\b|-ftz=true\b"
    r"|-prec-(?:div|sqrt)=false\b|-march=(?:native|x86-64-v)|fp\s+contract\((?:fast|on)\)|FP_CONTRACT\s+ON\b"
)
# Messages go through host/io/log, so that they are lines in the form asked for.
STDERR = re.compile(r"std::c(?:err|log)\b|\bf(?:printf|puts|write)\(\s*stderr|,\s*stderr\)")
# Prose may name what is forbidden; this file has to.
MAY_NAME_FLAGS = {".md"}
SKIPPED = {"LICENSE"}


def problems(root):
    found = []
    for path in sources.files(root):
        relative = path.relative_to(root)
        content = None if relative.name in SKIPPED else sources.text(path)
        if content is None:
            continue
        is_self = relative.as_posix() == "scripts/checks/hygiene.py"
        lines = content.splitlines()
        if relative.parts[0] in LIMITED and path.suffix in sources.CXX | {".py", ".sh"} and len(lines) > LONGEST:
            found.append(f"{relative}: {len(lines)} lines, more than {LONGEST}; one idea a file")
        if is_self:
            continue
        for number, line in enumerate(lines, 1):
            for pattern, what in [
                (UNDONE, "work left undone"),
                (MACHINE_PATH, "a path of one machine"),
                (PACKAGE_HOST, "a package host of one site"),
                (BITS_FLAG, "a flag that changes bits"),
                (STDERR, "a message past host/io/log"),
            ]:
                if pattern is BITS_FLAG and path.suffix in MAY_NAME_FLAGS:
                    continue
                if pattern is STDERR and relative.parts[0] != "host":
                    continue
                match = pattern.search(line)
                if match:
                    found.append(f"{relative}:{number}: {match.group().strip()}: {what}")
    return found


def self_test():
    good = {
        "README.md": "Never build with -ffast-math. See ../shared and https://example.org/work/home.\n",
        "CMakeLists.txt": "add_compile_options(-ffp-contract=off)\n",
        "host/io/a.cpp": '// reads "market/home.json", $root/work and ${dir}/home\n' * 450,
        "scripts/b": "PATH=$PATH:/usr/local/cuda/bin\n",
        "tests/unit/b.cpp": 'std::cerr << "why";\n',
    }
    bad = [
        {"host/io/a.cpp": "// TO" "DO: finish\n"},
        {"include/x.hpp": "int a;  // XX" "X\n"},
        {"scripts/b": "cd /" "work/main\n"},
        {"docs/x.md": "in `/" "root/y`\n"},
        {"configs/x.json": '{"path": "/home/me"}\n'},
        {"scripts/b": "pip install --index-url https://x\n"},
        {"CMakeLists.txt": "add_compile_options(-ffast-math)\n"},
        {"CMakeLists.txt": "add_compile_options(-Ofast)\n"},
        {"CMakeLists.txt": "add_compile_options(--use_fast_math)\n"},
        {"CMakeLists.txt": "add_compile_options(-ffp-contract=fast)\n"},
        {"CMakePresets.json": '"CMAKE_CXX_FLAGS": "-march=native"\n'},
        {"cmake/flags.cmake": "set(x -ffp-contract=on)\n"},
        {"host/io/a.cpp": "#pragma clang fp contract(fast)\n"},
        {"tests/unit/a.cpp": "\n" * 451},
        {"host/ops/a.cpp": 'std::cerr << "why";\n'},
        {"host/ops/a.cpp": 'std::fputs("why", stderr);\n'},
    ]
    sources.expect(problems, good, bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
