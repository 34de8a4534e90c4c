"""What the checks share: finding the repository's files, reading C++ without its comments, and the command line.

A check is a module with `problems(root)`, a list of "file:line: what is wrong", and `self_test()`, which raises when the
check misses a planted fault. `main` gives it its two ways to run: CHECK [ROOT] and CHECK --self-test.
"""

import re
import sys
import tempfile
from pathlib import Path

CXX = {".hpp", ".cpp", ".cu", ".cuh", ".inl", ".h"}
FOLDERS = ["include", "kernels", "host", "tests", "bench", "scripts", "configs", "docs", "cmake", ".ci"]


def files(root, folders=None, suffixes=None):
    """The files under `folders` (default: all of the repository's own, and those at its top), sorted."""
    root = Path(root)
    found = [] if folders else [path for path in root.iterdir() if path.is_file()]
    for folder in folders or FOLDERS:
        found += [path for path in (root / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(path for path in found if suffixes is None or path.suffix in suffixes)


def text(path):
    """The file's text, or None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<!\w)'(?:\\.|[^'\\\n])+'""", re.DOTALL
)


def code(cxx, keep_literals=False):
    """C++ with comments (and the contents of literals) blanked and the line numbers kept."""

    def blank(match):
        found = match.group()
        if keep_literals and not found.startswith("/"):
            return found
        return re.sub(r"[^\n]", " ", found)

    return _COMMENT_OR_LITERAL.sub(blank, cxx)


def plant(folder, tree):
    """Writes {path: text} under `folder`."""
    for name, content in tree.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Path(folder)


def expect(problems, good, bad):
    """Self-test: the `good` tree has no problem, and each of the `bad` trees, laid over it, has at least one."""
    with tempfile.TemporaryDirectory() as folder:
        found = problems(plant(folder, good))
        assert not found, f"a false alarm: {found}"
    for tree in bad:
        with tempfile.TemporaryDirectory() as folder:
            plant(folder, good)
            assert problems(plant(folder, tree)), f"missed the fault planted in {tree}"


def main(problems, self_test):
    arguments = sys.argv[1:]
    if arguments == ["--self-test"]:
        self_test()
        print("ok: finds what it should find")
        return
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    found = problems(root)
    print("\n".join(found) if found else "ok")
    sys.exit(1 if found else 0)
