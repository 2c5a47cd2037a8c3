# tests/host/paging/manuals.py - page walks written from the manuals, for the formats that pagewalk alone has.
# SPDX-License-Identifier: MIT
"""Nothing here follows paging/: other names, other structure. Each walk returns a Walk; `read(pa, bytes)` gives an integer, or None
where there is no memory.
"""
from collections import namedtuple

# steps: (address of the entry, entry or None, kind); the page: base address, bytes, rights of "rwxu". None: there is no page.
Walk = namedtuple("Walk", "steps pa size rights")


def bits(value, high, low):
    return value >> low & (1 << high - low + 1) - 1


def bit(value, n):
    return value >> n & 1


def letters(**rights):
    return "".join(name if rights[name] else "-" for name in "rwxu")


class Steps(list):
    """The steps of a walk; fetch() reads one entry, ends() makes the result when there is no page."""

    def __init__(self, read):
        super().__init__()
        self.read = read

    def fetch(self, at, size):
        self.append((at, self.read(at, size), None))
        return self[-1][1]

    def kind(self, kind):
        self[-1] = (*self[-1][:2], kind)
        return kind

    def ends(self, kind=None):
        if kind:
            self.kind(kind)
        return Walk(list(self), None, None, None)

    def page(self, base, size, rights, va):
        self.kind("page")
        return Walk(list(self), base + va % size, size, rights)


def absent(entry):
    return "software" if entry else "empty"


# ---- RISC-V Privileged Architecture: 4.3.2 with the constants of each mode, chapters 5 and 6, 8.5.1 for the second stage ----

RISCV = {     # PTESIZE, LEVELS, bits of a VPN field, second stage
    "sv32": (4, 2, 10, False), "sv39": (8, 3, 9, False), "sv48": (8, 4, 9, False), "sv57": (8, 5, 9, False),
    "sv32x4": (4, 2, 10, True), "sv39x4": (8, 3, 9, True), "sv48x4": (8, 4, 9, True), "sv57x4": (8, 5, 9, True),
}


def riscv_reserved(pte, ptesize, level, pointer, pbmte, svnapot, vpn_bits):
    """Step 3 and, for a leaf, step 6: what is reserved for future standard use."""
    if bit(pte, 2) and not bit(pte, 1):
        return True
    if pointer and (level == 0 or bit(pte, 4) or bit(pte, 6) or bit(pte, 7)):
        return True
    ppn = bits(pte, 31, 10) if ptesize == 4 else bits(pte, 53, 10)
    if ptesize == 8:
        pbmt, n = bits(pte, 62, 61), bit(pte, 63)
        if bits(pte, 60, 54) or (pointer and (pbmt or n)):
            return True
        if pbmt == 3 or (pbmt and not pbmte) or (n and not svnapot):
            return True
        if n and (level or bits(ppn, 3, 0) != 8):
            return True
    return not pointer and level > 0 and bits(ppn, vpn_bits * level - 1, 0) != 0


def riscv(mode, read, root, va, pbmte=True, svnapot=True, width=None):
    ptesize, levels, vpn_bits, second = RISCV[mode]
    width = width or (34 if ptesize == 4 else 56)
    size = 12 + vpn_bits * levels + (2 if second else 0)
    steps = Steps(read)
    if second or ptesize == 4:
        if va >> size:
            return steps.ends()
    elif bits(va, 63, size - 1) not in (0, (1 << 65 - size) - 1):
        return steps.ends()
    a = root
    for i in reversed(range(levels)):
        top = size - 1 if i == levels - 1 else 12 + vpn_bits * (i + 1) - 1
        pte = steps.fetch(a + ptesize * bits(va, top, 12 + vpn_bits * i), ptesize)
        if pte is None:
            return steps.ends("unreadable")
        if not bit(pte, 0):
            return steps.ends(absent(pte))
        ppn = bits(pte, 31, 10) if ptesize == 4 else bits(pte, 53, 10)
        pointer = not bit(pte, 1) and not bit(pte, 3)
        if ppn << 12 >> width or riscv_reserved(pte, ptesize, i, pointer, pbmte, svnapot, vpn_bits):
            return steps.ends("bad")
        if pointer:
            steps.kind("table")
            a = ppn << 12
            continue
        napot = ptesize == 8 and bit(pte, 63)
        page = 1 << 12 + vpn_bits * i + (4 if napot else 0)
        rights = letters(r=bit(pte, 1), w=bit(pte, 2), x=bit(pte, 3), u=bit(pte, 4))
        return steps.page((ppn << 12) // page * page, page, rights, va)
    raise AssertionError("step 4: i is below 0")


# ---- AArch64: DDI 0487 D8.2 (tables), D8.3 (descriptors), D8.4 (permissions) ----

def aarch64_address(descriptor, granule, lpa2, pa_bits):
    """Table D8-14 and following: OA or the next-level table's address, before it is cut to its size."""
    low = {4: 12, 16: 14, 64: 16}[granule]
    if lpa2:
        return bits(descriptor, 49, low) << low | bits(descriptor, 9, 8) << 50
    if granule == 64 and pa_bits > 48:
        return bits(descriptor, 47, 16) << 16 | bits(descriptor, 15, 12) << 48
    return bits(descriptor, 47, low) << low


def aarch64_block_allowed(level, granule, lpa2, pa_bits):
    """Table D8-15."""
    if granule == 4:
        return level in ((0, 1, 2) if lpa2 else (1, 2))
    if granule == 16:
        return level in ((1, 2) if lpa2 else (2,))
    return level in ((1, 2) if pa_bits > 48 else (2,))


def stage1_rights(descriptor, tables):
    """D8.4.1: AP[2:1], UXN, PXN and what the tables above take away."""
    user = bit(descriptor, 6) and not any(bit(t, 61) for t in tables)
    write = not bit(descriptor, 7) and not any(bit(t, 62) for t in tables)
    no_user = bit(descriptor, 54) or any(bit(t, 60) for t in tables)
    no_kernel = bit(descriptor, 53) or any(bit(t, 59) for t in tables)
    return letters(r=True, w=write, x=not (no_user if user else no_kernel), u=user)


def stage2_rights(descriptor):
    """D8.4.4: S2AP, and XN with FEAT_XNX for the guest's user mode."""
    return letters(r=bit(descriptor, 6), w=bit(descriptor, 7), x=bits(descriptor, 54, 53) in (0, 1), u=True)


def aarch64(read, table, va, granule, va_bits, pa_bits, lpa2=False, upper=False, first_level=None):
    """first_level: of a second stage; None: that of a first stage, by its VA bits."""
    low, index_bits = {4: (12, 9), 16: (14, 11), 64: (16, 13)}[granule]
    steps, tables = Steps(read), []
    if va >> va_bits != ((1 << 64 - va_bits) - 1 if upper else 0):
        return steps.ends()
    level = first_level
    if level is None:
        level = 3 - (va_bits - low - 1) // index_bits
    high = va_bits - 1
    while True:
        shift = low + index_bits * (3 - level)
        descriptor = steps.fetch(table + 8 * bits(va, high, shift), 8)
        if descriptor is None:
            return steps.ends("unreadable")
        if not bit(descriptor, 0):
            return steps.ends(absent(descriptor))
        address = aarch64_address(descriptor, granule, lpa2, pa_bits)
        if address >> pa_bits:
            return steps.ends("bad")
        if level == 3 and not bit(descriptor, 1):
            return steps.ends("bad")
        if level == 3 or not bit(descriptor, 1):
            if level < 3 and not aarch64_block_allowed(level, granule, lpa2, pa_bits):
                return steps.ends("bad")
            rights = stage1_rights(descriptor, tables) if first_level is None else stage2_rights(descriptor)
            return steps.page(address >> shift << shift, 1 << shift, rights, va)
        steps.kind("table")
        tables.append(descriptor)
        table = address
        level, high = level + 1, shift - 1


# ---- Intel SDM vol. 3C 29.3.2 and 29.3.3.1 ----

def ept(read, root, va, levels=4, width=45, gib=True, execute_only=True):
    steps, allowed = Steps(read), 7
    if va >> 12 + 9 * levels:
        return steps.ends()
    for level in range(levels, 0, -1):
        shift = 12 + 9 * (level - 1)
        entry = steps.fetch(root + 8 * bits(va, shift + 8, shift), 8)
        if entry is None:
            return steps.ends("unreadable")
        if not bits(entry, 2, 0):
            return steps.ends(absent(entry))
        maps = level == 1 or bit(entry, 7)
        # 29.3.3.1: a misconfiguration
        if bits(entry, 1, 0) == 2 or (bits(entry, 2, 0) == 4 and not execute_only) or bits(entry, 51, width):
            return steps.ends("bad")
        if level >= 4 and bits(entry, 7, 3):
            return steps.ends("bad")
        if level == 3 and bit(entry, 7) and not gib:
            return steps.ends("bad")
        if level in (2, 3) and (bits(entry, shift - 1, 12) if maps else bits(entry, 6, 3)):
            return steps.ends("bad")
        if maps and bits(entry, 5, 3) in (2, 3, 7):
            return steps.ends("bad")
        allowed &= bits(entry, 2, 0)
        if maps:
            rights = letters(r=allowed & 1, w=allowed & 2, x=allowed & 4, u=True)
            return steps.page(bits(entry, 51, shift) << shift, 1 << shift, rights, va)
        steps.kind("table")
        root = bits(entry, 51, 12) << 12
    raise AssertionError("the last level maps a page")


# ---- AMD APM vol. 2 15.25.5, with the tables of 5.3 and 5.4 ----

def npt(read, root, va, levels=4, width=45, gib=True, nxe=True):
    steps = Steps(read)
    user = write = True
    no_execute = False
    if va >> 12 + 9 * levels:
        return steps.ends()
    for level in range(levels, 0, -1):
        shift = 12 + 9 * (level - 1)
        entry = steps.fetch(root + 8 * bits(va, shift + 8, shift), 8)
        if entry is None:
            return steps.ends("unreadable")
        if not bit(entry, 0):
            return steps.ends(absent(entry))
        maps = level == 1 or bit(entry, 7)
        must_be_zero = bits(entry, 51, width) or (bit(entry, 63) and not nxe)
        if maps and (level > 3 or (level == 3 and not gib)):
            must_be_zero = True
        if maps and level > 1 and bits(entry, shift - 1, 13):
            must_be_zero = True
        if must_be_zero:
            return steps.ends("bad")
        user, write, no_execute = user and bit(entry, 2), write and bit(entry, 1), no_execute or bit(entry, 63)
        if maps:
            rights = letters(r=True, w=write, x=not no_execute, u=user)
            return steps.page(bits(entry, 51, shift) << shift, 1 << shift, rights, va)
        steps.kind("table")
        root = bits(entry, 51, 12) << 12
    raise AssertionError("the last level maps a page")


def two_stages(first, second, va):
    """The physical address of a guest's virtual one: `first(read, va)` and `second(address)` are walks. Also every entry that is
    read, in its order, as (stage, address, entry)."""
    seen = []

    def translated(walk):
        seen.extend((2, at, entry) for at, entry, _ in walk.steps)
        return walk.pa

    def read_of(machine):
        def read(guest, size):
            pa = translated(second(guest))
            entry = None if pa is None else machine(pa, size)
            seen.append((1, guest, entry))
            return entry
        return read

    walk = first(read_of, va)
    return (None if walk.pa is None else translated(second(walk.pa))), walk, seen
