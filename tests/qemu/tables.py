# tests/qemu/tables.py - page tables by hand: a walk, and all that a root maps, read from memory through the monitor.
# SPDX-License-Identifier: MIT
"""Written from the manuals (Intel SDM 3A 4.3 to 4.5, ARM ARM B3.5 and B3.6): it shares nothing with the kernel."""
import dataclasses

# (shift, index bits) from the root down, bytes of an entry
TABLES = {
    "legacy": (((22, 10), (12, 10)), 4), "pae": (((30, 2), (21, 9), (12, 9)), 8),
    "x64": (((39, 9), (30, 9), (21, 9), (12, 9)), 8), "la57": (((48, 9), (39, 9), (30, 9), (21, 9), (12, 9)), 8),
    "lpae": (((30, 2), (21, 9), (12, 9)), 8), "short": (((20, 12), (12, 8)), 4),
}
ADDRESS = 0x000ffffffffff000
SHORT_TABLE = 0xfffffc00
LARGE_PAGE = 1 << 16    # of short descriptors: sixteen equal entries
# Where the self-map begins: a table's top slot that names the table itself.
SELF_MAP = {"legacy": 0xffc00000, "pae": 0xff800000, "x64": 0xfffff68000000000, "la57": 0xffed000000000000}


@dataclasses.dataclass(frozen=True)
class Page:
    """Where a walk by hand ends. The rights are those of all levels together, the letters those of the last entry, as
    the monitor's `info tlb` has them: X (never executed) G P (large) D A C T U W."""
    pa: int
    entry: int
    size: int
    writes: bool
    executes: bool
    user: bool
    letters: str

    @property
    def effective(self):
        """The letters with the rights of all levels, as ptdump has them."""
        rights = {"X": not self.executes, "U": self.user, "W": self.writes}
        return "".join(name if rights.get(name, own != "-") else "-" for name, own in zip("XGPDACTUW", self.letters))


def letters(entry, large, **bits):
    """bits: the bit of each letter, negative (~n) where a clear bit shows the letter."""
    def shown(letter):
        bit = bits.get(letter)
        return large if letter == "P" else bit is not None and bool(entry >> (bit if bit >= 0 else ~bit) & 1) == (bit >= 0)
    return "".join(letter if shown(letter) else "-" for letter in "XGPDACTUW")


# Each takes an entry and the rights (write, execute, user) that the levels above it left, and returns
# (is it present, is it a page, rights, letters of a page).

def x86_entry(paging, level, e, rights):
    if not (paging == "pae" and level == 2):       # PAE's top level has no rights
        rights = (rights[0] and bool(e & 2), rights[1] and not e >> 63 & 1, rights[2] and bool(e & 4))
    leaf = level == 0 or (bool(e & 0x80) and level < 3 and not (paging == "pae" and level == 2))
    return bool(e & 1), leaf, rights, letters(e, level > 0, X=63, G=8, D=6, A=5, C=4, T=3, U=2, W=1)


def lpae_entry(paging, level, e, rights):
    """Tables take rights away (B3.6.1: APTable 62:61, XNTable 60), pages give them."""
    leaf = level == 0 or not e & 2
    if leaf:
        own = not e >> 7 & 1, not e >> 54 & 1, bool(e >> 6 & 1)
    else:
        own = not e >> 62 & 1, not e >> 60 & 1, not e >> 61 & 1
    shown = letters(e, level > 0, X=54, G=~11, A=10, U=6, W=~7)
    shown = shown[:5] + ("C" if e >> 2 & 7 else "-") + shown[6:]      # not the first of MAIR's kinds: not write-back
    return bool(e & 1) and (level > 0 or bool(e & 2)), leaf, tuple(a and b for a, b in zip(rights, own)), shown


def short_entry(paging, level, e, rights):
    """AP[2] is bit 9 of a page and 15 of a section, AP[1] 5 and 11, the access flag (AP[0]) 4 and 10, nG 11 and 17, XN
    bit 4 of a section, 0 of a small and 15 of a large page. A first-level entry of a table has no rights."""
    if level == 1:
        if not e & 2:
            return bool(e & 1), False, rights, ""
        return True, True, (not e >> 15 & 1, not e >> 4 & 1, bool(e >> 11 & 1)), letters(
            e, True, X=4, G=~17, A=10, C=~3, T=~2, U=11, W=~15)
    never = 0 if e & 2 else 15
    return bool(e & 3), True, (not e >> 9 & 1, not e >> never & 1, bool(e >> 5 & 1)), letters(
        e, not e & 2, X=never, G=~11, A=4, C=~3, T=~2, U=5, W=~9)


ENTRY = {"short": short_entry, "lpae": lpae_entry}


def word(paging):
    """The monitor's name for the size of an entry."""
    return "w" if TABLES[paging][1] == 4 else "g"


def below(paging, e):
    """The table that an entry names."""
    return e & (SHORT_TABLE if paging == "short" else ADDRESS)


def page_of(paging, level, va, e, rights, shown):
    """The page at va, which may lie anywhere in it."""
    shift = TABLES[paging][0][-1 - level][0]
    size = LARGE_PAGE if paging == "short" and level == 0 and not e & 2 else 1 << shift
    base = e & ADDRESS & -size
    if paging == "legacy" and level:       # PSE-36: bits 20:13 are address bits 39:32
        base = e & 0xffc00000 | (e >> 13 & 0xff) << 32
    return Page(base | (va & (size - 1)), e, size, *rights, shown)


def steps(machine, paging, root, va):
    """[(where the entry stands, entry, Page or None)] from the root down, to the first that is a page or nothing."""
    levels, size = TABLES[paging]
    table, rights, seen = root, (True, True, True), []
    for i, (shift, bits) in enumerate(levels):
        level = len(levels) - 1 - i
        at = table + (va >> shift & ((1 << bits) - 1)) * size
        e = machine.xp(at, 1, word(paging))[0]
        present, leaf, rights, shown = ENTRY.get(paging, x86_entry)(paging, level, e, rights)
        seen.append((at, e, page_of(paging, level, va, e, rights, shown) if present and leaf else None))
        if leaf or not present:
            break
        table = below(paging, e)
    return seen


def walk(machine, paging, root, va):
    """The Page at va under root, or None."""
    return steps(machine, paging, root, va)[-1][2]


def entries(machine, paging, root, va):
    """The entries that the way to va goes through, from the root down."""
    return [e for _, e, _ in steps(machine, paging, root, va)]


def canonical(paging, va):
    """Sign-extended from the highest bit that is translated, where addresses have 64 bits."""
    shift, bits = TABLES[paging][0][0]
    top = 1 << (shift + bits)
    return va | (1 << 64) - top if top > 1 << 32 and va & top >> 1 else va


def all_pages(machine, paging, root):
    """{va: Page} of everything that root maps."""
    levels, size = TABLES[paging]
    found = {}

    def look(i, table, va, rights):
        shift, bits = levels[i]
        level = len(levels) - 1 - i
        for n, e in enumerate(machine.xp(table, 1 << bits, word(paging))):
            present, leaf, mine, shown = ENTRY.get(paging, x86_entry)(paging, level, e, rights)
            at = va | n << shift
            if present and leaf:
                page = page_of(paging, level, canonical(paging, at), e, mine, shown)
                if page.size <= 1 << shift or at % page.size == 0:
                    found[canonical(paging, at)] = page
            elif present:
                look(i + 1, below(paging, e), at, mine)
    look(0, root, 0, (True, True, True))
    return found


def selfmap_entry(paging, va, level):
    """Where the self-map shows the entry of va: one step through its slot for each level above the last."""
    levels, size = TABLES[paging]
    translated = (1 << sum(levels[0])) - 1
    for _ in range(level + 1):
        va = SELF_MAP[paging] + ((va & translated) >> 12) * size
    return va
