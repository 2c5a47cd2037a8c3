# tests/qemu/test_clang.py - what Clang builds of the x86 kernels: without a warning, and it passes the kernel's own tests.
# SPDX-License-Identifier: MIT
import functools
import os
import subprocess

import pytest
from machine import BUILD, ROOT, targets
from test_kernel import LINE

WHERE = os.path.relpath(BUILD, ROOT) + "/clang"


@functools.lru_cache(None)
def build(arch):
    """(status, output) of `make kernel CC=clang` in a directory of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS")) and
                   k not in ("ARCH", "BUILD", "CC", "CROSS", "CROSS_FOR")}
    done = subprocess.run(["make", "V=1", f"ARCH={arch}", f"BUILD={WHERE}", "CC=clang", "kernel"], cwd=ROOT, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("arch", sorted({t.arch for t in targets("i386", "x86_64")}))
def test_clang_builds_everything(arch):
    status, text = build(arch)
    assert status == 0, text
    assert "warning" not in text.lower(), text
    of_c = [o for part in ("obj", "boot", "user/obj") for o in (ROOT / WHERE / arch / part).rglob("*.o")
            if (ROOT / o.relative_to(ROOT / WHERE / arch / part)).with_suffix(".c").exists()]
    assert len(of_c) > 150
    assert [o for o in of_c if b"clang version" not in o.read_bytes()] == []


@pytest.mark.targets("i386", "x86_64")
def test_what_clang_built_passes_its_tests(fresh, target):
    assert build(target.arch)[0] == 0
    machine = fresh(arch=target.arch, paging=target.paging, build=WHERE)
    answer = machine.cmd("test all", timeout=150)
    verdicts = dict(LINE.findall(answer))
    assert len(verdicts) >= 15 and not [n for n, v in verdicts.items() if v.startswith("FAIL")], answer
    assert "TEST access_quick ... ok\n" in machine.cmd("test access_quick", timeout=100)
    assert "hello" in machine.cmd("run hello").lower()
    assert machine.cmd("fsck", 60) == "fsck: clean"
