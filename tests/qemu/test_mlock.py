# tests/qemu/test_mlock.py - locked pages stay in memory, whatever evicts; limits, fork, unlocking.
# SPDX-License-Identifier: MIT
import re

from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, MIB, SMALL, Stamped, clean, settle, slots


class Pinned(Stamped):
    """A running `pinned`: its pages are locked or, with fork, those of its child are not."""

    def __init__(self, machine, pages, words=""):
        self.machine, self.pages = machine, pages
        machine.send(f"run pinned {pages} {words} &\r")
        self.wait("shared" if words else "locked")

    def wait(self, what):
        _, m = self.machine.expect(rf"pid 0n(\d+): \d+ pages {what} at 0x([0-9a-f]+), gate 0x([0-9a-f]+)[\r\n]", 60)
        self.pid, self.at, self.gate = int(m[1]), int(m[2], 16), int(m[3], 16)
        settle(self.machine)

    def frames(self):
        """Of each page; None: it is not mapped."""
        self.machine.cmd(f".process /P {self.pid:x}")
        text = [self.machine.cmd(f"vtop 0 {self.va(page):x}") for page in range(self.pages)]
        self.machine.cmd(".process 0")
        found = [re.search(r"translates to physical address ([0-9a-f`]+)", t) for t in text]
        return [m and m[1] for m in found]


def locked_pages(machine):
    return int(re.search(r"Locked Pages: +(\d+) ", machine.cmd("vm"))[1])


@every(CASES)
def test_locked_pages_stay(boot, pagefile, target, driver):  # noqa: F811
    mem = SMALL[target.arch]
    kd = boot(target, driver, pagefile(64 * MIB), mem=mem)
    s = Pinned(kd, 32)
    before = s.frames()
    assert None not in before and len(set(before)) == 32
    assert locked_pages(kd) == 32
    answer = kd.cmd(f"evict {s.pid:x} {s.va(3):x}")
    assert "^ a range that mlock() has locked maps its frame: it stays in memory" in answer and answer.count("\n") == 0
    assert "0 of 32 pages moved" in s.evict()
    assert "pages trimmed" in kd.cmd(f"trim {s.pid:x}")
    assert re.search(r" READWRITE .* locked$", kd.cmd(f"vad {s.pid:x}"), re.M)
    assert "READWRITE (locked)" in kd.cmd(f"vad {s.pid:x} {s.va(3):x}")
    assert "every one found what it left" in kd.cmd(f"run thrash {int(mem[:-1]) * 500} 1", 120)
    assert s.frames() == before
    clean(kd)
    s.open_gate()
    s.wait("unlocked")
    assert locked_pages(kd) == 0 and "locked" not in kd.cmd(f"vad {s.pid:x}")
    s.to_the_file()
    assert slots(kd)[0] >= 32
    s.open_gate()
    kd.expect(f"pid 0n{s.pid}: every page is right", 60)
    settle(kd)
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_a_child_has_no_lock(boot, pagefile, target, driver):  # noqa: F811
    """Its pages are the locked ones of the parent until one of both writes; its range is not locked."""
    kd = boot(target, driver, pagefile(8 * MIB))
    s = Pinned(kd, 8, "fork")
    assert locked_pages(kd) == 8 and "locked" not in kd.cmd(f"vad {s.pid:x}")
    assert "0 of 8 pages moved" in s.evict()
    parent = s.pid
    # The shell writes the gate of the child only.
    s.open_gate()
    s.wait("locked")
    assert s.pid != parent and locked_pages(kd) == 8
    kd.cmd(f"kill {s.pid:x}")
    settle(kd)
    assert locked_pages(kd) == 0
    clean(kd)
