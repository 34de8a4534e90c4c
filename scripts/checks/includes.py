#!/usr/bin/env python3
"""Who may include whom.

The rooms of include/tailbit and of host/ stand in a row, and a room includes only itself and the rooms to its left.
include/ knows nothing of host/ and kernels/ and, like host/, no CUDA header, so that it compiles without the toolkit.
Eigen stays in host/fit, because its results differ between instruction sets.
"""

import re

import sources

LIBRARY = [["core"], ["math"], ["random"], ["market"], ["models", "instruments"], ["engine"], ["measure"]]
PROGRAM = [["io"], ["fit"], ["compile"], ["backend_cpu"], ["report"], ["backtest"], ["ops"], ["cli"], ["mpi"]]
# Where the backends meet: these rooms may start the CUDA backend through the plain C++ headers of kernels/.
MAY_START_KERNELS = {"ops", "cli"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
CUDA_HEADER = re.compile(
    r"^(cuda|curand|cublas|cusparse|nvtx|nvrtc|nvml|vector_types|vector_functions|device_launch|device_functions"
    r"|cooperative_groups|math_constants|driver_types|sm_\d|thrust/|cub/|nv/|cccl/)|\.cuh$"
)


def rank(rows, room):
    """The place of a room in its row, None when there is no such room."""
    return next((place for place, rooms in enumerate(rows) if room in rooms), None)


def place_of(root, path):
    """('include' | 'host' | 'kernels' | ..., room or None) of a file."""
    parts = path.relative_to(root).parts
    if parts[0] == "include":
        return "include", parts[2] if len(parts) > 3 and parts[1] == "tailbit" else None
    return parts[0], parts[1] if parts[0] == "host" and len(parts) > 2 else None


def target_of(root, path, name):
    """The file of this repository that an include names, or None when it is somebody else's."""
    for folder in [path.parent, root / "include", root, root / "host", root / "kernels"]:
        candidate = (folder / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate
    return None


def verdict(root, path, name):
    """What is wrong with `path` including `name`, or None."""
    side, room = place_of(root, path)
    if side in ("include", "host") and CUDA_HEADER.search(name):
        return "a CUDA header; only kernels/ may include those"
    if re.match(r"(unsupported/)?Eigen/", name) and side in ("include", "host", "kernels") and room != "fit":
        return "Eigen outside host/fit; its bits differ between machines"
    if "../" in name:
        return "a path that climbs; name the file from include/, host/ or the repository's root"
    target = target_of(root, path, name)
    if target is None:
        return "a file of this project that does not exist" if name.startswith("tailbit/") else None
    other_side, other_room = place_of(root, target)
    if side == other_side and side in ("include", "host"):
        rows = LIBRARY if side == "include" else PROGRAM
        mine, other = rank(rows, room), rank(rows, other_room)
        if mine is None:
            return f"unknown room {room!r}; add it to scripts/checks/includes.py"
        if other is None or other > mine or (other == mine and other_room != room):
            return f"{room} may not include {other_room}"
    elif side == "include":
        return f"include/ may not include {other_side}/"
    elif side == "kernels" and other_side not in ("include", "kernels"):
        return f"kernels/ may not include {other_side}/"
    elif side == "host" and other_side == "kernels" and room not in MAY_START_KERNELS:
        return f"host/{room} may not include kernels/ (only {', '.join(sorted(MAY_START_KERNELS))})"
    elif side == "host" and other_side in ("tests", "bench"):
        return f"host/ may not include {other_side}/"
    return None


def problems(root):
    root = root.resolve()
    found = []
    for path in sources.files(root, ["include", "host", "kernels"], sources.CXX):
        content = sources.code(path.read_text(encoding="utf-8"), keep_literals=True)
        for match in INCLUDE.finditer(content):
            wrong = verdict(root, path, match.group(2))
            if wrong:
                line = content.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(root)}:{line}: {match.group(2)}: {wrong}")
    return found


def self_test():
    good = {
        "include/tailbit/core/a.hpp": "#include <cstdint>\n// #include <cuda_runtime.h>\n",
        "include/tailbit/math/b.hpp": '#include "tailbit/core/a.hpp"\n',
        "include/tailbit/models/m.hpp": '#include "tailbit/math/b.hpp"\n',
        "include/tailbit/instruments/i.hpp": '#include "tailbit/math/b.hpp"\n',
        "include/tailbit/engine/e.hpp": '#include "tailbit/models/m.hpp"\n#include "tailbit/instruments/i.hpp"\n',
        "include/tailbit/measure/s.hpp": "#include <vector>\n",
        "host/io/r.hpp": '#include "tailbit/engine/e.hpp"\n',
        "host/fit/f.cpp": '#include <Eigen/Dense>\n#include "io/r.hpp"\n',
        "host/ops/o.cpp": '#include "host/io/r.hpp"\n#include "kernels/run.hpp"\n',
        "host/cli/c.hpp": "\n",
        "kernels/run.hpp": '#include "tailbit/engine/e.hpp"\n',
        "kernels/run.cu": '#include <cuda_runtime.h>\n#include "run.hpp"\n',
    }
    bad = [
        {"include/tailbit/core/a.hpp": '#include "tailbit/math/b.hpp"\n'},
        {"include/tailbit/models/m.hpp": '#include "tailbit/instruments/i.hpp"\n'},
        {"include/tailbit/instruments/i.hpp": '#include "tailbit/models/m.hpp"\n'},
        {"include/tailbit/engine/e.hpp": '#include "tailbit/measure/s.hpp"\n'},
        {"include/tailbit/engine/e.hpp": '#include "host/io/r.hpp"\n'},
        {"include/tailbit/core/a.hpp": "#include <cuda_runtime.h>\n"},
        {"include/tailbit/core/a.hpp": "#  include <thrust/sort.h>\n"},
        {"include/tailbit/core/a.hpp": "#include <Eigen/Dense>\n"},
        {"include/tailbit/core/a.hpp": '#include "tailbit/core/absent.hpp"\n'},
        {"include/tailbit/new/a.hpp": '#include "tailbit/core/a.hpp"\n'},
        {"host/io/r.hpp": '#include "fit/g.hpp"\n', "host/fit/g.hpp": ""},
        {"host/ops/o.cpp": '#include "cli/c.hpp"\n'},
        {"host/io/r.hpp": '#include "kernels/run.hpp"\n'},
        {"host/io/r.hpp": '#include "../cli/c.hpp"\n'},
        {"kernels/run.hpp": '#include "host/io/r.hpp"\n'},
    ]
    sources.expect(problems, good, bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
