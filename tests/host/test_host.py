# tests/host/test_host.py - runs each cmocka program of build/host.
# SPDX-License-Identifier: MIT
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
NAMES = [name for mk in sorted(TOP.glob("tests/host/*/host.mk"))
         for name in re.findall(r"^HOST_TESTS \+= (\S+)", mk.read_text(), re.M)]


@pytest.mark.parametrize("name", NAMES)
def test_host_program(name):
    run = subprocess.run([TOP / "build/host" / name], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"\[  PASSED  \] [1-9]\d* test", run.stdout + run.stderr), "no test ran"
