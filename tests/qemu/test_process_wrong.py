# tests/qemu/test_process_wrong.py - entries and memory changed behind the kernel's back, and faults where none may be.
# SPDX-License-Identifier: MIT
import re

import pytest
from machine import ROOT
from process import IMAGE, clean, counts, dirbase, kill, run, settle, start
from tables import TABLES, entries, walk

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
    assert answer.startswith(f"alias {PAGES + 0x1000:x}: frame {mine:x}, was ")
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
    ("{p:x} 10000000 1", "only an Active frame can be shared"), ("{p:x} 30000000 1", "must touch it first"),
    ("{p:x} c0000000 1|{p:x} ffff880000000000 1", "kernel half"), ("{p:x} 10000000 ffffffffffffff", "frame number"),
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
    other = (RAM[target.arch] >> 12) + 0x1eb2                 # in the middle of RAM: a free frame
    assert re.search(r"reference count 0000 .* (Free|Zeroed)$", kd.cmd(f"pfn {other:x}"), re.M)
    record = int(re.search(r"at address ([0-9A-F]+)", kd.cmd(f"pfn {other:x}"))[1], 16)
    if target.arch == "x86_64":
        assert record == 0xffffea0000000000 + other * 64        # so frame 7eb2's is ffffea00001fac80
    assert "; counters and TLB not updated" in kd.cmd(f"remap {pid:x} {PAGES + 0x1000:x} {other:x} --raw")
    entry = page(kd, target, pid, PAGES + 0x1000).entry
    assert entry ^ was.entry == (other ^ was.pa >> 12) << 12
    pmd = entries(kd, target.paging, dirbase(kd, pid), PAGES + 0x1000)[-2]
    page_map = rf"BUG: Bad page map in process touch  pte:{entry:08x} pmd:{pmd:08x}\n" \
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
    before = None
    for _ in range(20):
        assert kd.cmd(f"devmem {device:x} r {size}") == f"{device:08x}: {value:0{2 * size}x}"
        before = before or counts(kd)
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
    assert kd.cmd("!analyze -v") == "No bugcheck so far."
    assert "2 (DISPATCH_LEVEL); before: 0" in kd.cmd("raise 2")
    assert f"read 00 at {at:x}" in kd.cmd(f"touch {at:x} r")       # it is there: no fault
    assert "PASSIVE_LEVEL); before: 2" in kd.cmd("raise passive_level")
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
                 r"BUGCHECK_STR:  0xA", r"Probably caused by : pageturner \( nt!touch\w*\+[0-9a-f]+ \)",
                 r"Followup: MachineOwner"):
        assert re.search(f"^{line}$", text, re.M), line
    assert "after a bugcheck only read-only commands" in kd.cmd("run hello")
    assert "Image: kd" in kd.cmd("process 0 0")


def test_a_fault_in_an_interrupt_handlers_level_names_ff(kd, target):
    """A published bugcheck: the second argument is ff where interrupts are off for good."""
    kd.cmd("raise ff")
    assert re.search(r"BugCheck A, \{[0-9a-f]+, ff, 0, [0-9a-f]+\}", kd.cmd("bug read"))
    assert "CURRENT_IRQL:  ff (HIGH_LEVEL)" in kd.cmd("analyze -v")


def test_what_is_repaired_at_any_level(kd, target):
    """A kernel entry that is missing in this root, copied by a fault, is no reason to stop."""
    kd.cmd("raise 2")
    clean(kd)       # allocates, maps and touches kernel virtual memory
    assert "invalid IRQL" in kd.cmd("raise 9")
    kd.cmd("raise 0")
    assert run(kd, "hello").startswith("hello")


# ---- the kernel's own mistake in a program's system call

def getpid_row(target):
    """(offset of its row in the table of system calls, the command that writes an address there)"""
    rows = re.findall(r"^\tX\((\w+), \d", (ROOT / "lib/abi.h").read_text(), re.M)
    word = 8 if target.arch == "x86_64" else 4
    return rows.index("getpid") * 2 * word, "eq" if word == 8 else "ed"


def spoil_getpid(kd, target, function):
    """From now on this system call is something else; returns the command that makes it good again."""
    offset, enter = getpid_row(target)
    dump = enter.replace("e", "d", 1)
    words = [kd.cmd(line).split()[-1].replace("`", "") for line in (f"{dump} calls+{offset:x} L1", "? sys_getpid")]
    assert words[0] == words[1]
    kd.cmd(f"{enter} calls+{offset:x} {function}")
    return f"{enter} calls+{offset:x} sys_getpid"


def entry_of(answer):
    """The last entry but one that an oops shows: the one that names the table of the last level."""
    return int(re.search(r"(?:\*pde = |PMD |\*p[gm]d=)([0-9a-f]+)(?:,| ) ?(?:\*pte|PTE)", answer)[1], 16)


def table_entry(kd, target, root, va):
    """The same of a process, by a walk through the monitor."""
    levels, size = TABLES[target.paging]
    entry = root
    for shift, bits in levels[:-1]:
        table = entry & (0xfffffc00 if target.paging == "short" else 0xfffffffffffe0)
        if entry != root and target.paging != "short":
            table &= ~0xfff
        entry = kd.xp(table + (va >> shift & ((1 << bits) - 1)) * size, 1, "w" if size == 4 else "g")[0]
    return entry


BESIDE_IMAGE = 0x4ff000      # no page of a program, in the reach of the table that has its pages


def test_an_oops_in_a_system_call_shows_that_process(kd, target):
    """It is hello's tables that the CPU walks, not those of kd, which has none there, nor of whom .process chose."""
    other, match = start(kd, "vartest", r"8055 at\r\n0x([0-9a-f]+)\r")
    chosen = kd.cmd(f".process /P {other:x}; dd {match[1]} L1").splitlines()[-1]
    assert chosen.split()[1:] == [f"{8055:08x}"]
    good = spoil_getpid(kd, target, "bug_read")
    kd.cmd(f"ed null_field {BESIDE_IMAGE:x}")
    answer = run(kd, "hello")
    assert "[#1]" in answer and "bug_read+0x" in answer, answer
    assert re.search(r"\b(syscall|trap_stub_syscall|x86_syscall_entry)\+0x", answer), answer
    assert answer.endswith("a kernel bug")
    table = entry_of(answer)
    assert table and table != table_entry(kd, target, dirbase(kd, other), BESIDE_IMAGE)
    root = int(re.search(r"(?:CR3: |Table: )([0-9a-f]+)", answer)[1], 16)
    assert root not in (dirbase(kd, other), dirbase(kd, 1))
    # Nothing has changed for who looks.
    assert kd.cmd(f"dd {match[1]} L1") == chosen
    kd.cmd(good + "; .process 0; .cache nodecodeptes")
    assert run(kd, "hello").startswith("hello from pid")
    end(kd, other)


@pytest.mark.parametrize("function", ["bug_read", "bug_undefined", "bug_overflow"])
def test_the_program_goes_and_the_machine_stays(kd, target, function):
    """In the foreground the shell sleeps under a guard of its own; in the background it is at its prompt."""
    good = spoil_getpid(kd, target, function)
    before = None
    for i in range(3):
        answer = run(kd, "hello")
        assert f"[#{2 * i + 1}]" in answer and "end trace" in answer and answer.endswith("a kernel bug"), answer
        kd.send("run hello &\r")
        kd.expect(rf"\[#{2 * i + 2}\]")
        settle(kd)
        clean(kd)
        before = before or counts(kd)
    assert counts(kd) == before
    assert "hello" not in kd.cmd("ps")
    kd.cmd(good)
    assert run(kd, "hello").startswith("hello from pid")


def test_a_bugcheck_in_a_system_call_leaves_one_in_that_process(kd, target):
    """The root that the CPU walks and pte agree about the program's image, which kd has not."""
    spoil_getpid(kd, target, "bug_raise")
    assert "not valid" in kd.cmd(f"pte {IMAGE:x}")
    kd.send("run hello\r")
    kd.expect(r"BugCheck A, ")
    kd.wait_prompt()
    root = kd.registers()["cr3"] if target.arch != "armv7" else int(kd.cmd("? @ttbr0").split("= ")[-1].replace("`", ""), 16)
    text = walk(kd, target.paging, root & (0xffffc000 if target.paging == "short" else 0xffffffffe0), IMAGE)
    assert f"pfn {text.pa >> 12:x} " in kd.cmd(f"pte {IMAGE:x}")
    assert "Image: hello" in kd.cmd("process")


# ---- what is read-only for the kernel

RETURN = {"i386": "eb bug_write c3", "x86_64": "eb bug_write c3", "armv7": "ed bug_write e12fff1e"}


def test_the_kernels_text_and_constants_can_be_written(kd, target):
    """As a debugger does: all but the page's own entry lets it."""
    assert "[#1]" in kd.cmd("bug write")
    assert kd.cmd(RETURN[target.arch]) == ""
    assert kd.cmd("bug write") == "nothing happened"
    assert "[#2]" in kd.cmd("bug constant")
    at = int(kd.cmd("? bugs").split()[-1].replace("`", ""), 16)
    pa = int(kd.cmd(f"vtop 0 {at:x}").split()[-1].strip("."), 16)
    before = kd.xp(pa, 2, "w")
    kd.cmd(f"ed {at:x} 11223344")
    assert kd.xp(pa, 2, "w") == [0x11223344, before[1]]
    assert kd.cmd(f"fill {at:x} L4 5a") == "Filled 0x4 bytes" and kd.xp(pa, 2, "w") == [0x5a5a5a5a, before[1]]
    kd.cmd(f"ed {at:x} {before[0]:x}")
    clean(kd)


# ---- setpte and .process

def leaf(kd, target, pid, va):
    """(entry, the word there) of a process, as the monitor reads it; (None, None) without."""
    found = page(kd, target, pid, va)
    return (found.entry, kd.xp(found.pa, 1, "w")[0]) if found else (None, None)


@pytest.fixture
def two(kd):
    """Two programs with a page at the same address; the number 0n1 and 0n2 in it."""
    pids = [touched(kd) for _ in range(2)]
    for n, pid in enumerate(pids, 1):
        kd.cmd(f".process /P {pid:x}; ed {PAGES:x} {n}")
    yield pids
    kd.cmd(".process 0; .cache nodecodeptes")
    end(kd, *pids)


def test_edits_go_to_the_process_that_is_looked_at(kd, target, two):
    assert [leaf(kd, target, pid, PAGES)[1] for pid in two] == [1, 2]
    for pid in two:
        other = next(p for p in two if p != pid)
        before = leaf(kd, target, other, PAGES)
        kd.cmd(f".process /p {pid:x}; eb {PAGES:x} 55 66; fill {PAGES + 2:x} L2 77")
        assert leaf(kd, target, pid, PAGES)[1] == 0x77776655 and leaf(kd, target, other, PAGES) == before
    assert "cannot write there" in kd.cmd(f".process 0; .cache nodecodeptes; ed {PAGES:x} 9")
    assert "cannot write there" in kd.cmd(f".process {two[0]:x}; ed {PAGES:x} 9")


def test_setpte_writes_what_pte_shows(kd, target, two):
    a, b = two
    before = {pid: leaf(kd, target, pid, PAGES) for pid in two}
    kd.cmd(f".process /P {a:x}")
    answer = kd.cmd(f"setpte {PAGES:x} {before[b][0]:x}")
    assert answer.endswith("in the tables of touch, which are not loaded: no flush needed")
    assert leaf(kd, target, a, PAGES) == before[b] == leaf(kd, target, b, PAGES)
    assert kd.cmd(f"dd {PAGES:x} L1").split()[-1] == "00000002" and page(kd, target, 1, PAGES) is None
    assert f"{before[b][0]:x}" in kd.cmd("log 1").lower()
    kd.cmd(f"setpte {PAGES:x} {before[a][0]:x}")
    assert {pid: leaf(kd, target, pid, PAGES) for pid in two} == before
    clean(kd)


def test_setpte_writes_kds_tables_where_pte_shows_those(kd, target, two):
    """Without a mode, and under /p where the entries are read in the self-map: kd's; the CPU sees it at once."""
    entry, word = leaf(kd, target, two[0], PAGES)
    modes = (f".process 0; .cache nodecodeptes; .process {two[0]:x}", f".process /p {two[0]:x}")
    for mode in modes if target.arch != "armv7" else modes[:1]:
        kd.cmd(f"{mode}; setpte {PAGES:x} {entry:x}")
        assert leaf(kd, target, 1, PAGES) == (entry, word)
        if target.arch != "armv7":
            assert kd.gva2gpa(PAGES) == page(kd, target, two[0], PAGES).pa
        assert re.search(r" -> 0+, flushed$", kd.cmd(f"setpte {PAGES:x} 0"))
        assert leaf(kd, target, 1, PAGES) == (None, None) and leaf(kd, target, two[0], PAGES) == (entry, word)


def test_probe_is_the_cpus_for_any_selected_process(kd, target, two):
    kd.cmd(f".process /P {two[0]:x}")
    for access in "rw":
        answer = kd.cmd(f"probe {PAGES:x} {access}")
        assert answer.endswith("as predicted") and "NOT as" not in answer and "page fault" in answer
