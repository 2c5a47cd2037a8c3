# tests/host/paging/test_pagewalk_formats.py - the formats that pagewalk alone has, compared with walks written from the manuals.
# SPDX-License-Identifier: MIT
"""Images are random tables, or every combination of attribute bits; manuals.py walks them, and pagewalk, by --json."""
import json
import pathlib
import random
import struct
import subprocess
from collections import Counter
from functools import partial

import limits
import manuals
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "build" / "host" / "pagewalk_checked"
LIMIT = 120
PAGES = 256
VCPU_PS = {32: 0, 36: 1, 40: 2, 42: 3, 44: 4, 48: 5, 52: 6}


@pytest.fixture(scope="module", autouse=True)
def built():
    subprocess.run(["make", "-s", "-C", ROOT, "pagewalk_checked"], check=True)


class Machine:
    """One format under one setting: how entries look, what the manual makes of them, the settings of pagewalk."""

    def __init__(self, name, settings, walk, va_bits, size=8, base=0x40000000, shift=12, place=None, upper=False, signed=False,
                 leaf=0, table=1, attributes=(), low=0):
        self.name, self.settings, self.walk, self.va_bits, self.size, self.base = name, settings, walk, va_bits, size, base
        self.shift, self.place, self.upper, self.signed = shift, place or (lambda pa: pa), upper, signed
        self.leaf, self.table, self.attributes, self.low = leaf, table, attributes, low


def ppn(pa):
    return pa >> 2 & ~0x3FF


def lpa(pa):
    return pa & (1 << 48) - 1 & ~0xFFFF | pa >> 48 << 12


def lpa2(pa):
    return pa & (1 << 50) - 1 & ~0xFFF | pa >> 50 << 8


def riscv_machines():
    for mode, (size, levels, vpn, second) in manuals.RISCV.items():
        for on in (True, False) if size == 8 else (True,):
            yield Machine(f"{mode}-{'all' if on else 'plain'}", [f"format={mode}", f"pbmt={on:d}", f"napot={on:d}"],
                          partial(manuals.riscv, mode, pbmte=on, svnapot=on), 12 + vpn * levels + 2 * second, size=size,
                          base=0x240000000 if size == 4 else 0xA5000040000000, place=ppn, signed=size == 8 and not second,
                          leaf=0xCF, table=1, attributes=(1, 2, 3, 4, 5, 6, 7), low=4 if second else 1)


def arm_machines():
    def machine(granule, va_bits, pa_bits, ds, upper):
        shift = {4: 12, 16: 14, 64: 16}[granule]
        tcr = (64 - va_bits) | {4: 0, 16: 2, 64: 1}[granule] << 14 | (64 - va_bits) << 16 | \
            {4: 2, 16: 1, 64: 3}[granule] << 30 | VCPU_PS[pa_bits] << 32 | ds << 59
        place = lpa2 if ds else lpa if pa_bits > 48 and granule == 64 else None
        base = 0xF5A0040000000 if pa_bits == 52 else 0x540000000
        walk = partial(manuals.aarch64, granule=granule, va_bits=va_bits, pa_bits=pa_bits, lpa2=bool(ds), upper=upper)
        return Machine(f"a64-{granule}k-{va_bits}-{pa_bits}{'-lpa2' * ds}{'-upper' * upper}",
                       ["format=a64", f"tcr={tcr:x}", f"upper={upper:d}"], lambda read, root, va: walk(read, root, va),
                       va_bits, base=base, shift=shift, place=place, upper=upper, leaf=0x743, table=3,
                       attributes=(6, 7, 10, 11, 53, 54), low=4)

    for granule, va_bits, pa_bits, ds in ((4, 48, 48, 0), (4, 39, 40, 0), (4, 25, 36, 0), (4, 52, 52, 1), (4, 48, 52, 1),
                                          (4, 49, 52, 1), (16, 48, 48, 0), (16, 47, 44, 0), (16, 36, 40, 0), (16, 52, 52, 1),
                                          (64, 48, 48, 0), (64, 42, 40, 0), (64, 52, 52, 0), (64, 48, 52, 0)):
        for upper in (False, True):
            yield machine(granule, va_bits, pa_bits, ds, upper)


def second_stage_machines():
    """VTCR_EL2 with SL0 and T0SZ; the root is a row of tables."""
    for granule, va_bits, first, sl0, pa_bits, ds in ((4, 40, 1, 1, 40, 0), (4, 43, 1, 1, 48, 0), (4, 48, 0, 2, 48, 0),
                                                      (4, 32, 2, 0, 40, 0), (4, 52, -1, 0, 52, 1), (16, 40, 2, 1, 40, 0),
                                                      (16, 48, 1, 2, 48, 0), (16, 52, 0, 3, 52, 1), (64, 40, 2, 1, 40, 0),
                                                      (64, 48, 1, 2, 52, 0), (64, 46, 2, 1, 48, 0)):
        vtcr = (64 - va_bits) | sl0 << 6 | {4: 0, 16: 2, 64: 1}[granule] << 14 | VCPU_PS[pa_bits] << 16 | ds << 32 | \
            (first < 0) << 33
        yield Machine(f"s2-{granule}k-{va_bits}-from-{first}-{pa_bits}", ["format=s2_a64", f"vtcr={vtcr:x}"],
                      partial(manuals.aarch64, granule=granule, va_bits=va_bits, pa_bits=pa_bits, lpa2=bool(ds), first_level=first),
                      va_bits, base=0xF5A0040000000 if pa_bits == 52 else 0x540000000, shift={4: 12, 16: 14, 64: 16}[granule],
                      place=lpa2 if ds else lpa if pa_bits > 48 and granule == 64 else None, leaf=0x7FF, table=3,
                      attributes=(2, 6, 7, 10, 53, 54), low=16)


def x86_machines():
    for levels in (4, 5):
        suffix = "5" if levels == 5 else ""
        for gib, only in ((1, 1), (0, 0)):
            yield Machine(f"ept{suffix}-{gib}", [f"format=ept{suffix}", f"gib={gib}", f"execute_only={only}"],
                          partial(manuals.ept, levels=levels, gib=bool(gib), execute_only=bool(only)), 12 + 9 * levels,
                          leaf=0x37, table=7, attributes=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
            yield Machine(f"npt{suffix}-{gib}", [f"format=npt{suffix}", f"gib={gib}", f"nx={only}"],
                          partial(manuals.npt, levels=levels, gib=bool(gib), nxe=bool(only)), 12 + 9 * levels,
                          leaf=0x67, table=0x27, attributes=(1, 2, 3, 4, 5, 6, 7, 8, 63))


MACHINES = [*riscv_machines(), *arm_machines(), *second_stage_machines(), *x86_machines()]
each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda m: m.name)


# ---- images ----

def random_entry(rng, m):
    """Most are tables or aligned pages of the image; some have a bit more or less; some are anything."""
    def address(align):
        return m.base + rng.randrange(PAGES << 12) // align * align

    kind = rng.randrange(16)
    if kind < 8:
        entry = m.place(address(1 << m.shift)) | m.table
    elif kind < 12:
        entry = m.place(address(1 << rng.choice((12, 14, 16, 18)))) | m.leaf
        for bit in m.attributes:
            entry ^= rng.randrange(4) // 3 << bit
    elif kind == 12 and rng.randrange(2):
        entry = m.place(m.base + (PAGES << 12) + (rng.randrange(64) << m.shift)) | m.table
    elif kind < 13:
        # A large page: at any address that is aligned so.
        entry = m.place(m.base >> 40 << 40 | rng.randrange(1 << 20) << rng.choice((21, 22, 25, 29, 30))) | m.leaf
        entry = entry & ~2 if m.table == 3 else entry | (0x80 if m.table & 7 == 7 else 0)
    elif kind < 14:
        return 0
    elif kind < 15:
        return rng.getrandbits(m.size * 8) >> rng.randrange(m.size * 8)
    else:
        entry = m.place(address(1 << m.shift)) | rng.choice((m.table, m.leaf))
        entry ^= 1 << rng.randrange(m.size * 8)
    return entry & (1 << m.size * 8) - 1


def pack(m, entries):
    return struct.pack(f"<{len(entries)}{'Q' if m.size == 8 else 'I'}", *entries)


def reader(m, image):
    def read(pa, size):
        at = pa - m.base
        return int.from_bytes(image[at:at + size], "little") if 0 <= at <= len(image) - size else None
    return read


def some_address(rng, m):
    """Within the VA bits of the mode, few beside them."""
    va = rng.getrandbits(m.va_bits) >> rng.choice((0, 0, 0, rng.randrange(m.va_bits)))
    if m.upper or (m.signed and va >> m.va_bits - 1):
        va |= (1 << 64) - (1 << m.va_bits)
    return va ^ 1 << rng.randrange(64 if m.size == 8 else 32) if rng.randrange(16) == 0 else va


def ask(tmp_path, m, image, root, addresses):
    """What pagewalk says of each address."""
    path, questions = tmp_path / "image", tmp_path / "addresses"
    path.write_bytes(image)
    questions.write_text("".join(f"{va:x}\n" for va in addresses))
    with open(questions) as stdin:
        done = limits.run([PROGRAM, "--json", path, *m.settings, f"base={m.base:x}", f"root={root:x}"], LIMIT, stdin=stdin)
    assert done.returncode in (0, 1), done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(addresses), done.stderr
    return answers


def same(m, va, answer, walk):
    said = answer["translation"]
    steps = [(int(s["at"], 16), int(s["entry"], 16) if "entry" in s else None, s["kind"]) for s in said["steps"]]
    assert steps == walk.steps, f"{m.name} {va:x}"
    assert answer["status"] == (0 if walk.pa is not None else 1)
    page = (int(said["pa"], 16), said["page"], said["rights"]) if "pa" in said else (None, None, None)
    assert page == (walk.pa, walk.size, walk.rights), f"{m.name} {va:x} {walk.steps[-1][1]:x}"


def root_register(m, root):
    """As the root register has the address: bits 51:48 are in 5:2 on AArch64 with 52 bits."""
    arm = m.table == 3
    return root & (1 << 48) - 1 | root >> 48 << 2 if arm and root >> 48 else root


def some_root(rng, m, image, addresses):
    """A small root can have no table at all: the root below which most of these addresses have a page."""
    align = 1 << m.shift if m.low in (0, 1) else m.low << m.shift
    roots = [m.base + rng.randrange(PAGES * 4096 // 2) // align * align for _ in range(20)]
    return max(roots, key=lambda root: sum(m.walk(reader(m, image), root, va).pa is not None for va in addresses))


@each_machine
def test_random_tables(tmp_path, machine):
    m, rng = machine, random.Random(machine.name)
    image = pack(m, [random_entry(rng, m) for _ in range(PAGES * 4096 // m.size)])
    addresses = [some_address(rng, m) for _ in range(3000)]
    root = some_root(rng, m, image, addresses[:60])
    ends, sizes = Counter(), Counter()
    for va, answer in zip(addresses, ask(tmp_path, m, image, root_register(m, root), addresses)):
        walk = m.walk(reader(m, image), root, va)
        same(m, va, answer, walk)
        ends[walk.steps[-1][2] if walk.steps else "no address"] += 1
        sizes[walk.size] += 1
    # It would prove little if one of the ends were never reached.
    assert ends["page"] > 60 and ends["bad"] > 20 and ends["empty"] > 20, ends
    assert ends["unreadable"] or m.va_bits < 30, ends
    assert len(sizes) > 1, sizes


# ---- every combination of attribute bits ----

def all_entries(m):
    """Every combination of the low bits of a page with those above the address, at level 0, or as many as can be tried."""
    if m.place is ppn:
        frame, low, above = ppn(m.base + (8 << 12)), 10, range(54, 64)
    else:
        frame, low, above = m.place(m.base + (8 << 12) if m.shift == 12 else m.base), 12, range(52, 64)
    combined = range(61, 64) if m.place is ppn else (53, 54, 61, 63) if m.table == 3 else (63,)
    high = [sum(1 << n for i, n in enumerate(combined) if value >> i & 1) for value in range(1 << len(combined))]
    all_of = [frame | a | b for a in range(1 << low) for b in (high if m.size == 8 else [0])]
    return all_of + [frame | m.leaf | 1 << n for n in above if m.size == 8]


@each_machine
def test_every_attribute(tmp_path, machine):
    """The entries stand side by side in tables of level 0, below tables that permit everything."""
    m, per_table = machine, (1 << machine.shift) // machine.size
    rng = random.Random(1)
    entries = all_entries(m)
    entries = sorted(set(entries)) if len(entries) <= 8192 else rng.sample(entries, 8192)
    tables = -(-len(entries) // per_table)
    entries += [0] * (tables * per_table - len(entries))
    levels, image = [], b""
    # The path from the root down, one table of each level; the last one has an entry for each table of entries.
    read = reader(m, b"")
    depth = depth_of(m)
    row = 16 << m.shift
    for level in range(depth - 1):
        below = row * (level + 1) if level < depth - 2 else row * (depth - 1)
        count = tables if level == depth - 2 else 1
        table = [m.place(m.base + below + (i << m.shift)) | m.table for i in range(count)]
        image += pack(m, table).ljust(row, b"\0")
    image += pack(m, entries)
    assert read(0, 8) is None and not levels
    high = (1 << 64) - (1 << m.va_bits) if m.upper else 0
    addresses = [high + (i << m.shift) + 8 * (i % 7) for i in range(tables * per_table)]
    kinds = Counter()
    for va, answer in zip(addresses, ask(tmp_path, m, image, root_register(m, m.base), addresses)):
        walk = m.walk(reader(m, image), m.base, va)
        same(m, va, answer, walk)
        kinds[walk.steps[-1][2]] += 1
    assert kinds["page"] > 100, kinds


def depth_of(m):
    """Levels of the walk: address 0 in an image of tables alone."""
    count = [0]

    def read(pa, size):
        count[0] += 1
        return m.place(m.base) | m.table

    try:
        m.walk(read, m.base, (1 << 64) - (1 << m.va_bits) if m.upper else 0)
    except AssertionError:
        pass
    return count[0]
