# tests/qemu/test_store.py - eb and fill at pages that have no frame of their own: the shared zero frame, and none.
# SPDX-License-Identifier: MIT
import re
import struct

import pytest
from process import clean, dirbase
from puppet import READ, WRITE, Puppet, stamp
from tables import walk


def zero_frame(kd):
    """Its physical address, and whether it is zero, by the monitor."""
    pa = int(re.search(r"zero frame: ([0-9a-f]+)", kd.cmd("memusage"))[1], 16) << 12
    return pa, not any(kd.xp(pa, 1024, "w"))


STORES = [("eb {:x} 5a", 1), ("ew {:x} 5a5a", 2), ("ed {:x} 5a5a5a5a", 4), ("fill {:x} L3 5a", 3)]


@pytest.mark.parametrize("command, stored", STORES, ids=["eb", "ew", "ed", "fill"])
def test_a_store_does_not_reach_the_zero_frame(kd, target, command, stored):
    """Of two pages that were only read the second one is changed; and the third one, which was not even read."""
    va = int(kd.cmd("demand 3000").split("-")[0], 16)
    kd.cmd(f"touch {va:x} r; touch {va + 0x1000:x} r")
    zero, _ = zero_frame(kd)
    assert kd.gva2gpa(va) == kd.gva2gpa(va + 0x1000) == zero
    for page in (1, 2):
        kd.cmd(command.format(va + page * 0x1000 + 0x10))
        kd.cmd(f"touch {va + page * 0x1000:x} r")
        assert kd.xp(kd.gva2gpa(va + page * 0x1000), 24, "b") == [0] * 16 + [0x5a] * stored + [0] * (8 - stored)
    assert kd.gva2gpa(va) == zero and zero_frame(kd) == (zero, True)
    # Across two pages: the first one is the zero frame still.
    kd.cmd(f"eb {va + 0xfff:x} 1 2")
    assert kd.xp(kd.gva2gpa(va) + 0xfff, 1, "b") == [1] and kd.xp(kd.gva2gpa(va + 0x1000), 1, "b") == [2]
    assert zero_frame(kd) == (zero, True)
    assert "freed" in kd.cmd(f"demand -r {va:x}") and kd.cmd("fsck") == "fsck: clean"


def test_the_zero_frame_where_nothing_else_can_be(kd, target):
    """In the direct map and at an address that `map` has chosen, also before the loaded root has the table."""
    zero, _ = zero_frame(kd)
    va, ram = target.facts.free, 0x40000000 if target.arch == "armv7" else 0
    kd.cmd(f"map {va:x} {zero:x} rw")
    for at in (va, zero - ram + target.facts.direct):
        for command in (f"eb {at:x} 1", f"fill {at:x} L4 1"):
            assert "cannot write there: it is the shared zero frame" in kd.cmd(command), command
    kd.cmd(f"unmap {va:x}")
    assert zero_frame(kd) == (zero, True)


def test_a_store_at_dispatch_level_waits_for_no_page(kd, target):
    va = int(kd.cmd("demand 1000").split("-")[0], 16)
    kd.cmd("raise 2")
    assert "at DISPATCH_LEVEL no page is brought in" in kd.cmd(f"eb {va:x} 1")
    assert "not found" in kd.cmd("eb 1000 1")
    kd.cmd("raise 0")
    assert kd.cmd(f"eb {va:x} 1; db {va:x} L1").split()[1] == "01"
    kd.cmd(f"demand -r {va:x}")


@pytest.mark.parametrize("rights", [READ | WRITE, READ, 0], ids=["rw", "r", "none"])
def test_a_store_by_the_shell_does_not_reach_the_zero_frame(kd, target, rights):
    """Of a program's four pages that were only read the first one gets the words of generation 1, whatever the program may do. The
    rights stay."""
    zero, _ = zero_frame(kd)
    puppet = Puppet(kd, 4)
    assert puppet.do("check", 0, 4, 1) == 4096
    assert puppet.do("protect", 0, 4, rights) == 0
    before = walk(kd, target.paging, dirbase(kd, puppet.pid), puppet.va(0))
    words = struct.unpack("<4I", stamp(puppet.pid, 0, 1)[:16])
    said = kd.cmd(f".process /p {puppet.pid:x}; ed {puppet.va(0):x} " + " ".join(f"{w:x}" for w in words) + "; .process 0")
    assert "^" not in said, said
    after = walk(kd, target.paging, dirbase(kd, puppet.pid), puppet.va(0))
    assert before.pa == zero != after.pa and (before.writes, before.user) == (False, after.user)
    assert after.writes == bool(rights & WRITE)
    assert kd.xp(after.pa, 4, "w") == list(words) and not any(kd.xp(zero, 1024, "w"))
    clean(kd)
    assert puppet.do("protect", 0, 4, READ | WRITE) == 0
    assert puppet.do("check", 0, 4, 1) == 4096 - 4
    puppet.quit()
    clean(kd)
