#!/usr/bin/env python3
"""Code in the documentation is code of this repository.

Every block of C++ in README.md and docs/*.md follows a line `<!-- from PATH -->` and stands in that file word for word,
white space aside. A line `// ...` in a block stands for lines left out; what comes after it stands further down. Code
that is in no file (a change that the reader is to make, say) is written as ```diff or ```text.
"""

import re

import sources

FENCE = re.compile(r"^ {0,3}```+[ \t]*(\S*)")
SOURCE = re.compile(r"^<!-- from (\S+) -->$")
CXX_NAMES = {"cpp", "c++", "cxx", "cc", "hpp", "cuda", "cu"}
LEFT_OUT = "// ..."


def blocks(markdown):
    """(line of the opening fence, language, the nearest line above that is not blank, lines) of every fenced block."""
    found = []
    above = ""
    opened = None
    for number, line in enumerate(markdown.splitlines(), 1):
        fence = FENCE.match(line)
        if opened is not None:
            if fence and not fence.group(1):
                found.append(opened)
                opened = None
                above = ""
            else:
                opened[3].append(line)
        elif fence:
            opened = (number, fence.group(1).lower(), above, [])
        elif line.strip():
            above = line.strip()
    return found + ([opened] if opened is not None else [])


def pieces(lines):
    """What stands between the lines left out, in single spaces."""
    parts = [[]]
    for line in lines:
        if line.strip() == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].extend(line.split())
    return [" ".join(part) for part in parts if part]


def missing(lines, content):
    """The first piece that is not in `content` behind the one before, or None."""
    content = f" {' '.join(content.split())} "
    place = 0
    for piece in pieces(lines):
        place = content.find(f" {piece} ", place)
        if place < 0:
            return piece
        place += len(piece) + 1
    return None


def wrong(root, source, lines):
    """What is wrong with one block, or None."""
    named = SOURCE.match(source)
    if not named:
        return "no line `<!-- from PATH -->` above this block of C++"
    path = (root / named.group(1)).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return f"{named.group(1)} does not exist"
    if not pieces(lines):
        return "the block is empty"
    lacking = missing(lines, path.read_text(encoding="utf-8"))
    if lacking is None:
        return None
    return f"{named.group(1)} does not hold \"{lacking[:100]}{'...' if len(lacking) > 100 else ''}\""


def problems(root):
    root = root.resolve()
    found = []
    pages = [root / "README.md"] if (root / "README.md").is_file() else []
    for page in pages + sources.files(root, ["docs"], {".md"}):
        for number, language, above, lines in blocks(page.read_text(encoding="utf-8")):
            if language not in CXX_NAMES:
                continue
            complaint = wrong(root, above, lines)
            if complaint:
                found.append(f"{page.relative_to(root)}:{number}: {complaint}")
    return found


def self_test():
    header = "struct Spot {\n  static constexpr int size = 1;\n\n  int first();\n  int second();\n};\n"

    def page(source, *code):
        return "\n".join(["Text.", "", *source, "```cpp", *code, "```", "", "```diff", "+int no_file();", "```", ""])

    named = ["<!-- from include/tailbit/a.hpp -->"]
    good = {
        "include/tailbit/a.hpp": header,
        "README.md": page(named, "struct Spot {"),
        "docs/whole.md": page(named, *header.splitlines()),
        "docs/spaces.md": page(named + [""], "    int   first();", "int second();"),
        "docs/parts.md": page(named, "struct Spot {", "  // ...", "  int second();", "};"),
        "docs/none.md": "```\nint anything;\n```\n\n```sh\nmake\n```\n",
    }
    bad = [
        {"docs/a.md": page(named, "static constexpr int size = 2;")},
        {"docs/a.md": page(named, "int first(); int third();")},
        {"docs/a.md": page(named, "onstexpr int size = 1;")},
        {"docs/a.md": page(named, "int second();", "// ...", "int first();")},
        {"docs/a.md": page(named, "int first();", "// ...", "int first();")},
        {"docs/a.md": page(named)},
        {"docs/a.md": page([], "int first();")},
        {"docs/a.md": page(["<!-- form include/tailbit/a.hpp -->"], "int first();")},
        {"docs/a.md": page(["<!-- from include/tailbit/b.hpp -->"], "int first();")},
        {"docs/a.md": page([*named, "Other text."], "int first();")},
        {"docs/a.md": page(named, "int third();")[: -len("```\n\n```diff\n+int no_file();\n```\n")]},
        {"README.md": page(named, "int third();")},
        {"include/tailbit/a.hpp": header.replace("first", "third")},
    ]
    sources.expect(problems, good, bad)


if __name__ == "__main__":
    sources.main(problems, self_test)
