# tests/qemu/test_explain_fault.py - `explain` of a past fault: the entries are those of the fault, whatever happened since.
# SPDX-License-Identifier: MIT
import re

import pytest
import tables
from limits import Limit
from process import kill, start, symbols

STEP = re.compile(r"^  \S.*? +at +([0-9a-f]+): ([0-9a-f]+)", re.M)


def explained(answer):
    """[(where, entry)] as explain prints them."""
    return [(int(at, 16), int(entry, 16)) for at, entry in STEP.findall(answer)]


def root_of(m, target, stub=None):
    """The root that the CPU has loaded, from the monitor, or from the stub where the monitor does not show it."""
    if target.arch != "armv7":
        return int(re.search(r"\bCR3=([0-9a-f]+)", m.monitor("info registers"))[1], 16) & ~0x1f
    value = stub.system_registers(["ttbr0"])["ttbr0"] if stub else m.system_registers(["ttbr0"])["ttbr0"]
    return value & (0xffffffffe0 if target.paging == "lpae" else 0xffffc000)


def seen_at_fault(m, target, line, va):
    """Runs a line and stops where a program is about to be ended: what QEMU finds then on the way to the address."""
    with m.stub() as stub:
        stub.until(symbols(target.arch, "pageturner.elf")["proc_user_trap"], 4, lambda: m.send(line + "\r"))
        return [(at, e) for at, e, _ in tables.steps(m, target.paging, root_of(m, target, stub), va)]


def fault_address(answer):
    return int(re.search(r"^Fault \d+: (?:read of|write to|fetch from) ([0-9a-f]+)", answer, re.M)[1], 16)


@pytest.mark.parametrize("bad", ["unmapped", "protected", "freed", "kernel-read"])
def test_entries_are_those_of_the_fault(fresh, target, bad):
    """The program has ended, its tables are gone, and another process is looked at."""
    m = fresh(target)
    pid, _ = start(m, "touch 64 w hold", "64 pages written at")
    m.cmd(f"run badaccess {bad}", 60)
    va = fault_address(m.cmd("explain"))        # the second run is the same
    found = seen_at_fault(m, target, f"run badaccess {bad}", va)
    m.wait_prompt(60)
    m.cmd(f".process /p {pid:x}")
    answer = m.cmd("explain")
    assert fault_address(answer) == va and "by user code" in answer
    assert explained(answer) == found
    m.cmd(".process 0")
    kill(m, pid)


def test_an_oops_and_explain_show_the_same_entries(fresh, target):
    """Also where the kernel looks into its own root first, which has other tables at the upper levels."""
    m = fresh(target)
    pid, _ = start(m, "touch 64 w hold", "64 pages written at")
    m.cmd(f".process /p {pid:x}")
    for va in (0x1234, target.facts.free + 0x7123):
        m.cmd(f"touch {va:x} r")
        answer = m.cmd("explain")
        assert fault_address(answer) == va
        assert explained(answer) == [(at, e) for at, e, _ in tables.steps(m, target.paging, root_of_process(m, 1), va)]
    m.cmd(".process 0")
    kill(m, pid)


def corrupt(target, old, why):
    """Bits that the manual reserves, or a not-present entry that says that the page is in a page file."""
    if why == "software":
        return 0x0000100000000082 if tables.TABLES[target.paging][1] == 8 else 0x00100084
    return {"pae": old | 1 << 60, "x64": old | 1 << 51, "la57": old | 1 << 51}[target.paging]


def steps_to_page(m, target, pid, va):
    """The walk to a page of a program that runs, from the moment when the program has touched it."""
    limit = Limit(60, m.process.pid)
    while True:
        found = tables.steps(m, target.paging, root_of_process(m, pid), va)
        if found[-1][1]:
            return found
        assert not limit.expired(), f"the program does not touch {va:x}"


@pytest.mark.parametrize("why", ["software", "reserved"])
def test_a_corrupt_entry(fresh, target, why):
    """A running program meets an entry that the shell wrote: explain shows that entry, and the walk to it."""
    if why == "reserved" and target.paging not in ("pae", "x64", "la57"):
        return
    m = fresh(target)
    va = symbols(target.arch, "user/spin")["turns"]
    pid, _ = start(m, "spin", r"")
    m.cmd(f".process /P {pid:x}")
    found = steps_to_page(m, target, pid, va)
    at, old, _ = found[-1]
    new = corrupt(target, old, why)
    m.send(f"setpte {va:x} {new:x}\r")
    m.expect(r"spin[^\n]*: [^\n]*\n[\s\S]*spin\[\d+\]: ", 60)
    m.send("\r")
    m.wait_prompt()
    m.cmd(".process 0")
    answer = m.cmd("explain")
    assert fault_address(answer) // 4096 == va // 4096
    assert explained(answer) == [step[:2] for step in found[:-1]] + [(at, new)]


def root_of_process(m, pid):
    return int(re.search(r"DirBase: ([0-9a-f]+)", m.cmd(f"process {pid:x} 0"))[1], 16)


@pytest.mark.targets("x86_64")
def test_a_general_protection_fault_is_not_an_older_page_fault(fresh, target):
    m = fresh(target)
    m.cmd("touch 1234 r")
    m.cmd("touch 8000000000000000 r")
    answer = m.cmd("explain")
    assert "general protection fault" in answer and "8000000000000000" in answer and "1234" not in answer
    assert "by kernel code at" in answer and "(touch+0x" in answer
    assert "general protection fault" in m.cmd("faults 1")
