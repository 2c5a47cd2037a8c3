# tests/qemu/test_faultaround.py - faultaround: pages beside the faulting one, seen in the tables, the journal and the counts.
# SPDX-License-Identifier: MIT
import re

import pytest
from machine import targets

AROUND = re.compile(r"faultaround: up to (\d+) pages? for each fault; (\d+) pages had no fault of their own")
LINE = re.compile(r"^ +(\d+) +([0-9a-f]+) +([0-9a-f]+) -> ([0-9a-f]+) +(.*)$", re.M)


def state(machine):
    """(pages for a fault, pages mapped around)."""
    return tuple(int(n) for n in AROUND.fullmatch(machine.cmd("faultaround")).groups())


@pytest.fixture
def machine(fresh, request):
    return fresh(request.param)


@pytest.mark.parametrize("machine", targets(), indirect=True, ids=str)
def test_programs_run_with_fault_around(machine):
    """Every program finds what it has left, the tables are those of the counts, and sequential use takes fewer faults."""
    def faults():
        return int(re.search(r"^(\d+) faults$", machine.cmd("faults 0"), re.M)[1])
    assert state(machine) == (1, 0)
    count = []
    for n in (1, 16):
        assert AROUND.match(machine.cmd(f"faultaround {n}"))[1] == str(n)
        before = faults()
        assert "every one found what it left" in machine.cmd("run thrash 100 1", 120)
        count.append(faults() - before)
    n, around = state(machine)
    assert n == 16 and around > 0 and count[1] <= count[0] - around // 2
    assert f"{around}  pages that fault-around mapped" in machine.cmd("faults 0")
    assert re.search(rf"Fault-Around: +{around} pages", machine.cmd("vm"))
    for program in ("forkcow", "shared", "mmapfile"):
        said = []
        for n in (1, 16):
            machine.cmd(f"faultaround {n}")
            said.append(re.sub(r"0n\d+|\d+ faults", "N", machine.cmd(f"run {program}", 120)))
            assert machine.cmd("fsck", 60) == "fsck: clean"
        assert said[0] == said[1], program


@pytest.mark.parametrize("machine", targets(), indirect=True, ids=str)
def test_the_journal_has_each_entry(machine):
    """`log` lists the neighbours one by one, each with its old and its new value, at consecutive addresses."""
    size = 4 if machine.boot.paging in ("legacy", "short") else 8
    machine.cmd("faultaround 8")
    machine.cmd("run thrash 20 1", 120)
    rows = [m for m in LINE.findall(machine.cmd("log 400", 60)) if m[4] == "fault-around"]
    assert len(rows) >= 7
    places = [int(pa, 16) for _, pa, *_ in rows]
    runs = sum(b - a != size for a, b in zip(places, places[1:])) + 1
    assert runs <= len(rows) // 3
    assert all(int(old, 16) == 0 and int(new, 16) for _, _, old, new, _ in rows)
    assert machine.cmd("fsck", 60) == "fsck: clean"


def test_mistakes(kd):
    for word in ("0", "65", "x", "-1", "4294967297"):
        assert "1 to 64, decimal" in kd.cmd(f"faultaround {word}"), word
    assert "too many arguments" in kd.cmd("faultaround 1 2")
    assert state(kd)[0] == 1
