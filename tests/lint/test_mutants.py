# tests/lint/test_mutants.py - the list of `make mutate` fits the sources; running it takes too long to do each time.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess
import sys

from sources import ROOT, complain, read

sys.path.insert(0, str(ROOT / "tests" / "mutate"))
from mutants import MUTANTS, SELECT  # noqa: E402


def test_every_mutant_applies_once():
    complain([f"{m.name}: {m.path} has its text {read(m.path).count(m.old)} times"] for m in MUTANTS
             if read(m.path).count(m.old) != 1)


def test_names_are_unique():
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)


def test_each_names_its_test_files():
    complain([f"{m.name}: {path} does not exist"] for m in MUTANTS for path in m.tests if not (ROOT / path).exists())
    assert all(m.tests for m in MUTANTS)


def test_each_test_file_has_tests_that_run():
    """pytest ends with a status that is no failing test's where it selects none."""
    paths = sorted({path for m in MUTANTS for path in m.tests if path.endswith(".py")})
    listed = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-n", "0", *SELECT, *paths], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, check=True, env=dict(os.environ, TEST_ARCH="i386")).stdout
    complain([f"{path}: nothing is selected"] for path in paths if not re.search(rf"^{re.escape(path)}\b", listed, re.M))
