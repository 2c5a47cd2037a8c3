# tests/lint/test_static.py - clang-tidy, cppcheck, shellcheck, pyflakes and the compiler's own warnings.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess
import sys

import pytest
from sources import ROOT, complain, python_scripts, shell_scripts, with_suffix

PORTABLE = [f for f in with_suffix(".c") if f.startswith(
    ("lib/", "paging/", "isa/", "inspect/", "mm/", "kernel/", "shell/", "drivers/", "tests/kernel/"))]
COMMON = ["-std=c17", "-ffreestanding", "-I.", "-Wall", "-Wextra", "-Wno-unknown-warning-option"]


def target(family, width, *more):
    return [*COMMON, f"-Ihw/{family}/{width}", f"-Iarch/{family}/{width}", f"-Iarch/{family}", "-target", *more]


I386 = target("x86", "i386", "i686-linux-gnu")
NONE = target("none", "none", "x86_64-linux-gnu")
ARMV7 = target("arm", "armv7", "arm-none-eabi", "-march=armv7-a")
# Which sources only one machine understands, and how; the first row that matches counts.
FLAGS = (
    ("arch/none/", NONE), ("boot/none/", NONE),
    ("arch/x86/x86_64/", target("x86", "x86_64", "x86_64-linux-gnu")),
    ("arch/arm/", ARMV7), ("boot/arm/", ARMV7), ("drivers/uart_pl011", ARMV7), ("drivers/disk_virtio_mmio", ARMV7),
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
    for path in PORTABLE + [f for f in with_suffix(".c") if f.startswith(("boot/", "arch/", "hw/"))]:
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
        "cppcheck", "--quiet", "--std=c11", "--error-exitcode=1", "--inline-suppr", *(f for f in I386 if f.startswith("-I")), "-j1",
        "--enable=warning,portability,performance", f"--cppcheck-build-dir={cache}", "--platform=unix32", "-U__ASSEMBLER__",
        # The bounds of a linker section are two objects to the language, one array to us.
        "--suppress=missingIncludeSystem", "--suppress=comparePointers",
        "--template={file}:{line}: {severity}: {message} [{id}]", *PORTABLE)
    assert status == 0, text[-6000:]


# Fixtures are imported for pytest, which finds them by their names.
FIXTURES = re.compile(r"imported but unused|redefinition of unused")


def test_pyflakes():
    scripts = python_scripts()
    assert "tests/qemu/machine.py" in scripts and "tests/bench/run" in scripts
    _, text = run(sys.executable, "-m", "pyflakes", *scripts)
    complain([[line for line in text.splitlines() if not FIXTURES.search(line)]])


def test_shellcheck():
    scripts = shell_scripts()
    assert "tools/setup" in scripts
    status, text = run("shellcheck", *scripts)
    assert status == 0, text
