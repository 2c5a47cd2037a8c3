# tests/qemu/test_journal.py - the journal against memory: what `log` and `diff` print is what the tables contain.
# SPDX-License-Identifier: MIT
"""Memory is read through QEMU's monitor, and the tables are found by hand (tables.py): nothing here is the kernel's."""
import os
import re
import struct

import pytest
import tables
from process import clean, kill, run, start

LOG = re.compile(r"^ *(\d+) +([0-9a-f]+)  ([0-9a-f]+) -> ([0-9a-f]+)  ", re.M)
DIFF = re.compile(r"^ *([0-9a-f]+)  ([0-9a-f]+) -> ([0-9a-f]+)$", re.M)
MEM = 32 << 20


class Memory:
    """All RAM of a machine at one moment."""

    def __init__(self, machine, target):
        path = os.path.join(machine.directory, "ram")
        self.first, self.paging = target.facts.ram, target.paging
        machine.qmp("pmemsave", val=self.first, size=MEM, filename=path)
        with open(path, "rb") as f:
            self.bytes = f.read()
        self.size = tables.TABLES[self.paging][1]

    def entry(self, pa):
        at = pa - self.first
        return struct.unpack_from("<I" if self.size == 4 else "<Q", self.bytes, at)[0]

    def holds(self, pa):
        return self.first <= pa < self.first + len(self.bytes)


def hardware_bits(target):
    """Accessed and dirty, which the CPU sets by itself."""
    return 0x60 if target.arch != "armv7" else 0


def entries_of(memory, root, found, seen):
    """{pa: entry} of every table below root."""
    levels, size = tables.TABLES[memory.paging]

    def look(i, table, rights):
        if (i, table) in seen or not memory.holds(table):
            return
        seen.add((i, table))
        for n in range(1 << levels[i][1]):
            at = table + n * size
            e = found[at] = memory.entry(at)
            present, leaf, mine, _ = tables.ENTRY.get(memory.paging, tables.x86_entry)(
                memory.paging, len(levels) - 1 - i, e, rights)
            if present and not leaf:
                look(i + 1, tables.below(memory.paging, e), mine)
    look(0, root, (True, True, True))


def all_entries(machine, target):
    memory, found, seen = Memory(machine, target), {}, set()
    for root in re.findall(r"^\*? *[0-9a-f]+  root ([0-9a-f]+)", machine.cmd("aspace"), re.M):
        entries_of(memory, int(root, 16), found, seen)
    return memory, found


def stores(machine):
    return int(re.search(r"(\d+) stores so far", machine.cmd("log 0"))[1])


def log_since(machine, number):
    """[(pa, old, new)] of the stores after number, in order; all of them must still be kept."""
    text = machine.cmd(f"log 0n{stores(machine) - number}", 120)
    kept = int(re.search(r"the last (\d+) are kept", text)[1])
    assert kept >= stores(machine) - number, "more stores than the journal keeps: make the test smaller"
    lines = [(int(n), int(pa, 16), int(old, 16), int(new, 16)) for n, pa, old, new in LOG.findall(text)]
    assert [n for n, *_ in lines] == sorted({n for n, *_ in lines})
    lines = [line for line in lines if line[0] > number]    # a store that changed nothing has a number and no line
    return [line[1:] for line in lines]


def replay(target, before, log):
    """The tables after the log, which must fit to what was there."""
    ad = hardware_bits(target)
    now = dict(before)
    for pa, old, new in log:
        assert old | ad == now.get(pa, 0) | ad, f"{pa:x}: {old:x} was said to be there, {now.get(pa, 0):x} was"
        now[pa] = new
    return now


def agree(target, expected, found):
    ad = hardware_bits(target)
    return {f"{pa:x}: memory {e:x}, journal {expected.get(pa, 0):x}" for pa, e in found.items()
            if e | ad != expected.get(pa, 0) | ad}


def fork_and_exit(m, target):
    assert "came and went" in run(m, "forks 3")


def copy_on_write(m, target):
    run(m, "forkcow")
    run(m, "shared")


def map_and_unmap(m, target):
    va = target.facts.free
    m.cmd(f"map {va:x} {target.facts.device:x} rw; protect {va:x} r; touch {va:x} r; unmap {va:x}")
    m.cmd("lab tlb; demand 4")


def grow_and_fail(m, target):
    run(m, "stackgrow")
    run(m, "badaccess unmapped")
    run(m, "thrash 20 3")


def by_hand(m, target):
    va = target.facts.free
    m.cmd(f"setpte {va:x} 80; setpte {va:x} 0")
    entry = tables.steps(m, target.paging, root_of(m), va)[-1][0]
    m.cmd(f"!eb {entry:x} 80; !eb {entry:x} 0")


def killed(m, target):
    pid, _ = start(m, "touch 64 w hold", r"64 pages written at")
    m.cmd(f".process /p {pid:x}; db 400000; .process 0")
    kill(m, pid)


def root_of(m):
    return int(re.search(r"^\* *[0-9a-f]+  root ([0-9a-f]+)", m.cmd("aspace"), re.M)[1], 16)


@pytest.mark.parametrize("what", [fork_and_exit, copy_on_write, map_and_unmap, grow_and_fail, by_hand, killed],
                         ids=lambda f: f.__name__)
def test_a_replay_of_the_journal_gives_the_tables(fresh, target, what):
    m = fresh(target, mem="32M")
    run(m, "hello")                     # what is allocated once is there
    number = stores(m)
    _, before = all_entries(m, target)
    what(m, target)
    log = log_since(m, number)
    _, after = all_entries(m, target)
    assert log, "nothing was stored"
    assert not agree(target, replay(target, before, log), after)
    clean(m)


def test_a_replay_notices_a_store_that_is_not_in_the_journal(fresh, target):
    """The test itself: without the last store to a table in use, memory and replay differ."""
    m = fresh(target, mem="32M")
    number = stores(m)
    _, before = all_entries(m, target)
    m.cmd(f"setpte {target.facts.free:x} 80")
    log = log_since(m, number)
    _, after = all_entries(m, target)
    assert not agree(target, replay(target, before, log), after)
    assert len(agree(target, replay(target, before, log[:-1]), after)) == 1


def test_boot_is_in_the_journal(fresh, target):
    """Everything that the kernel stored since its first table: as far back as the journal reaches, what it says is there."""
    m = fresh(target, mem="32M")
    kept = int(re.search(r"the last (\d+) are kept", m.cmd("log 0"))[1])
    newest = {}
    for pa, _, new in log_since(m, stores(m) - kept):
        newest[pa] = new
    memory, found = all_entries(m, target)
    live = {pa: new for pa, new in newest.items() if pa in found}
    assert len(live) > 10
    assert not {pa for pa, new in live.items() if (memory.entry(pa) ^ new) & ~hardware_bits(target)}


def test_diff_lists_what_memory_contains(fresh, target):
    m = fresh(target, mem="32M")
    m.cmd("log 1")
    for command in ("run hello", "run forks 20", "run forkcow"):
        number = stores(m)
        m.cmd(command, 60)
        text = m.cmd(f"diff 0n{number}", 120)
        memory = Memory(m, target)
        lines = DIFF.findall(text)
        assert f"{len(lines)} entries differ" in text
        wrong = [line for line in lines
                 if (memory.entry(int(line[0], 16)) ^ int(line[2], 16)) & ~hardware_bits(target)]
        assert not wrong, wrong
