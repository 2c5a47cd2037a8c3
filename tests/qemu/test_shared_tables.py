# tests/qemu/test_shared_tables.py - page tables that parent and child share after fork(): live, with fsck in between.
# SPDX-License-Identifier: MIT
"""`family` checks every page that it writes; `puppet` does one step at a time. Which entries there are is read from guest memory by
QEMU, so that a test does not ask the kernel whether its tables are right."""
import re

import pytest
import tables
from process import dirbase, frames
from puppet import READ, WRITE, Puppet, ask, clean

SHARING = pytest.mark.targets("pae", "legacy", "x64", "la57", "lpae")      # an entry above a leaf table can forbid writes
PAGES = 2560                # 10 MiB: at least one of the largest tables lies inside
MIDDLE = 1500               # a page of such a table; no table ends near it


@pytest.fixture
def parent(kd):
    """A puppet with all of its pages written as generation 1."""
    puppet = Puppet(kd, PAGES)
    puppet.write(1)
    yield puppet
    if re.search(rf"^[ *]{puppet.pid:04x} ", ask(kd, "ps"), re.M):
        puppet.quit()
    clean(kd)


def entries(puppet, page):
    """[(address, entry)] above the page and of the page itself, read by QEMU."""
    machine = puppet.machine
    found = tables.steps(machine, machine.boot.paging, dirbase(machine, puppet.pid), puppet.va(page))
    return [(at, entry) for at, entry, _ in found[-2:]]


def page_at(puppet, page):
    """The page by hand, with the rights of all levels; None: not mapped."""
    machine = puppet.machine
    return tables.steps(machine, machine.boot.paging, dirbase(machine, puppet.pid), puppet.va(page))[-1][2]


def spaces_of_table(puppet, page):
    text = ask(puppet.machine, f"pfn {entries(puppet, page)[1][0] >> 12:x}")
    return int(re.search(r"leaf table of (\d+) address", text)[1])


@SHARING
def test_the_first_write_copies_the_table_and_no_other(parent, kd):
    child = parent.fork()
    clean(kd)
    assert entries(parent, MIDDLE)[1] == entries(child, MIDDLE)[1] and spaces_of_table(parent, MIDDLE) == 2
    assert not page_at(parent, MIDDLE).writes and not page_at(child, MIDDLE).writes
    text = ask(kd, f"whomaps {page_at(parent, MIDDLE).pa >> 12:x}", 120)
    assert len(re.findall(r"\(puppet\): ", text)) == 2, text
    child.write(2, MIDDLE, 1)
    clean(kd)
    assert entries(parent, MIDDLE)[1][0] != entries(child, MIDDLE)[1][0] and spaces_of_table(child, MIDDLE) == 1
    assert page_at(child, MIDDLE).writes and not page_at(parent, MIDDLE).writes
    assert page_at(child, MIDDLE).pa != page_at(parent, MIDDLE).pa
    assert page_at(child, MIDDLE + 1).pa == page_at(parent, MIDDLE + 1).pa and not page_at(child, MIDDLE + 1).writes
    child.check(2, MIDDLE, 1)
    child.check(1, MIDDLE + 1, 64, parent.pid)
    parent.check(1)
    child.quit()
    clean(kd)
    parent.write(3, MIDDLE, 2)
    assert spaces_of_table(parent, MIDDLE) == 1 and page_at(parent, MIDDLE).writes
    parent.check(1, 0, MIDDLE)
    parent.check(3, MIDDLE, 2)
    parent.check(1, MIDDLE + 2)


@SHARING
def test_rights_and_writes_of_the_kernel_are_of_one_process(parent, kd):
    child = parent.fork()
    before = entries(parent, MIDDLE + 100)
    for who, first in ((child, MIDDLE), (parent, MIDDLE + 50)):
        for rights in (READ, READ | WRITE):
            assert who.do("protect", first, 20, rights) == 0
        clean(kd)
        if who is child:
            assert entries(parent, MIDDLE + 100)[1] == before[1]
    child.write(2, MIDDLE, 20)
    parent.write(3, MIDDLE + 50, 20)
    assert child.do("kernel_writes", 5, 3, 4) == 0
    for who, ours, theirs in ((child, 2, MIDDLE + 50), (parent, 3, MIDDLE)):
        who.check(ours, MIDDLE if who is child else MIDDLE + 50, 20)
        who.check(1, theirs, 20, parent.pid)
    child.check(4, 5, 3)
    parent.check(1, 0, MIDDLE + 50)
    clean(kd)
    child.quit()


@SHARING
def test_eviction_is_for_all_and_dont_need_for_one(parent, kd):
    child = parent.fork()
    parent.evict(MIDDLE, 1)
    clean(kd)
    assert entries(parent, MIDDLE)[1] == entries(child, MIDDLE)[1] and page_at(child, MIDDLE) is None
    assert spaces_of_table(child, MIDDLE) == 2
    child.check(1, MIDDLE, 1, parent.pid)
    clean(kd)
    assert page_at(parent, MIDDLE) is None and page_at(child, MIDDLE)
    assert child.do("dont_need", MIDDLE - 8, 16) == 0
    clean(kd)
    assert page_at(child, MIDDLE + 2) is None and page_at(parent, MIDDLE + 2)
    assert set(kd.xp(page_at(parent, MIDDLE + 2).pa, 1024, "w")) != {0}
    parent.check(1)
    child.write(5, MIDDLE - 8, 8)
    child.check(5, MIDDLE - 8, 8)
    parent.check(1)
    parent.quit()                   # before its child
    child.check(1, MIDDLE + 8, 64, parent.pid)
    clean(kd)
    child.quit()


def named(machine, puppet, page):
    """{command: what it says of sharing}, None: nothing."""
    va, pfn = puppet.va(page), page_at(puppet, page).pa >> 12
    texts = {line.split()[0]: ask(machine, f".process /p {puppet.pid:x}; {line}; .process 0", 120)
             for line in (f"pte {va:x}", f"predict {va:x} w user", f"explain {va:x}", f"vtop {puppet.pid:x} {va:x}")}
    mine = f"space {space(puppet)} "
    texts["whomaps"] = next(line for line in ask(machine, f"whomaps {pfn:x}", 120).splitlines() if mine in line)
    found = {command: re.search(r"shared by 0n(\d+)", text) for command, text in texts.items()}
    return {command: int(m[1]) if m else None for command, m in found.items()}


def space(puppet):
    """The number of the address space, in whomaps."""
    text = ask(puppet.machine, f"whomaps {dirbase(puppet.machine, puppet.pid) >> 12:x}", 120)
    return re.search(rf"space (\w+) \(.*: its root is at {dirbase(puppet.machine, puppet.pid):x}", text)[1]


@SHARING
def test_commands_name_a_shared_table(parent, kd):
    """The number is that of the address spaces whose tables lead there, by QEMU's reading of the memory."""
    family = [parent, parent.fork(), parent.fork()]
    while family:
        tables_of = [entries(p, MIDDLE)[1][0] for p in family]
        for p, at in zip(family, tables_of):
            number = tables_of.count(at)
            assert set(named(kd, p, MIDDLE).values()) == {number if not page_at(p, MIDDLE).writes else None}
        if len(family) == 3:
            family[1].write(2, MIDDLE, 1)
            assert set(named(kd, family[1], MIDDLE).values()) == {None}
            assert set(named(kd, family[2], MIDDLE).values()) == {2}
        if len(family) > 1:
            family.pop().quit()
            clean(kd)
            continue
        family.pop()


@pytest.mark.parametrize("line", ["family 2304 40 1", "family 2304 40 2", "family 600 80 3"])
def test_a_family_of_processes_finds_what_each_has_written(kd, line):
    ask(kd, "run family 16 8")          # pages of the program's file stay in memory
    before, _ = frames(ask(kd, "memusage"))
    kd.send(f"run {line} &\r")
    done = None
    for _ in range(400):
        text = ask(kd, "fsck", 120)
        assert "BUG" not in text and "fsck: clean" in text, text
        done = done or re.search(r"(\d+) processes, (\d+) steps, (\d+) wrong words", text)
        assert "family:" not in text, text
        if done and "family" not in ask(kd, "ps"):
            break
        kd.pause(0.1)
    assert done and done[3] == "0" and int(done[1]) > 2, done
    # A slab of the heap can have become empty.
    assert frames(ask(kd, "memusage"))[0]["Free"] >= before["Free"]
