# tests/lint/test_static.py - clang-tidy, cppcheck, shellcheck and the compiler's own warnings.
# SPDX-License-Identifier: MIT
import os
import subprocess

import pytest
from sources import ROOT, shell_scripts, with_suffix

PORTABLE = [f for f in with_suffix(".c") if f.startswith(("mm/", "kernel/", "tests/kernel/"))]
COMMON = ["-std=c17", "-ffreestanding", "-I.", "-Wall", "-Wextra", "-Wno-unknown-warning-option"]
I386 = [*COMMON, "-Iarch/x86/i386", "-Iarch/x86", "-target", "i686-linux-gnu"]
# Which sources only one machine understands, and how; the first row that matches counts.
FLAGS = (
    ("arch/x86/x86_64/", [*COMMON, "-Iarch/x86/x86_64", "-Iarch/x86", "-target", "x86_64-linux-gnu"]),
    ("arch/arm/", [*COMMON, "-Iarch/arm/armv7", "-Iarch/arm", "-target", "arm-none-eabi", "-march=armv7-a"]),
    ("boot/arm/", [*COMMON, "-Iarch/arm/armv7", "-Iarch/arm", "-target", "arm-none-eabi", "-march=armv7-a"]),
    ("kernel/dev/uart_pl011", [*COMMON, "-Iarch/arm/armv7", "-Iarch/arm", "-target", "arm-none-eabi", "-march=armv7-a"]),
    ("", I386),
)


def run(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def flags_of(path):
    return next(flags for prefix, flags in FLAGS if path.startswith(prefix))


def groups():
    """Sources by directory, at most five together: one clang-tidy each, so that two cores share the work."""
    found = {}
    for path in PORTABLE + [f for f in with_suffix(".c") if f.startswith(("boot/", "arch/"))]:
        found.setdefault((os.path.dirname(path), tuple(flags_of(path))), []).append(path)
    return [tuple(paths[i:i + 5]) for _, paths in sorted(found.items()) for i in range(0, len(paths), 5)]


@pytest.mark.parametrize("paths", groups(), ids=lambda p: os.path.splitext(p[0])[0])
def test_clang_tidy(paths):
    # In a test a product of two small numbers is what it looks like.
    calm = ["--checks=-bugprone-implicit-widening-of-multiplication-result"] if paths[0].startswith("tests/") else []
    status, text = run("clang-tidy", "--quiet", *calm, *paths, "--", *flags_of(paths[0]))
    if status:
        pytest.fail("\n".join(line for line in text.splitlines() if ": error:" in line), pytrace=False)


def test_cppcheck():
    cache = ROOT / os.environ.get("BUILD", "build") / "lint" / "cppcheck"
    cache.mkdir(parents=True, exist_ok=True)
    status, text = run(
        "cppcheck", "--quiet", "--std=c11", "--error-exitcode=1", "--inline-suppr", "-I.", "-Iarch/x86/i386", "-Iarch/x86", "-j1",
        "--enable=warning,portability,performance", f"--cppcheck-build-dir={cache}", "--platform=unix32",
        # The bounds of a linker section are two objects to the language, one array to us.
        "--suppress=missingIncludeSystem", "--suppress=comparePointers",
        "--template={file}:{line}: {severity}: {message} [{id}]", *PORTABLE)
    assert status == 0, text[-6000:]


def test_shellcheck():
    scripts = shell_scripts()
    assert "tools/setup" in scripts
    status, text = run("shellcheck", *scripts)
    assert status == 0, text
