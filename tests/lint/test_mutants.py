# tests/lint/test_mutants.py - the list of `make mutate` fits the sources; running it takes too long to do each time.
# SPDX-License-Identifier: MIT
import sys

from sources import ROOT, complain, read

sys.path.insert(0, str(ROOT / "tests" / "mutate"))
from mutants import MUTANTS  # noqa: E402


def test_every_mutant_applies_once():
    complain([f"{m.name}: {m.path} has its text {read(m.path).count(m.old)} times"] for m in MUTANTS
             if read(m.path).count(m.old) != 1)


def test_names_are_unique():
    assert len({m.name for m in MUTANTS}) == len(MUTANTS)


def test_each_names_its_test_files():
    complain([f"{m.name}: {path} does not exist"] for m in MUTANTS for path in m.tests if not (ROOT / path).exists())
    assert all(m.tests for m in MUTANTS)
