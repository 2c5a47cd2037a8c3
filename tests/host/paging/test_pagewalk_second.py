# tests/host/paging/test_pagewalk_second.py - vtop --second: a guest's tables behind a second stage.
# SPDX-License-Identifier: MIT
"""Guests with a few pages, whose frames the second stage scatters. manuals.two_stages() says which entries are read, in which
order; pagewalk must print all of them, and the same physical address."""
import json
import pathlib
import random
import re
import struct
import subprocess
from functools import partial

import limits
import manuals
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "host" / "pagewalk_checked"
LIMIT = 60
BASE = 0x40000000
FRAMES = 1024


@pytest.fixture(scope="module", autouse=True)
def built():
    subprocess.run(["make", "-s", "-C", ROOT, "pagewalk_checked"], check=True)


def ppn(pa):
    return pa >> 2


def same(pa):
    return pa


class Tables:
    """Page tables by hand: shifts and index bits from the leaf up, entries made of an address and constant bits."""

    def __init__(self, levels, leaf, table, place=same, root_tables=1):
        self.levels, self.leaf, self.table, self.place, self.root_tables = levels, leaf, table, place, root_tables

    def map(self, put, get, new, root, va, pa):
        at = root
        for shift, bits in reversed(self.levels[1:]):
            slot = at + 8 * (va >> shift & (1 << bits) - 1)
            if not get(slot):
                put(slot, self.place(new()) | self.table)
            at = self.unplace(get(slot))
        shift, bits = self.levels[0]
        put(at + 8 * (va >> shift & (1 << bits) - 1), self.place(pa) | self.leaf)

    def unplace(self, entry):
        return (entry & ~0x3FF) << 2 & (1 << 56) - 1 if self.place is ppn else entry & 0xFFFFFFFFF000


NINE = [(12, 9), (21, 9), (30, 9), (39, 9)]
X64, EPT, NPT = Tables(NINE, 0x67, 0x67), Tables(NINE, 0x37, 7), Tables(NINE, 0x67, 0x67)
A64, S2 = Tables(NINE, 0x743, 3), Tables([(12, 9), (21, 9), (30, 10)], 0x7FF, 3, root_tables=2)
SV39 = Tables(NINE[:3], 0xCF, 1, ppn)
SV39X4 = Tables([(12, 9), (21, 9), (30, 11)], 0xDF, 1, ppn, root_tables=4)
TCR = 16 | 16 << 16 | 2 << 30 | 5 << 32
VTCR = 24 | 1 << 6 | 2 << 16


def x64_first(read, root, va):
    """IA-32e paging is nested paging with a sign: the addresses here are below the middle."""
    return manuals.npt(read, root, va, width=45)


GUESTS = {     # first stage, its settings, its walk; second stage, its settings, its walk, its root register
    "x64 ept": (X64, ["format=x64"], x64_first, EPT, [], manuals.ept, lambda root: root | 0x1E),
    "x64 npt": (X64, ["format=x64"], x64_first, NPT, [], manuals.npt, lambda root: root),
    "x64 ept by name": (X64, ["format=x64"], x64_first, EPT, ["second=ept"], manuals.ept, lambda root: root),
    "a64 s2_a64": (A64, ["format=a64", f"tcr={TCR:x}"], partial(manuals.aarch64, granule=4, va_bits=48, pa_bits=48), S2,
                   [f"vtcr={VTCR:x}"], partial(manuals.aarch64, granule=4, va_bits=40, pa_bits=40, first_level=1),
                   lambda root: root | 5 << 48 | 1),
    "sv39 sv39x4": (SV39, ["format=sv39"], partial(manuals.riscv, "sv39"), SV39X4, [], partial(manuals.riscv, "sv39x4"),
                    lambda root: 8 << 60 | 3 << 44 | root >> 12),
    "sv39 sv39x4 by hgatp": (SV39, ["format=sv39"], partial(manuals.riscv, "sv39"), SV39X4, ["hgatp"],
                             partial(manuals.riscv, "sv39x4"), lambda root: 8 << 60 | 3 << 44 | root >> 12),
}


class Guest:
    """Memory of the machine, in which the frames of the guest stand in any order; some of them are not mapped."""

    def __init__(self, rng, first, second):
        self.memory, self.rng = bytearray(FRAMES << 12), rng
        self.free = list(range(16, FRAMES))
        rng.shuffle(self.free)
        self.second, self.second_root = second, BASE       # frames 0 to 3: the root of the second stage
        self.first_root = 0x5000
        self.frames = {}
        self.guest_next = iter(range(0x6000, 0x400000, 0x1000))
        self.frame_of(self.first_root)
        self.pages = []
        for _ in range(40):
            va = rng.choice((0, 0x7F0000000, 0x3FC0000000)) + rng.randrange(1 << 22) // 4096 * 4096
            first.map(self.put, self.get, lambda: next(self.guest_next), self.first_root, va, next(self.guest_next))
            self.pages.append(va)
        # Tables are mapped already; of the data pages one in eight is not.
        for guest in range(0x6000, 0x6000 + 0x1000 * 200, 0x1000):
            if rng.randrange(8):
                self.frame_of(guest)

    def frame_of(self, guest):
        if guest not in self.frames:
            self.frames[guest] = BASE + (self.free.pop() << 12)
            self.second.map(self.put_machine, self.get_machine, lambda: BASE + (self.free.pop() << 12), self.second_root, guest,
                            self.frames[guest])
        return self.frames[guest]

    def get_machine(self, pa):
        return struct.unpack_from("<Q", self.memory, pa - BASE)[0]

    def put_machine(self, pa, value):
        struct.pack_into("<Q", self.memory, pa - BASE, value)

    def get(self, guest):
        return self.get_machine(self.frame_of(guest & ~0xFFF) + (guest & 0xFFF))

    def put(self, guest, value):
        self.put_machine(self.frame_of(guest & ~0xFFF) + (guest & 0xFFF), value)

    def read(self, pa, size):
        at = pa - BASE
        return int.from_bytes(self.memory[at:at + size], "little") if 0 <= at <= len(self.memory) - size else None


@pytest.mark.parametrize("name", GUESTS)
def test_every_step(tmp_path, name):
    first, settings, first_walk, second, more, second_walk, register = GUESTS[name]
    rng = random.Random(name)
    guest = Guest(rng, first, second)
    image = tmp_path / "image"
    image.write_bytes(guest.memory)
    root = register(guest.second_root)
    by_hgatp = more == ["hgatp"]
    settings = [*settings, *([f"hgatp={root:x}"] if by_hgatp else more), f"base={BASE:x}", f"root={guest.first_root:x}"]
    addresses = [va + rng.randrange(4096) for va in guest.pages] + [rng.randrange(1 << 38) for _ in range(10)]
    commands = "; ".join(f"vtop --second {0 if by_hgatp else root:x} {va:x}" for va in addresses)
    script = tmp_path / "script"
    script.write_text(commands.replace("; ", "\n"))
    done = limits.run([PROGRAM, "--json", image, *settings, "-f", script], LIMIT)
    assert done.returncode == 1, done.stderr
    found = 0
    for va, line in zip(addresses, done.stdout.splitlines(), strict=True):
        answer = json.loads(line)
        pa, walk, seen = manuals.two_stages(lambda read_of, va: first_walk(read_of(guest.read), guest.first_root, va),
                                            lambda at: second_walk(guest.read, guest.second_root, at), va)
        said = answer["translation"]
        steps = [(s["stage"], int(s["at"], 16), int(s["entry"], 16) if "entry" in s else None) for s in said["steps"]]
        assert steps == seen, f"{va:x}"
        assert said.get("pa") == (None if pa is None else f"{pa:#x}"), f"{va:x}"
        assert said.get("guest") == (None if walk.pa is None else f"{walk.pa:#x}")
        assert answer["status"] == (0 if pa is not None else 1)
        check_text(answer["lines"], va, pa, walk, seen)
        found += pa is not None
    assert 15 < found < len(addresses)


def check_text(lines, va, pa, walk, seen):
    """A line for each entry, with its address, in the order in which the CPU reads them."""
    at = [int(m[1], 16) for line in lines if (m := re.match(r"\w+: (?:L\d|P\w+) ([0-9a-f]{16})", line))]
    assert at == [address for _, address, _ in seen], lines
    if pa is not None:
        assert lines[-1] == (f"Virtual address {va:x} translates to guest physical address {walk.pa:x}, "
                             f"physical address {pa:x}.")
    else:
        assert lines[-1] == f"Virtual address {va:x} translation fails, error 0xD0000147."


def test_wrong_use(tmp_path):
    """No second stage, a root that is not aligned, a word that is no option."""
    image = tmp_path / "image"
    image.write_bytes(bytes(65536))

    def error(*words):
        done = limits.run([PROGRAM, image, *words], LIMIT)
        return done.returncode, done.stdout + done.stderr

    assert "a root of sv39x4 is aligned to 16 KiB" in error("format=sv39", "vtop", "--second", "1000", "0")[1]
    assert "not a value" in error("format=a64", "vtcr=3f", "vtop", "--second", "1000", "0")[1]
    assert error("format=x64", "vtop", "--third", "1000", "0")[0] == 2
    assert "NptGtoP: " in error("format=x64", "vtcr=20058", "vtop", "--second", "1000", "0")[1]
    assert "has no second stage" in error("format=ept", "vtop", "--second", "1000", "0")[1]
