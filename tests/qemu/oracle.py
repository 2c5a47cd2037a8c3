# tests/qemu/oracle.py - reads `ptdump` and the monitor's `info tlb` into sets of pages that compare.
# SPDX-License-Identifier: MIT
"""The monitor walks the tables with QEMU's own code, so the two agree only when the kernel's walker,
its printer and the tables are right. Both sides become {va: (pa, size, letters)} of mapped pages,
letters in the order of info tlb: X G P D A C T U W."""
import re

MASK = {4: ~0xfff, 8: ~0xfff & 0x000fffffffffffff}
# Columns of the `pte` letters (C G L D A N T U/K W/R E V) and what info tlb shows for each.
LETTERS = (("E", 9, "X", True), ("G", 1, "G", False), ("L", 2, "P", False), ("D", 3, "D", False),
           ("A", 4, "A", False), ("N", 5, "C", False), ("T", 6, "T", False), ("U", 7, "U", False),
           ("W", 8, "W", False))
TLB_LINE = re.compile(r"([0-9a-f]{16}): ([0-9a-f]{16}) ([-XGPDACTUW]{9})")
SUFFIX = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def tlb_letters(pte_letters):
    """-G-DA--KWEV -> -G-DA---W"""
    out = ""
    for letter, column, shown, inverted in LETTERS:
        out += shown if (pte_letters[column] == letter) != inverted else "-"
    return out


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
