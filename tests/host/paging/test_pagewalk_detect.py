# tests/host/paging/test_pagewalk_detect.py - --detect on systems of RISC-V and AArch64, which are made here.
# SPDX-License-Identifier: MIT
"""Each image is a machine with a small system: a direct map of all memory in the upper half of the addresses, the kernel's image a
second time, a process with pages of its own, and data. The entries are written by the encoders of the manuals' tests; the first
candidate must have the format and translate every address as the image was made to."""
import random
import re

import pytest
from test_pagewalk import pagewalk
from test_pagewalk_formats import built, ppn  # noqa: F401: a fixture

MIB = 1 << 20


class System:
    """format; bytes of an entry; bits of a page, of an index and of an address; where an output's bits stand; entries."""

    def __init__(self, format, size, shift, index, va_bits, place, leaf, table, base):
        self.format, self.size, self.shift, self.index, self.va_bits = format, size, shift, index, va_bits
        self.place, self.leaf, self.table, self.base = place, leaf, table, base

    def make(self, seed, mib=8):
        """(image, roots, {root: {va: pa}} of some pages)."""
        self.rng, self.memory = random.Random(f"{self.format} {seed}"), bytearray(mib * MIB)
        page = 1 << self.shift
        pages = mib * MIB // page
        # Data: of a program, text, zeros; no page of data is a table.
        for at in range(0, len(self.memory), page):
            if self.rng.random() < 0.4:
                self.memory[at:at + page] = self.rng.choice((self.rng.randbytes(page), b"a b c d!" * (page // 8)))
        self.free = list(range(pages // 4, pages))
        self.rng.shuffle(self.free)
        self.below = {}             # {where an entry is: the table that it points to}
        kernel, process, half = self.new(), self.new(), 1 << self.va_bits - 1
        maps = {kernel: {}, process: {}}
        for root in maps:
            for n in range(pages):
                self.map(root, half + n * page, self.base + n * page, self.leaf, maps[root])
            for n in range(pages // 8):
                self.map(root, half + (1 << self.va_bits - 2) + n * page, self.base + n * page, self.leaf, maps[root])
        for _ in range(min(40, len(self.free) // 2)):
            self.map(process, self.rng.randrange(1 << self.va_bits - 2) // page * page,
                     self.base + self.rng.randrange(pages) * page, self.leaf, maps[process])
        return bytes(self.memory), maps

    def new(self):
        """The address of an empty table."""
        at = self.free.pop() << self.shift
        self.memory[at:at + (1 << self.shift)] = bytes(1 << self.shift)
        return self.base + at

    def map(self, table, va, pa, leaf, expected):
        levels = -(-(self.va_bits - self.shift) // self.index)
        for level in range(levels - 1, -1, -1):
            at = table - self.base + (va >> self.shift + self.index * level & (1 << self.index) - 1) * self.size
            if not level:
                self.put(at, self.place(pa) | leaf)
                break
            if at not in self.below:
                self.below[at] = self.new()
                self.put(at, self.place(self.below[at]) | self.table)
            table = self.below[at]
        expected[va] = pa

    def put(self, at, entry):
        self.memory[at:at + self.size] = entry.to_bytes(self.size, "little")


def same(pa):
    return pa


SYSTEMS = [
    System("sv32", 4, 12, 10, 32, ppn, 0xCF, 1, 0x80000000), System("sv39", 8, 12, 9, 39, ppn, 0xCF, 1, 0x80000000),
    System("sv48", 8, 12, 9, 48, ppn, 0xCF, 1, 0x80000000), System("sv57", 8, 12, 9, 57, ppn, 0xCF, 1, 0x80000000),
    System("a64", 8, 12, 9, 48, same, 0x743, 3, 0x40000000), System("a64_16k", 8, 14, 11, 47, same, 0x743, 3, 0x40000000),
    System("a64_64k", 8, 16, 13, 42, same, 0x743, 3, 0x40000000),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.format)
def test_the_right_root_is_first(tmp_path, system, seed):
    image, maps = system.make(seed)
    (tmp_path / "image").write_bytes(image)
    words = (tmp_path / "image", f"base={system.base:x}")
    status, out, err = pagewalk(*words, "--detect")
    assert (status, err) == (0, "")
    _, format, levels, root = out.splitlines()[1].split()[:4]
    assert format == system.format and int(root, 16) in maps, out
    expected = maps[int(root, 16)]
    wanted = random.Random(seed).sample(sorted(expected), min(200, len(expected)))
    sign = (1 << 64) - (1 << system.va_bits) if system.format.startswith("sv") and system.size == 8 else 0
    upper = (sign or 0, 1 << system.va_bits - 1)
    (tmp_path / "lines").write_text("".join(f"{va | upper[0] * bool(va & upper[1]):x}\n" for va in wanted))
    with open(tmp_path / "lines", encoding="ascii") as lines:
        out = pagewalk(*words, f"format={format}", f"levels={levels}", f"root={root}", stdin=lines)[1]
    found = [int(pa, 16) for pa in re.findall(r"^\w+ (\w+)$", out, re.M)]
    assert found == [expected[va] for va in wanted]
