# tests/qemu/test_process_wrong.py - entries and memory changed behind the kernel's back, and faults where none may be.
# SPDX-License-Identifier: MIT
import re

import pytest
from process import clean, counts, dirbase, kill, run, start, walk

PAGES = 0x10000000      # where the first mmap of a program lies


@pytest.fixture
def kd(fresh, target):
    """A machine of its own: what these tests do is not undone."""
    return fresh(arch=target.arch, paging=target.paging)


def page(kd, target, pid, va):
    return walk(kd, target.paging, dirbase(kd, pid), va)


def pfn(kd, target, pid, va):
    return page(kd, target, pid, va).pa >> 12


def touched(kd):
    return start(kd, "touch 4 w hold", "ticks each")[0]


# ---- remap

def three(kd):
    return touched(kd), start(kd, "alias hold", "7: 7")[0], touched(kd)


def end(kd, *pids):
    for pid in pids:
        clean(kd)
        kill(kd, pid)
    clean(kd)


def test_remap_does_it_right(kd, target):
    """A frame of one process in a shared range of another, then in a private range of a third: every count follows."""
    end(kd, *three(kd))     # what caches keep of such a life is kept from now on
    before = counts(kd)
    owner, alias, third = three(kd)
    mine = pfn(kd, target, owner, PAGES)
    answer = kd.cmd(f"remap {alias:x} {PAGES + 0x1000:x} {mine:x}")
    assert answer.startswith(f"alias {PAGES + 0x1000:x}: frame {mine:x} instead of ")
    assert pfn(kd, target, alias, PAGES + 0x1000) == mine and page(kd, target, alias, PAGES + 0x1000).writes
    assert not page(kd, target, owner, PAGES).writes       # its next write copies
    clean(kd)
    kd.cmd(f"remap {third:x} {PAGES + 0x2000:x} {mine:x}")
    assert pfn(kd, target, third, PAGES + 0x2000) == mine and not page(kd, target, third, PAGES + 0x2000).writes
    assert re.search(r"reference count 0003  map count 0003", kd.cmd(f"pfn {mine:x}"))
    assert len([line for line in kd.cmd(f"whomaps {mine:x}").splitlines() if "user at" in line]) == 3
    clean(kd)
    end(kd, owner, alias, third)
    assert counts(kd) == before


@pytest.mark.parametrize("arguments, says", [
    ("{p:x} 10000000 1", "only a frame that is a page of somebody"), ("{p:x} 30000000 1", "must touch it first"),
    ("{p:x} c0000000 1|{p:x} ffff880000000000 1", "kernel's part"), ("{p:x} 10000000 ffffffffffffff", "frame number"),
    ("{p:x} 10000000", "missing"),
])
def test_remap_refuses_what_would_be_wrong(kd, target, arguments, says):
    pid = touched(kd)
    wide = target.arch == "x86_64"
    answer = kd.cmd("remap " + arguments.split("|")[-1 if wide else 0].format(p=pid))
    assert re.search(says, answer) and "^" in answer and len(answer.splitlines()) == 1, answer
    clean(kd)


def test_what_the_dev_mem_user_saw(kd, target):
    """The 000 document: an entry is rewritten, and when the process ends the kernel finds it. The machine goes on."""
    pid = touched(kd)
    was = page(kd, target, pid, PAGES + 0x1000)
    other = (RAM[target.arch] >> 12) + 0x1eb2                 # in the middle of RAM: nobody has it
    assert re.search(r"reference count 0000 .* (Free|Zeroed)$", kd.cmd(f"pfn {other:x}"), re.M)
    record = int(re.search(r"at address ([0-9A-F]+)", kd.cmd(f"pfn {other:x}"))[1], 16)
    if target.arch == "x86_64":
        assert record == 0xffffea0000000000 + other * 64        # so frame 7eb2's is ffffea00001fac80
    assert "; nobody has been told" in kd.cmd(f"remap {pid:x} {PAGES + 0x1000:x} {other:x} --raw")
    entry = page(kd, target, pid, PAGES + 0x1000).entry
    assert entry ^ was.entry == (other ^ was.pa >> 12) << 12
    digits = 8 if target.paging in ("legacy", "short") else 16
    page_map = rf"BUG: Bad page map in process touch  pte:{entry:0{digits}x} pmd:[0-9a-f]{{{digits}}}\n" \
               rf"page:{record:x} count:0 mapcount:-1 .*\naddr:0*{PAGES + 0x1000:x} index:{(PAGES >> 12) + 1:x}\n"
    answer = kd.cmd("fsck")
    assert re.search(page_map, answer) and answer.splitlines()[-1].endswith("complaints")
    answer = kd.cmd(f"kill {pid:x}")
    assert re.search(page_map, answer) and re.search(r"BUG: Bad rss-counter state mm:[0-9a-f]+ idx:1 val:1\n", answer)
    assert answer.endswith("killed")
    # The frame that lost its entry remembers its owner, and went back with it.
    assert "reference count 0000  map count 0000" in kd.cmd(f"pfn {was.pa >> 12:x}")
    clean(kd)
    assert run(kd, "forks 30") == "30 processes came and went"
    assert run(kd, "thrash").endswith("every one found what it left")


def test_the_alias_of_the_dev_mem_user(kd, target):
    """`val should be 7` through a page that shows another one's frame, and the oops that does not come."""
    alias = start(kd, "alias hold", "7: 7")[0]
    pid = touched(kd)
    shared = pfn(kd, target, alias, PAGES)
    assert kd.xp(shared << 12, 1, "w") == [8]
    kd.cmd(f"remap --raw {pid:x} {PAGES:x} {shared:x}")
    kd.cmd(f".process /P {pid:x}")
    assert kd.cmd(f"dd {PAGES:x} L1").split()[-1] == "00000008"
    assert "BUG: Bad page map" in kd.cmd(f"fsck {pid:x}") + kd.cmd("fsck")
    kd.cmd(f"kill {pid:x}; kill {alias:x}")
    assert run(kd, "alias").endswith("the val should be 7: 7")


# ---- devmem

RAM = {"i386": 0x4000000, "x86_64": 0x4000000, "armv7": 0x44000000}
# A register that never changes: the local APIC's version, the PL011's first identification register.
DEVICE = {"i386": (0xfee00030, 4, 0x50014), "x86_64": (0xfee00030, 4, 0x50014), "armv7": (0x09000fe0, 4, 0x11)}


def test_devmem(kd, target):
    at = RAM[target.arch]
    assert kd.cmd("devmem").startswith("devmem is strict")
    assert "RAM above the first MiB" in kd.cmd(f"devmem {at:x} r 4")
    device, size, value = DEVICE[target.arch]
    for i in range(20):
        assert kd.cmd(f"devmem {device:x} r {size}") == f"{device:08x}: {value:0{2 * size}x}"
        before = counts(kd) if i == 0 else before
    assert counts(kd) == before and "devmem" not in kd.cmd("vm")
    if target.arch != "armv7":
        assert kd.cmd("devmem 0 r 4").split()[1] == f"{kd.xp(0, 1, 'w')[0]:08x}"
    kd.cmd("devmem open")
    for size, unit in ((1, "b"), (2, "h"), (4, "w"), (8, "g")):
        value = 0x1122334455667788 >> 8 * (8 - size)
        assert kd.cmd(f"devmem {at + 8:x} w {size:x} {value:x}") == f"{at + 8:08x}: {value:0{2 * size}x} written"
        assert kd.xp(at + 8, 1, unit) == [value]
        assert kd.cmd(f"devmem {at + 8:x} r {size:x}") == f"{at + 8:08x}: {value:0{2 * size}x}"
    kd.cmd("devmem strict")
    assert "RAM above" in kd.cmd(f"devmem {at:x} r 4")
    clean(kd)


@pytest.mark.parametrize("line", ["devmem 1 r 4", "devmem 0 r 3", "devmem 0 x 4", "devmem 0 w 4", "devmem 0 r",
                                  "devmem closed", "devmem 0 r 4 5"])
def test_devmem_refuses(shared, target, line):
    kd = shared(arch=target.arch, paging=target.paging)
    answer = kd.cmd(line)
    assert "^" in answer and len(answer.splitlines()) == 1


# ---- IRQL

def test_a_fault_at_dispatch_level_is_bugcheck_a(kd, target):
    at = int(re.match(r"([0-9a-f]+)-", kd.cmd("demand 2000"))[1], 16)
    assert f"read 00 at {at:x}" in kd.cmd(f"touch {at:x} r")
    assert kd.cmd("!analyze -v") == "There was no bugcheck."
    assert "2 (DISPATCH_LEVEL), were at 0" in kd.cmd("raise 2")
    assert f"read 00 at {at:x}" in kd.cmd(f"touch {at:x} r")       # it is there: no fault
    assert "PASSIVE_LEVEL), were at 2" in kd.cmd("raise passive_level")
    kd.cmd("raise DISPATCH_LEVEL")
    answer = kd.cmd(f"touch {at + 0x1000:x} w")
    check = re.search(r"BugCheck A, \{([0-9a-f]+), 2, 1, ([0-9a-f]+)\}", answer)
    assert int(check[1], 16) == at + 0x1000
    text = kd.cmd("!analyze -v")
    digits = 16 if target.arch == "x86_64" else 8
    for line in (r"\*  +Bugcheck Analysis  +\*", r"IRQL_NOT_LESS_OR_EQUAL \(a\)",
                 rf"Arg1: {at + 0x1000:0{digits}x}, memory referenced", rf"Arg2: {2:0{digits}x}, IRQL",
                 rf"Arg3: {1:0{digits}x}, value 0 = read operation, 1 = write operation",
                 rf"Arg4: {int(check[2], 16):0{digits}x}, address which referenced memory", r"CURRENT_IRQL:  2 .*",
                 r"BUGCHECK_STR:  0xA", r"Probably caused by : pageturner \( nt!touch\+[0-9a-f]+ \)",
                 r"Followup: MachineOwner"):
        assert re.search(f"^{line}$", text, re.M), line
    assert "after a bugcheck only what looks" in kd.cmd("run hello")
    assert "Image: kd" in kd.cmd("process 0 0")


def test_a_fault_in_an_interrupt_handlers_level_names_ff(kd, target):
    """FACTS 3.1: the second argument is ff where interrupts are off for good."""
    kd.cmd("raise ff")
    assert re.search(r"BugCheck A, \{[0-9a-f]+, ff, 0, [0-9a-f]+\}", kd.cmd("bug read"))
    assert "CURRENT_IRQL:  ff (HIGH_LEVEL)" in kd.cmd("analyze -v")


def test_what_is_repaired_at_any_level(kd, target):
    """A kernel entry that is missing in this root, copied by a fault, is no reason to stop."""
    kd.cmd("raise 2")
    clean(kd)       # allocates, maps and touches kernel virtual memory
    assert "no such level" in kd.cmd("raise 9")
    kd.cmd("raise 0")
    assert run(kd, "hello").startswith("hello")
