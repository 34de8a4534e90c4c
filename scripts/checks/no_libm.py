#!/usr/bin/env python3
"""No function of a system's mathematics library where bits are made: they differ between libraries, versions and devices.

Covers include/, kernels/, host/compile and host/backend_cpu. What rounds correctly or moves bits (fma, sqrt, abs, floor,
isfinite ...) has one value everywhere and is let through in host/; include/ has its own even of those and includes no
<cmath>. Unqualified calls are let through inside tailbit::math, for functions that it defines.
"""

import re

import sources

FOLDERS = ["include", "kernels", "host/compile", "host/backend_cpu"]

# Files of include/ that may include <cmath>, and why.
CMATH_ALLOWED = {}

_BASE = (
    "exp exp2 exp10 expm1 log log2 log10 log1p logb pow sin cos tan sincos sincospi sinpi cospi tanpi asin acos atan atan2 sinh cosh tanh "
    "asinh acosh atanh erf erfc erfinv erfcinv erfcx normcdf normcdfinv tgamma lgamma cbrt rcbrt rsqrt hypot rhypot norm3d "
    "fmod remainder remquo fdim j0 j1 jn y0 y1 yn cyl_bessel_i0 cyl_bessel_i1"
).split()
NAMES = sorted({name + suffix for name in _BASE for suffix in ("", "f", "l")}, key=len, reverse=True)
_ANY = "|".join(NAMES)

FORBIDDEN = [
    (re.compile(rf"(?<![\w:])(?:::\s*|std::\s*|cuda::std::\s*|thrust::\s*)({_ANY})\s*\("), "a library function; use tailbit::math"),
    (re.compile(rf"__builtin_({_ANY})\b"), "becomes a library call; use tailbit::math"),
    (re.compile(rf"\busing\s+(?:std)?::\s*({_ANY})\b"), "brings in a library function"),
    (re.compile(r"\b(using\s+namespace\s+std)\b"), "brings in the library's functions"),
    (re.compile(r"\b(__(?:expf|exp10f|logf|log2f|log10f|powf|sinf|cosf|tanf|sincosf|tanhf|fdividef|frsqrt_rn))\b"), "a hardware approximation"),
    (re.compile(r"\b(__(?:d|f)?(?:add|sub|mul|div|fma|fmaf|sqrt|rcp)_r[zud])\b"), "rounds otherwise than to nearest"),
    (re.compile(r"\b(curand_(?:log_)?(?:normal|poisson)\w*)\b"), "not of this program; normals come from math::normal_inverse_cdf"),
    (re.compile(r"\bstd::(\w+_distribution)\b"), "differs between standard libraries"),
]
UNQUALIFIED = re.compile(rf"(?<![\w.:>~])({_ANY})\s*\(")
MEMBER_ARROW = re.compile(r"->\s*$")
CMATH = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<(cmath|math\.h|complex|numbers|random|valarray)>", re.MULTILINE)
OWN = re.compile(rf"^\s*(?:template\s*<[^>]*>\s*)?(?:HD|inline|constexpr|static)\b[^;(=]*?\b({_ANY})\s*\(", re.MULTILINE)


def problems(root):
    found = []
    math_room = root / "include/tailbit/math"
    own = set()
    for path in sources.files(root, ["include/tailbit/math"], sources.CXX):
        own |= set(OWN.findall(sources.code(path.read_text(encoding="utf-8"))))
    for path in sources.files(root, FOLDERS, sources.CXX):
        relative = str(path.relative_to(root))
        content = sources.code(path.read_text(encoding="utf-8"))

        def report(position, what):
            found.append(f"{relative}:{content.count(chr(10), 0, position) + 1}: {what}")

        for pattern, why in FORBIDDEN:
            for match in pattern.finditer(content):
                report(match.start(), f"{match.group(1)}: {why}")
        for match in UNQUALIFIED.finditer(content):
            is_own = path.is_relative_to(math_room) and match.group(1) in own
            if not is_own and not MEMBER_ARROW.search(content[: match.start()]):
                report(match.start(), f"{match.group(1)}: may be a library function; write math::{match.group(1)}")
        for match in CMATH.finditer(content):
            header = match.group(1)
            if header == "numbers" or (relative.startswith("host/") and header == "cmath"):
                continue
            if relative.startswith(("include/", "kernels/")) and relative in CMATH_ALLOWED:
                continue
            report(match.start(), f"<{header}>: its functions come with it; use tailbit::math")
    return found


def self_test():
    good = {
        "include/tailbit/math/exp.hpp": "// std::exp(x) is not used\nHD double exp(double x) { return x; }\n"
        "template <class R>\nHD R log(R x) { return x; }\nHD double twice(double x) { return exp(log(x)); }\n",
        "include/tailbit/engine/e.hpp": 'inline double f(double x) { return math::exp(x) + tailbit::math::log(x); } // log(x)\n'
        'inline const char* name() { return "exp(x)"; }\ninline void g() { out.log(1); explode(1); p->log(2); }\n',
        "kernels/k.cu": "__device__ double f(double x) { return __fma_rn(x, x, __dsqrt_rn(x)); }\n",
        "host/compile/c.cpp": "#include <cmath>\nbool ok(double x) { return std::isfinite(x) && std::abs(x) < 1; }\n",
        "host/fit/f.cpp": "#include <cmath>\ndouble f(double x) { return std::exp(x); }\n",
    }
    lines = [
        ("include/tailbit/engine/e.hpp", "inline double f(double x) { return std::exp(x); }\n"),
        ("include/tailbit/engine/e.hpp", "inline double f(double x) { return ::pow(x, x); }\n"),
        ("include/tailbit/engine/e.hpp", "inline double f(double x) { return log(x); }\n"),
        ("include/tailbit/engine/e.hpp", "inline float f(float x) { return erfcf (x); }\n"),
        ("include/tailbit/engine/e.hpp", "using std::exp;\n"),
        ("include/tailbit/engine/e.hpp", "using namespace std;\n"),
        ("include/tailbit/engine/e.hpp", "#include <cmath>\n"),
        ("include/tailbit/math/x.hpp", "HD double f(double x) { return tanh(x); }\n"),
        ("include/tailbit/math/x.hpp", "HD double f(double x) { return __builtin_exp(x); }\n"),
        ("kernels/k.cu", "__device__ float f(float x) { return __expf(x); }\n"),
        ("kernels/k.cu", "__device__ float f(float x) { return __fmaf_rz(x, x, x); }\n"),
        ("kernels/k.cu", "__device__ double f(double x) { return normcdfinv(x); }\n"),
        ("kernels/k.cu", "__device__ double f(S* s) { return curand_normal_double(s); }\n"),
        ("host/compile/c.cpp", "double f(double x) { return std::log1p(x); }\n"),
        ("host/backend_cpu/c.cpp", "#include <random>\n"),
        ("host/backend_cpu/c.cpp", "std::normal_distribution<double> d;\n"),
    ]
    sources.expect(problems, good, [{name: line} for name, line in lines])


if __name__ == "__main__":
    sources.main(problems, self_test)
