# tests/qemu/test_oracle.py - the kernel's view of its tables against QEMU's own walk and one by hand, page by page.
# SPDX-License-Identifier: MIT
"""Every target: oracle.compare holds the kernel against tables.py (the formats from the manuals), and that against the
monitor, which has `info tlb` on x86 and `gva2gpa` everywhere."""
import random
import re

import oracle
import pytest
import tables
from process import kill, start

# One line of each side about the same page, and one changed thing at a time.
DUMP = "---[ direct map ]---\n0x%s-0x%s %9s %3s %s pa %s\nChecked W+X mappings: passed, no W+X pages found."
ONE = dict(dump=("c0101000", "c0101fff", "4K", "4K", "-G-DA--KWEV", "0000101000"),
           tlb="00000000c0101000: 0000000000101000 -G-DA---W")
LONG_LETTERS = "-WXGA-K--V"     # the same of a long descriptor, which has no D


@pytest.mark.parametrize("field, value", [(None, None), (0, "c0102000"), (4, "-G-DA--KREV"), (4, "-G-DA--KW-V"),
                                          (4, "-G-DA--UWEV"), (4, "---DA--KWEV"), (4, "-G--A--KWEV"),
                                          (4, "-G-DAN-KWEV"), (5, "0000102000"), (3, "2M")])
def test_the_comparison_sees_every_attribute(field, value):
    row = list(ONE["dump"])
    if field is not None:
        row[field] = value
    try:
        lines = oracle.difference(oracle.parse_ptdump(DUMP % tuple(row)), oracle.parse_info_tlb(ONE["tlb"], 2 << 20))
    except ValueError as e:
        lines = [str(e)]
    assert bool(lines) == (field is not None)


def test_the_letters_of_long_descriptors():
    assert oracle.tlb_letters(LONG_LETTERS) == "-G--A---W"
    for column, letter, shown in ((1, "R", "-G--A----"), (2, "-", "XG--A---W"), (3, "-", "----A---W"), (4, "-", "-G------W"),
                                  (6, "U", "-G--A--UW"), (7, "N", "-G--AC--W"), (8, "L", "-GP-A---W")):
        assert oracle.tlb_letters(LONG_LETTERS[:column] + letter + LONG_LETTERS[column + 1:]) == shown


def test_the_nx_that_leaks_into_the_address_is_no_address():
    assert oracle.parse_info_tlb("0000000080000000: 8000000000400000 XGPDA---W", 2 << 20) == {
        0x80000000: (0x400000, 2 << 20, "XGPDA---W")}


@pytest.mark.parametrize("paging, va, expected", [
    ("pae", 0xc0001000, (0xfffff000, 0xffe00008)), ("legacy", 0xc0001000, (0xfffffc00, 0xfff00004)),
    ("x64", 0xffbe0000, (0xfffff6fb7dbed000, 0xfffff6fb7da00018, 0xfffff6fb40003fe8, 0xfffff680007fdf00))])
def test_the_self_map_is_where_the_documents_have_it(paging, va, expected):
    """What is reckoned by hand against the numbers of the documents, so that it can serve as an oracle."""
    assert tuple(tables.selfmap_entry(paging, va, n) for n in range(len(expected) - 1, -1, -1)) == expected


@pytest.mark.parametrize("mem", ["16M", "128M", "5G"])
def test_ptdump_is_what_the_monitor_sees(shared, target, mem):
    machine = shared(target, mem=mem)
    pages = oracle.compare(machine)
    assert len(pages) > 100
    assert not any(va < target.facts.user_end for va in pages)      # the identity map is removed


# Two-level entries have no NX bit: there every page that may be read may be executed.
@pytest.mark.targets("pae", "x64", "la57", "short", "lpae")
def test_the_image_is_w_xor_x(kd, target):
    """No frame is writable at one address and executable at any, by hand, so that the kernel cannot be wrong about
    itself; and it says the same."""
    writable, executable = set(), set()
    for page in oracle.by_hand(kd).values():
        frames = range(page.pa >> 12, (page.pa + page.size) >> 12)
        if page.writes:
            writable.update(frames)
        if page.executes:
            executable.update(frames)
    assert kd.gva2gpa(kd.registers()["pc"]) >> 12 in executable
    assert not writable & executable
    assert kd.cmd("ptdump").endswith("Checked W+X mappings: passed, no W+X pages found.")


@pytest.mark.targets("i386", "x86_64")
def test_another_process_may_run_at_any_moment(kd, target):
    """The tables that are read are those of the process that the CPU stands still in: two programs take turns."""
    pids = [start(kd, "spin", r"")[0] for _ in range(2)]
    try:
        roots = set()
        for _ in range(25):
            oracle.by_hand(kd)
            roots.add(oracle.root(kd))
        assert len(roots) > 1
    finally:
        kill(kd, *pids)


def test_random_addresses_with_gva2gpa(kd, target):
    """vtop, pte and the monitor on addresses in and around what is mapped."""
    for va in oracle.interesting(kd, target, random.Random(f"gva {target}")):
        expected = kd.gva2gpa(va)
        answer = kd.cmd(f"vtop 0 {va:x}").splitlines()[-1]
        # An address in the self-map is an entry's to pte: it shows the page of that entry.
        selfmap = "self-map" in kd.cmd(f"address {va:x}")
        assert not selfmap or target.paging in tables.SELF_MAP and va >= tables.SELF_MAP[target.paging]
        if expected is None:
            assert answer == f"Virtual address {va:x} translation fails, error 0xD0000147."
            assert selfmap or "not valid" in kd.cmd(f"pte {va:x}")
        else:
            assert answer == f"Virtual address {va:x} translates to physical address {expected:x}."
            pfn = re.findall(r"pfn ([0-9a-f]+)", kd.cmd(f"pte {va:x}"))[-1:]
            assert selfmap or int(pfn[0], 16) == expected >> 12


def test_a_root_is_what_its_register_holds(kd, target):
    """With the attributes and the ASID that stand in it, too; or its address, its frame, its process."""
    va, root = target.facts.direct + 0x1000, oracle.root(kd)
    said = f"translates to physical address {kd.gva2gpa(va):x}."
    names = [f"@{target.facts.root}", f"{kd.registers()[target.facts.root]:x}", f"{root:x}", f"{root >> 12:x}", "1"]
    for name in names:
        assert kd.cmd(f"vtop {name} {va:x}").endswith(said), name
    lines = kd.cmd(f"ptov {names[0]}").splitlines()
    assert lines[1:] == kd.cmd(f"ptov {root:x}").splitlines()[1:] == kd.cmd("ptov").splitlines()[1:]
    assert f"pagedir {root:x}" in lines[0] and len(lines) > 100


def test_what_is_no_address_is_said(kd, target):
    bits = sum(tables.TABLES[target.paging][0][0])
    va, why = (1 << 32, "not a valid address: addresses have 32 bits") if target.facts.bits == 32 else (
        1 << bits - 1, "not canonical: the bits above the translated ones must equal the highest of them")
    assert kd.cmd(f"address {va:x}") == f"{target.plain(va)}: {why}"
    assert why not in kd.cmd(f"address {va - 1:x}")


def test_regions_cover_the_address_space(kd, target):
    """One begins where the one before ends, but for what is no address; and what is mapped lies in one that may be."""
    shown = [(int(a, 16), int(b, 16), kind) for a, b, kind in
             re.findall(r"^([0-9a-f]+)-([0-9a-f]+) +\d+ \S+  (\S+(?: \S+)*?)  ", kd.cmd("address"), re.M)]
    bits = sum(tables.TABLES[target.paging][0][0])
    upper = 0 if target.facts.bits == 32 else tables.canonical(target.paging, 1 << bits - 1)
    ends = [-1] + [last for _, last, _ in shown]
    assert [(a, b) for a, b in zip([first for first, _, _ in shown] + [1 << target.facts.bits], ends) if a != b + 1] == (
        [(upper, (1 << bits - 1) - 1)] if upper else [])
    for va, page in oracle.by_hand(kd).items():
        kinds = [kind for first, last, kind in shown if first <= va and va + page.size - 1 <= last]
        assert len(kinds) == 1 and kinds != ["hole"], f"{va:x}"


def test_entries_that_pte_prints_are_in_memory(kd, target):
    """The entry addresses of `pte` are those of the self-map or of the direct map, and hold what it printed, which is
    what a walk by hand finds."""
    facts = target.facts
    looked = 0 if target.arch == "armv7" else 0x60      # looking can set A and D
    hidden = target.paging == "pae"     # its top level of four entries is not shown
    for va in (facts.image_base + 0x1000, kd.registers()["pc"], facts.direct + (64 << 20), facts.free + 0x123000):
        lines = kd.cmd(f"pte {va:x}").splitlines()
        where = [int(at, 16) for at in re.findall(r" at ([0-9A-F]{8,16})", lines[1])]
        what = [int(entry, 16) for entry in re.findall(r"contains ([0-9A-F]+)", lines[2])]
        hand = tables.steps(kd, target.paging, oracle.root(kd), va)[hidden:]
        assert where == oracle.entry_addresses(kd, target, va)
        for n, (at, entry, _) in enumerate(hand):
            assert (what[n] ^ entry) & ~looked == 0
            assert kd.gva2gpa(where[n]) == at
        assert not any(what[len(hand):])        # below a large page, or a missing table, nothing is read


# ---- changes

CHANGES, WINDOW = 1000, 64 << 20


def random_changes(machine, target, rng, count):
    """map, protect and unmap of kernel pages; returns what must be mapped then: {va: (pa, write, execute)}."""
    model, changes = {}, []

    def rights():
        return rng.random() < 0.5, rng.random() < 0.5

    for _ in range(count):
        va = target.facts.free + rng.randrange(512) * 0x1000 * rng.choice((1, 1, 0x10))
        if va not in model or rng.random() < 0.5:
            w, x = rights()
            letters = "r" + "w" * w + "x" * x
            if va in model:
                model[va] = (model[va][0], w, x)
                changes.append((f"protect {va:x} {letters}", f"{va:x} is {letters}"))
            else:
                pa = target.facts.ram + (rng.randrange(0x400, 0x6000) << 12)
                model[va] = (pa, w, x)
                changes.append((f"map {va:x} {pa:x} {letters}", f"{va:x} -> {pa:x}"))
        else:
            del model[va]
            changes.append(unmap(va))
    type_all(machine, changes)
    return model


def unmap(va):
    return f"unmap {va:x}", f"{va:x} is unmapped"


def type_all(machine, changes):
    """changes: (command, its answer), several in a line."""
    for n in range(0, len(changes), 12):
        lines, answers = zip(*changes[n:n + 12])
        assert machine.cmd("; ".join(lines)).splitlines() == list(answers)


def in_window(target, pages):
    """{va: (pa, write, execute)} of what random_changes may have mapped."""
    first = target.facts.free
    return {va: (p.pa, p.writes, p.executes) for va, p in pages.items() if first <= va < first + WINDOW}


def test_a_thousand_changes(kd, target):
    """After random maps, protects and unmaps both sides still see the same, and it is what was asked for; in the kernel's
    own root and in one that gets its entries by faults."""
    rng = random.Random(f"changes {target}")
    kd.cmd("aspace use 0")
    model = random_changes(kd, target, rng, CHANGES)
    # Two-level entries have no NX bit.
    expected = {va: (pa, w, x or target.paging == "legacy") for va, (pa, w, x) in model.items()}
    assert len(expected) > 100
    assert in_window(target, oracle.compare(kd)) == expected
    kd.cmd("aspace use 1")
    for va in sorted(model)[::40]:
        kd.cmd(f"touch {va:x} r")
    seen = in_window(target, oracle.compare(kd))
    assert seen.items() <= expected.items() and {va: seen[va] for va in sorted(model)[::40]}
    type_all(kd, [unmap(va) for va in model])
    assert not in_window(target, oracle.compare(kd))


# ---- memory beyond 32 bits

BEYOND = (0x100000000, 0x123456000, 0x13abcd000, 0x13ffff000, 0x13ffef000)


@pytest.mark.targets("pae", "x64", "la57", "lpae")
def test_memory_above_four_gigabytes(shared, target):
    """Written through a mapping, read back by the monitor at the physical address."""
    machine, va = shared(target, mem="5G"), target.facts.free
    # Free frames: the highest ones are allocated first, the zero frame among them.
    free = [pa for pa in BEYOND if "reference count 0000" in machine.cmd(f"pfn {pa >> 12:x}")]
    assert len(free) >= 3
    for n, pa in enumerate(free):
        value = 0x1122334455667700 + n
        machine.cmd(f"map {va:x} {pa:x} rw; touch {va:x} r")
        machine.cmd(f"eq {va + 0xa58:x} {value:x}; touch {va + 0xa58:x} w")
        assert machine.xp(pa + 0xa58) == [value]
        assert machine.gva2gpa(va + 0xa58) == pa + 0xa58
        assert machine.cmd(f"!dq {pa + 0xa58:x} L1").replace("`", "").split()[-1] == f"{value:016x}"
        assert f"pfn {pa >> 12:x} " in machine.cmd(f"pte {va:x}")
        machine.cmd(f"eq {va + 0xa58:x} 0; unmap {va:x}")       # the frame may be anybody's: the last one is the zero frame


# 4 KiB pages of these have 32 address bits.
@pytest.mark.targets("legacy", "short")
def test_memory_above_four_gigabytes_is_refused(shared, target):
    machine, va = shared(target, mem="5G"), target.facts.free
    for pa in BEYOND:
        assert "no such frame in the frame database" in machine.cmd(f"pfn {pa >> 12:x}")
        assert "out of range" in machine.cmd(f"map {va:x} {pa:x} rw")
        assert machine.cmd(f"!dq {pa:x} L1") == f"Physical memory read at {pa:x} failed"
        assert machine.gva2gpa(va) is None
