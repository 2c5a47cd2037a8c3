# tests/qemu/oracle.py - reads `ptdump` and the monitor's `info tlb` into sets of pages that compare.
# SPDX-License-Identifier: MIT
"""The monitor walks the tables with QEMU's own code, so the two agree only when the kernel's walker,
its printer and the tables are right. Both sides become {va: (pa, size, letters)} of mapped pages,
letters in the order of info tlb: X G P D A C T U W."""
import re

LARGE = {"pae": 2 << 20, "legacy": 4 << 20}
# Columns of the `pte` letters (C G L D A N T U/K W/R E V) and what info tlb shows for each.
LETTERS = (("E", 9, "X", True), ("G", 1, "G", False), ("L", 2, "P", False), ("D", 3, "D", False),
           ("A", 4, "A", False), ("N", 5, "C", False), ("T", 6, "T", False), ("U", 7, "U", False),
           ("W", 8, "W", False))
TLB_LINE = re.compile(r"([0-9a-f]{16}): ([0-9a-f]{16}) ([-XGPDACTUW]{9})")
DUMP_LINE = re.compile(r"0x([0-9a-f]{8,16})-0x([0-9a-f]{8,16}) +(\d+[KMGT]) +(\d+[KMG]) ([-CGLDANTUKWREV]{11})"
                       r" pa ([0-9a-f]+)( W\+X)?")
MARKER = re.compile(r"---\[ .* \]---")
SUFFIX = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def tlb_letters(pte_letters):
    """-G-DA--KWEV -> -G-DA---W"""
    out = ""
    for letter, column, shown, inverted in LETTERS:
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
        if not match and MARKER.fullmatch(line):
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


def compare(machine, paging, attempts=3):
    """Fails unless ptdump and info tlb are the same set of pages. Looking can itself set an accessed or
    dirty bit between the two, so a difference must stay to count."""
    for _ in range(attempts):
        kernel = parse_ptdump(machine.cmd("ptdump", timeout=60))
        monitor = parse_info_tlb(machine.monitor("info tlb"), LARGE[paging])
        lines = difference(kernel, monitor)
        if not lines:
            return kernel
    raise AssertionError("\n".join([f"{len(lines)} differences"] + lines[:40]))
