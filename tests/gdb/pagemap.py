# tests/gdb/pagemap.py - what each CPU's translation registers map, read from physical memory inside gdb.
# SPDX-License-Identifier: MIT
"""Decoded here from the manuals (Intel SDM vol. 3A chapter 4, ARM DDI 0406C B3), not by the kernel's walker.
Every generator yields (va, pa, size, writable, user, executable) in order of address."""
import contextlib

import gdb

CR0_PG, CR4_PSE, CR4_PAE, CR4_LA57, EFER_LMA = 1 << 31, 1 << 4, 1 << 5, 1 << 12, 1 << 10
P, W, U, PS, NX = 1, 2, 4, 1 << 7, 1 << 63
ALL = W | U
SCTLR_M, TTBCR_EAE = 1, 1 << 31
XN, PXN, AP_RO, AP_USER = 1 << 54, 1 << 53, 1 << 7, 1 << 6


def register(name):
    """A register's value; 0 where this CPU or this gdb has none of that name."""
    value = gdb.parse_and_eval("$" + name)
    return 0 if value.type.code == gdb.TYPE_CODE_VOID else int(value) & ((1 << 8 * value.type.sizeof) - 1)


@contextlib.contextmanager
def physical_memory():
    """QEMU's stub reads virtual addresses unless it is switched to physical ones."""
    gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
    try:
        yield
    finally:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)


def table(pa, entries, size):
    data = gdb.selected_inferior().read_memory(pa, entries * size).tobytes()
    return [int.from_bytes(data[i:i + size], "little") for i in range(0, len(data), size)]


# ---- x86

def pages_legacy(cr3, pse):
    for i, pde in enumerate(table(cr3 & 0xfffff000, 1024, 4)):
        if pde & P and pde & PS and pse:
            yield i << 22, pde & 0xffc00000 | (pde >> 13 & 0xff) << 32, 4 << 20, pde & W, pde & U, True
        elif pde & P:
            for j, pte in enumerate(table(pde & 0xfffff000, 1024, 4)):
                if pte & P:
                    yield i << 22 | j << 12, pte & 0xfffff000, 4096, pde & pte & W, pde & pte & U, True


def pages_wide(pa, shift, entries, va, rights, nx, root=False):
    """64-bit entries; PAE's top level has four, and no rights."""
    for i, entry in enumerate(table(pa, entries, 8)):
        if not entry & P:
            continue
        at = va | i << shift
        if va == 0 and shift >= 39 and i > 255 and root:
            at |= -1 << (shift + 9) & 0xffffffffffffffff    # the upper half is sign-extended
        own, off = (rights & entry, nx or entry & NX) if entries == 512 else (rights, nx)
        if shift == 12 or entry & PS and shift < 39:
            yield at, entry & 0xffffffffff000 & ~((1 << shift) - 1), 1 << shift, own & W, own & U, not off
        else:
            yield from pages_wide(entry & 0xffffffffff000, shift - 9, 512, at, own, off)


def x86_pages():
    cr3, cr4 = register("cr3"), register("cr4")
    if not register("cr0") & CR0_PG:
        return None
    if register("efer") & EFER_LMA:
        return pages_wide(cr3 & 0xffffffffff000, 48 if cr4 & CR4_LA57 else 39, 512, 0, ALL, 0, True)
    return pages_wide(cr3 & 0xffffffe0, 30, 4, 0, ALL, 0) if cr4 & CR4_PAE else pages_legacy(cr3, cr4 & CR4_PSE)


# ---- ARMv7

def pages_short(ttbr0):
    """Short descriptors: sections of 1 MiB, pages of 4 KiB. AP[2] is read-only, AP[1] user (B3.7.1)."""
    for i, one in enumerate(table(ttbr0 & 0xffffc000, 4096, 4)):
        va = i << 20
        if one & 2:
            yield va, one & 0xfff00000, 1 << 20, not one & 1 << 15, one & 1 << 11, not one & (1 << 4 | 1)
        elif one & 1:
            for j, two in enumerate(table(one & 0xfffffc00, 256, 4)):
                if two & 2:
                    yield (va | j << 12, two & 0xfffff000, 4096, not two & 1 << 9, two & 1 << 5,
                           not (two & 1 or one & 4))
                elif two & 1:   # one of the sixteen equal entries of a 64 KiB page
                    yield (va | j << 12, two & 0xffff0000 | (j & 15) << 12, 4096, not two & 1 << 9, two & 1 << 5,
                           not (two & 1 << 15 or one & 4))


def pages_long(pa, shift, entries, va, table_bits):
    """Long descriptors, from the level whose entries cover 1 << shift bytes; hierarchical rights (B3.6.1)."""
    for i, entry in enumerate(table(pa, entries, 8)):
        at = va | i << shift
        if not entry & 1:
            continue
        if shift > 12 and entry & 2:
            yield from pages_long(entry & 0xfffffff000, shift - 9, 512, at, table_bits | entry)
        else:
            never = entry & (XN | PXN) or table_bits & (3 << 59)
            yield (at, entry & 0xfffffff000 & ~((1 << shift) - 1), 1 << shift, not entry & AP_RO
                   and not table_bits & 1 << 62, entry & AP_USER and not table_bits & 1 << 61, not never)


def long_half(root, size_field, top):
    bits = 32 - (size_field & 7)
    shift = 30 if bits > 30 else 21
    return pages_long(root & 0xffffffffe0, shift, 1 << (bits - shift), (1 << 32) - (1 << bits) if top else 0, 0)


def arm_pages():
    ttbcr = register("TTBCR")
    if not register("SCTLR") & SCTLR_M:
        return None
    if not ttbcr & TTBCR_EAE:
        return pages_short(register("TTBR0"))

    def both():
        """With T1SZ, the addresses above are TTBR1's alone, whatever TTBR0's tables hold for them (B3.6.4)."""
        high = ttbcr >> 16 & 7
        end = (1 << 32) - (1 << 32 - high) if high else 1 << 32
        yield from (page for page in long_half(register("TTBR0"), ttbcr, False) if page[0] < end)
        if high:
            yield from long_half(register("TTBR1"), high, True)
    return both()


def merged(pages):
    """Ranges [first, end, pa, rights] of equal rights; None while translation is off."""
    if pages is None:
        return None
    ranges = []
    with physical_memory():
        for va, pa, size, w, u, x in pages:
            rights = "r" + ("w" if w else "-") + ("x" if x else "-") + ("u" if u else "-")
            last = ranges[-1] if ranges else None
            if last and last[1] == va and last[2] + va - last[0] == pa and last[3] == rights:
                last[1] = va + size
            else:
                ranges.append([va, va + size, pa, rights])
    return ranges
