# tests/qemu/oracle.py - reads `ptdump` and the monitor's `info tlb` into sets of pages that compare.
# SPDX-License-Identifier: MIT
"""The monitor walks the tables with QEMU's own code, so the two agree only when the kernel's walker,
its printer and the tables are right. Both sides become {va: (pa, size, letters)} of mapped pages,
letters in the order of info tlb: X G P D A C T U W."""
import re

import tables
from machine import ARCHES

LARGE = {"pae": 2 << 20, "legacy": 4 << 20, "x64": 2 << 20, "la57": 2 << 20}
# Columns of the `pte` letters C G L D A N T U/K W/R E V and, of long descriptors, C W/R X G A . U/K N L V; what the
# monitor shows for each, and whether it shows it for the letter or for its absence.
X86_COLUMNS = (("E", 9, "X", True), ("G", 1, "G", False), ("L", 2, "P", False), ("D", 3, "D", False),
               ("A", 4, "A", False), ("N", 5, "C", False), ("T", 6, "T", False), ("U", 7, "U", False),
               ("W", 8, "W", False))
LONG_COLUMNS = (("X", 2, "X", True), ("G", 3, "G", False), ("L", 8, "P", False), ("", 0, "D", False),
                ("A", 4, "A", False), ("N", 7, "C", False), ("", 0, "T", False), ("U", 6, "U", False),
                ("W", 1, "W", False))
TLB_LINE = re.compile(r"([0-9a-f]{16}): ([0-9a-f]{16}) ([-XGPDACTUW]{9})")
DUMP_LINE = re.compile(r"0x([0-9a-f]{8,16})-0x([0-9a-f]{8,16}) +(\d+[KMGT]) +(\d+[KMG]) ([-CGLDANTUKWREVX]{10,11})"
                       r" pa ([0-9a-f]+)( W\+X)?")
# Of the root register: PAE's table is of 32 bytes, short descriptors' of 16 KiB; long ones have an ASID above it.
ROOT_MASK = {"pae": 0xffffffe0, "short": 0xffffc000, "lpae": 0xffffffffe0, **dict.fromkeys(("legacy", "x64", "la57"),
                                                                                            tables.ADDRESS)}
MARKER = re.compile(r"---\[ .* \]---")
FOLDED = re.compile(r"0x[0-9a-f]+-0x[0-9a-f]+ +\d+[KMGT] +self-map, (\d+) pages; ptdump ([0-9a-f]+) lists them")
MEM_LINE = re.compile(r"([0-9a-f]{16})-([0-9a-f]{16}) [0-9a-f]{16} ([u-])r([w-])")
SUFFIX = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def tlb_letters(pte_letters):
    """-G-DA--KWEV -> -G-DA---W"""
    out = ""
    for letter, column, shown, inverted in X86_COLUMNS if len(pte_letters) == 11 else LONG_COLUMNS:
        out += shown if (pte_letters[column] == letter) != inverted else "-"
    return out


def size_of(text):
    return int(text[:-1]) * SUFFIX[text[-1]]


def parse_ptdump(text):
    """Every page of every range; ranges that overlap, go back or do not add up are errors."""
    pages, last = {}, -1
    lines = text.splitlines()
    if not lines or not lines[-1].startswith("Checked W+X mappings: "):
        raise ValueError(f"no verdict at the end of ptdump: {lines[-1:]}")
    for line in lines[:-1]:
        match = DUMP_LINE.fullmatch(line)
        if not match and (MARKER.fullmatch(line) or FOLDED.fullmatch(line)):
            continue
        if not match:
            raise ValueError(f"not a line of ptdump: {line!r}")
        first, end, pa = int(match[1], 16), int(match[2], 16) + 1, int(match[6], 16)
        page = size_of(match[4])
        if first <= last or end - first != size_of(match[3]) or (end - first) % page:
            raise ValueError(f"a range that does not add up: {line!r}")
        last = end - 1
        for offset in range(0, end - first, page):
            pages[first + offset] = (pa + offset, page, tlb_letters(match[5]))
    return pages


def parse_info_tlb(text, large):
    """large: bytes of a page with P set (2 MiB under PAE, 4 MiB under legacy)."""
    pages = {}
    for line in text.splitlines():
        match = TLB_LINE.fullmatch(line.strip())
        if not match:
            raise ValueError(f"not a line of info tlb: {line!r}")
        va, pa = int(match[1], 16), int(match[2], 16)
        # In PAE mode NX leaks into the address column of 4 KiB pages: bits 62:52 and 63 are not address.
        pages[va] = (pa & 0x000ffffffffff000, large if match[3][2] == "P" else 4096, match[3])
    return pages


def difference(kernel, monitor):
    """Lines that say where the two sides differ; empty when they agree both ways."""
    out = []
    for va in sorted(kernel.keys() | monitor.keys()):
        if kernel.get(va) != monitor.get(va):
            out.append(f"{va:08x}: kernel {describe(kernel.get(va))}, monitor {describe(monitor.get(va))}")
    return out


def describe(page):
    return "nothing" if page is None else f"{page[0]:x} {page[1] >> 10}K {page[2]}"


def root_in(machine, registers, paging=None):
    return registers[ARCHES[machine.boot.arch].root] & ROOT_MASK[paging or machine.boot.paging]


def root(machine, paging=None):
    """Where the CPU's own tables begin."""
    return root_in(machine, machine.registers(), paging)


def by_info_tlb(machine, pages):
    """Differences to what the monitor lists."""
    shown = parse_info_tlb(machine.monitor("info tlb"), LARGE[machine.boot.paging])
    # A large page of 1 GiB looks like one of 2 MiB there.
    shown = {va: (pa, max(size, pages[va].size) if va in pages and letters[2] == "P" else size, letters)
             for va, (pa, size, letters) in shown.items()}
    return difference({va: (p.pa, p.size, p.letters) for va, p in pages.items()}, shown)


def by_info_mem(machine, pages):
    """Differences to the rights that the monitor finds in all levels together, user and write: ranges of equal ones."""
    if machine.boot.paging == "la57":       # takes QEMU longer than the monitor's connection lives
        return []
    ranges = sorted((int(m[1], 16), int(m[2], 16), m[3] == "u", m[4] == "w")
                    for m in map(MEM_LINE.fullmatch, map(str.strip, machine.monitor("info mem").splitlines())) if m)
    found, lines = iter(ranges), []
    here = next(found, None)
    for va, page in sorted(pages.items()):
        while here and here[1] <= va:
            here = next(found, None)
        if not here or here[0] > va or here[2:] != (page.user, page.writes):
            lines.append(f"{va:x}: by hand user {page.user} write {page.writes}, the monitor {here}")
    return lines


def by_gva2gpa(machine, pages):
    """Differences to what the monitor's own walk finds at both ends of each page. Where the access flag is clear that walk
    finds nothing, as the CPU would, in the short format, and the page in the long one. It has the rights of the mode in
    which the CPU stands still: in user mode it finds user pages only."""
    lines, user_mode = [], "usr32" in machine.monitor("info registers")
    for va, page in pages.items():
        if user_mode and not page.user:
            continue
        for offset in (0, page.size - 1):
            found, expected = machine.gva2gpa(va + offset), page.pa + offset
            if found != expected and not (found is None and "A" not in page.letters):
                lines.append(f"{va + offset:08x}: by hand {expected:x}, the monitor {found or 0:x}")
    return lines


def by_hand(machine):
    """All that is mapped now, {va: Page}, by tables.py; and the monitor sees the same pages at the same places."""
    with machine.frozen() as registers:
        pages = tables.all_pages(machine, machine.boot.paging, root_in(machine, registers))
        lines = by_gva2gpa(machine, pages) if machine.boot.arch == "armv7" else \
            by_info_tlb(machine, pages) + by_info_mem(machine, pages)
    assert not lines, "\n".join(["the tables by hand (left) and the monitor:"] + lines[:40])
    return pages


def whole_dump(machine):
    """What ptdump shows, with the pages of the self-map that it shows as one line."""
    text = machine.cmd("ptdump", timeout=60)
    pages = parse_ptdump(text)
    for line in text.splitlines():
        folded = FOLDED.fullmatch(line)
        if folded:
            first, last = int(folded[2], 16), int(re.match(r"0x[0-9a-f]+-0x([0-9a-f]+)", line)[1], 16)
            inside = parse_ptdump(machine.cmd(f"ptdump {first:x} {last:x}", timeout=60))
            assert len(inside) == int(folded[1]) and not inside.keys() & pages.keys()
            pages |= inside
    return pages


def compare(machine, attempts=3, changes=30):
    """Fails unless ptdump shows the pages that the monitor sees, and only those; returns them, {va: Page}. Between the two
    looks an accessed or dirty bit may be set, and a process that slept may end, whose kernel stack is four pages: a
    difference counts when ptdump still shows the same afterwards, and must stay."""
    while True:
        kernel = whole_dump(machine)
        pages = by_hand(machine)
        lines = difference(kernel, {va: (p.pa, p.size, p.effective) for va, p in pages.items()})
        if not lines:
            return pages
        changed = whole_dump(machine) != kernel
        attempts, changes = attempts - (not changed), changes - changed
        if not attempts or not changes:
            raise AssertionError("\n".join([f"{len(lines)} differences"] + lines[:40] + [machine.cmd("aspace; ps")]))


def entry_addresses(machine, target, va):
    """Where `pte` must say that the entries of va stand, from the root down: in the self-map, or, where there is none,
    at the direct map's address of the entry."""
    levels = len(tables.TABLES[target.paging][0])
    if target.paging in tables.SELF_MAP:
        first = levels - 1 if target.paging != "pae" else 1         # the four entries of PAE's top level are not shown
        return [tables.selfmap_entry(target.paging, va, n) for n in range(first, -1, -1)]
    return [at - target.facts.ram + target.facts.direct for at, _, _ in
            tables.steps(machine, target.paging, root(machine, target.paging), va)]


def interesting(machine, target, rng):
    """Addresses in and around what is mapped, and anywhere."""
    pages = rng.sample(sorted(by_hand(machine).items()), 25)
    inside = [va + rng.randrange(page.size) for va, page in pages]
    around = [at for va, page in pages[:8] for at in (va - 1, va, va + page.size - 1, va + page.size)]
    bits = sum(tables.TABLES[target.paging][0][0])
    facts = target.facts
    edges = [0, 0x1000, (1 << facts.bits) - 1, facts.user_end - 1, facts.direct, facts.image_base, facts.linked]
    anywhere = [tables.canonical(target.paging, rng.getrandbits(bits)) for _ in range(15)]
    return [va for va in inside + around + anywhere + edges if 0 <= va < 1 << facts.bits]
