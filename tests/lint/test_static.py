# tests/lint/test_static.py - clang-tidy, cppcheck, shellcheck and the compiler's own warnings.
# SPDX-License-Identifier: MIT
import os
import subprocess

import pytest
from sources import ROOT, shell_scripts, with_suffix

PORTABLE = [f for f in with_suffix(".c") if f.startswith(("mm/", "kernel/"))]
MACHINE = [f for f in with_suffix(".c") if f.startswith(("boot/", "arch/", "tests/kernel/"))]
FLAGS = ["-std=c17", "-ffreestanding", "-I.", "-Ibuild/i386", "-Wall", "-Wextra", "-target", "i686-linux-gnu"]


def run(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def groups():
    """Sources by directory, at most ten together: one clang-tidy each."""
    found = {}
    for path in PORTABLE + MACHINE:
        found.setdefault(os.path.dirname(path), []).append(path)
    return [tuple(paths[i:i + 10]) for _, paths in sorted(found.items()) for i in range(0, len(paths), 10)]


@pytest.mark.parametrize("paths", groups(), ids=lambda p: f"{os.path.dirname(p[0])}-{len(p)}")
def test_clang_tidy(paths):
    status, text = run("clang-tidy", "--quiet", *paths, "--", *FLAGS)
    if status:
        pytest.fail("\n".join(line for line in text.splitlines() if ": error:" in line), pytrace=False)


def test_cppcheck():
    cache = ROOT / "build" / "lint" / "cppcheck"
    cache.mkdir(parents=True, exist_ok=True)
    status, text = run(
        "cppcheck", "--quiet", "--std=c11", "--error-exitcode=1", "--inline-suppr", "-I.", "-j1",
        "--enable=warning,portability,performance", f"--cppcheck-build-dir={cache}", "--platform=unix32",
        "--suppress=missingIncludeSystem", "--template={file}:{line}: {severity}: {message} [{id}]", *PORTABLE)
    assert status == 0, text[-6000:]


def test_shellcheck():
    scripts = shell_scripts()
    assert "tools/setup" in scripts
    status, text = run("shellcheck", *scripts)
    assert status == 0, text


def test_setup_check_is_quick_and_silent():
    """What every `make` pays. The first run may ask the tools for their versions."""
    assert run("tools/setup", "--check") == (0, "")
    status, text = run("bash", "-c", "TIMEFORMAT=%U; time tools/setup --check")
    assert status == 0 and float(text) < 1.0


@pytest.mark.parametrize("change, says", [
    ({"CROSS": "i999-nothing-"}, "i999-nothing-gcc is missing"),
    ({"PYTHON": "/nonexistent"}, "py:pytest is missing"),
])
def test_setup_names_what_is_missing(change, says):
    done = subprocess.run([ROOT / "tools/setup", "--check"], env=dict(os.environ, **change),
                          capture_output=True, text=True)
    assert done.returncode == 1 and says in done.stderr
    for line in ("sudo apt-get install", "sudo dnf install", "sudo pacman -S", "brew install"):
        assert line in done.stderr
