# tests/qemu/test_oracle.py - the kernel's view of its tables against QEMU's own walk, page by page.
# SPDX-License-Identifier: MIT
import random
import re

import oracle
import pytest

SELFMAP_PAE = 0xff800000
SELFMAP = {"pae": 0xff800000, "legacy": 0xffc00000}

# One line of each side about the same page, and one changed thing at a time.
DUMP = "---[ direct map ]---\n0x%s-0x%s %9s %3s %s pa %s\nChecked W+X mappings: passed, no W+X pages found."
ONE = dict(dump=("c0101000", "c0101fff", "4K", "4K", "-G-DA--KWE V".replace(" ", ""), "0000101000"),
           tlb="00000000c0101000: 0000000000101000 -G-DA---W")


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


def test_the_nx_that_leaks_into_the_address_is_no_address():
    assert oracle.parse_info_tlb("0000000080000000: 8000000000400000 XGPDA---W", 2 << 20) == {
        0x80000000: (0x400000, 2 << 20, "XGPDA---W")}


@pytest.mark.parametrize("mem", ["16M", "128M", "5G"])
def test_ptdump_is_what_the_monitor_sees(shared, paging, mem):
    machine = shared(paging=paging, mem=mem)
    pages = oracle.compare(machine, paging)
    assert len(pages) > 100
    assert not any(va < 0xc0000000 for va in pages)     # the identity map is gone


def test_the_image_is_w_xor_x(kd, paging):
    """Asked of the monitor, so that the kernel cannot be wrong about itself: no frame is writable at one
    address and executable at any."""
    if paging == "legacy":
        pytest.skip("two-level entries have no NX bit: every page is executable")
    pages = oracle.parse_info_tlb(kd.monitor("info tlb"), oracle.LARGE[paging])
    writable, executable = set(), set()
    for va, (pa, size, letters) in pages.items():
        if va >= SELFMAP_PAE:
            continue        # the monitor shows the last entry alone, here a directory's; what makes these NX is above
        frames = range(pa >> 12, (pa + size) >> 12)
        if letters[8] == "W":
            writable.update(frames)
        if letters[0] != "X":
            executable.update(frames)
    assert executable and not writable & executable
    assert kd.cmd("ptdump").endswith("Checked W+X mappings: passed, no W+X pages found.")


def test_random_addresses_with_gva2gpa(kd, paging):
    """pte, vtop and the monitor on addresses in and around what is mapped."""
    rng = random.Random(f"gva {paging}")
    selfmap = SELFMAP[paging]
    pages = list(oracle.parse_info_tlb(kd.monitor("info tlb"), oracle.LARGE[paging]).items())
    some = [va + rng.randrange(size) for va, (_, size, _) in rng.sample(pages, 25)]
    some += [rng.randrange(1 << 32) for _ in range(15)] + [0, 0xffffffff, 0xbfffffff, 0xc0000000]
    for va in some:
        expected = kd.gva2gpa(va)
        answer = kd.cmd(f"vtop 0 {va:x}").splitlines()[-1]
        if expected is None:
            assert answer == f"Virtual address {va:x} translation fails, error 0xD0000147."
            assert va >= selfmap or "not valid" in kd.cmd(f"pte {va:x}")
        else:
            assert answer == f"Virtual address {va:x} translates to physical address {expected:x}."
            # An address in the self-map is an entry's to pte: it shows the page of that entry.
            pfn = re.findall(r"pfn ([0-9a-f]+)", kd.cmd(f"pte {va:x}"))[-1:]
            assert va >= selfmap or int(pfn[0], 16) == expected >> 12


def random_changes(machine, rng, count):
    """map, protect and unmap of kernel pages; returns what must be mapped then: {va: (pa, may be written)}."""
    model, lines = {}, []
    for _ in range(count):
        va = 0xf9000000 + rng.randrange(512) * 0x1000 * rng.choice((1, 1, 0x10))
        if va not in model:
            pa = rng.randrange(0x400, 0x6000) << 12
            model[va] = (pa, rng.random() < 0.5)
            lines.append(f"map {va:x} {pa:x} {'rw' if model[va][1] else 'r'}")
        elif rng.random() < 0.5:
            model[va] = (model[va][0], rng.random() < 0.5)
            lines.append(f"protect {va:x} {'rwx' if model[va][1] else 'rx'}")
        else:
            del model[va]
            lines.append(f"unmap {va:x}")
    for n in range(0, len(lines), 12):
        answer = machine.cmd("; ".join(lines[n:n + 12]))
        assert "^" not in answer and "at character" not in answer, answer
    return model


def test_a_thousand_changes(kd, paging):
    """After each few hundred random maps, protects and unmaps both sides still see the same, and it is what was asked
    for; in the kernel's own root and in one that gets its entries by faults."""
    rng = random.Random(f"changes {paging}")
    kd.cmd("aspace use 0")
    model = random_changes(kd, rng, 1000)
    pages = oracle.compare(kd, paging)
    shown = {va: (pa, "W" in letters) for va, (pa, _, letters) in pages.items() if 0xf9000000 <= va < 0xfd000000}
    assert shown == model
    kd.cmd("aspace use 1")
    for n, va in enumerate(sorted(model)):
        if n % 40 == 0:
            kd.cmd(f"touch {va:x} r")
    oracle.compare(kd, paging)
    lines = [f"unmap {va:x}" for va in model]
    for n in range(0, len(lines), 20):
        kd.cmd("; ".join(lines[n:n + 20]))
    assert not [va for va in oracle.compare(kd, paging) if 0xf9000000 <= va < 0xfd000000]


def test_memory_above_four_gigabytes(shared):
    """Written through a mapping, read back by the monitor at the physical address."""
    machine = shared(paging="pae", mem="5G")
    places = (0x100000000, 0x123456000, 0x13abcd000, 0x13ffff000, 0x13ffef000)
    # Nobody's frames: the highest ones are given out first, the frame of zeroes among them.
    free = [pa for pa in places if "reference count 0000" in machine.cmd(f"pfn {pa >> 12:x}")]
    assert len(free) >= 3
    for n, pa in enumerate(free):
        machine.cmd(f"map f9000000 {pa:x} rw; touch f9000000 r")
        machine.cmd(f"eq f9000a58 {0x1122334455667700 + n:x}; touch f9000a58 w")
        assert machine.xp(pa + 0xa58) == [0x1122334455667700 + n]
        assert machine.cmd(f"!dq {pa + 0xa58:x} L1").replace("`", "").split()[-1] == f"{0x1122334455667700 + n:016x}"
        assert f"pfn {pa >> 12:x} " in machine.cmd("pte f9000000")
        machine.cmd("eq f9000a58 0; unmap f9000000")     # the frame may be anybody's: the last one is the zero frame


def test_entries_that_pte_prints_are_in_memory(kd, paging):
    """The entry addresses of `pte` are readable through the self-map, and hold what it printed."""
    for va in (0xc0001000, 0xc0100000, 0xc0110123):
        answer = kd.cmd(f"pte {va:x}")
        where = re.findall(r"(?:PDE|PTE) at ([0-9A-F]{8})", answer)
        what = re.findall(r"contains ([0-9A-F]+)", answer)
        assert len(where) == len(what) == 2
        for address, entry in zip(where, what):
            if int(entry, 16) == 0:
                continue        # below a large page nothing is read
            word = kd.xp(kd.gva2gpa(int(address, 16)), size="g" if paging == "pae" else "w")[0]
            assert word & ~0x60 == int(entry, 16) & ~0x60       # looking can set A and D
