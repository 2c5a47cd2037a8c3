# tests/qemu/lessons.py - solves the tasks of lessons by hand: from what a task prints and from memory read through the monitor.
# SPDX-License-Identifier: MIT
"""Shares nothing with the kernel's lessons: tables.py walks, the rules of faults are those of the manuals."""
import re

import oracle
import pytest
import tables


def toy(text):
    """(va, {page: bytes}, page of the directory) of the last task of L0 in the text."""
    text = text[text.rindex("The page directory is page"):]
    pages = {int(n, 16): bytes.fromhex(b) for n, b in re.findall(r"^  page (\w\w):((?: +\w\w){32})$", text, re.M)}
    return int(re.search(r"Translate (\w+)\.", text)[1], 16), pages, int(re.search(r"is page (\w+);", text)[1], 16)


def l0(kd, target, text):
    va, pages, directory = toy(text)
    answers = [va >> 10]
    entry = pages[directory][va >> 10]
    answers.append(entry)
    if not entry & 0x80:
        return [*answers, "fault"]
    index = va >> 5 & 31
    entry = pages[entry & 0x7f][index]
    return [*answers, index, entry, (entry & 0x7f) << 5 | va & 31 if entry & 0x80 else "fault"]


def asked_entry(text):
    """(va, entry, is it a page) of the last task of L1."""
    m = re.findall(r"^The .* of (\w+) is (\w+)\. It (maps a page|points to a table)\.", text, re.M)[-1]
    return int(m[0], 16), int(m[1], 16), m[2] == "maps a page"


def level_of(kd, target, va, entry):
    """The level where the walk to va meets the entry."""
    steps = tables.steps(kd, target.paging, oracle.root(kd, target.paging), va)
    n = [e for _, e, _ in steps].index(entry)
    return len(tables.TABLES[target.paging][0]) - 1 - n


def l1(kd, target, text):
    va, entry, is_page = asked_entry(text)
    level = level_of(kd, target, va, entry)
    if not is_page:
        return [tables.below(target.paging, entry) >> 12]
    _, _, rights, shown = tables.ENTRY.get(target.paging, tables.x86_entry)(target.paging, level, entry, (True, True, True))
    page = tables.page_of(target.paging, level, va, entry, rights, shown)
    executes = rights[1] or target.paging == "legacy"
    letters = "r" + "w" * rights[0] + "x" * executes + "u" * rights[2]
    return [(page.pa & -page.size) >> 12, letters]


def address_of(text):
    return int(re.findall(r"(?:Translate|The byte at) (\w+)[.:]", text)[-1], 16)


def l2(kd, target, text, task=None):
    va = address_of(text)
    steps = tables.steps(kd, target.paging, oracle.root(kd, target.paging), va)
    if "The byte at" in text[max(text.rfind("Translate"), 0):]:
        page = steps[-1][2]
        return [page.pa, kd.xp(page.pa, 1, "b")[0]]
    levels = tables.TABLES[target.paging][0]
    n = task - 1
    at, entry, page = steps[n]
    shift, bits = levels[n]
    return [va >> shift & (1 << bits) - 1, at, entry, page.pa & -page.size if page else tables.below(target.paging, entry)]


# Fault codes of an access of the kernel: SDM 3A 4.7; ARM ARM B3.13 (short: translation of a section 5, of a page 7; permission
# d, f; LPAE: bit 9, 1LL and 11LL with the level; bit 11 of the DFSR: a write).
def code(kd, target, access, present, level):
    if target.arch != "armv7":
        smep = int(re.search(r"CR4=(\w+)", kd.monitor("info registers"))[1], 16) >> 20 & 1
        fetch = 16 if access == "fetch" and (target.paging != "legacy" or smep) else 0
        return present | 2 * (access == "write") | fetch
    if target.paging == "short":
        status = (0xd if level else 0xf) if present else (5 if level else 7)
    else:
        status = 0x200 | (0xc if present else 4) | 3 - level
    return status | 0x800 * (access == "write")


def l3(kd, target, text):
    access, va = re.findall(r"^An? (read|write|instruction fetch) (?:from|to) (\w+) in kernel mode", text, re.M)[-1]
    access, va = access.replace("instruction ", ""), int(va, 16)
    steps = tables.steps(kd, target.paging, oracle.root(kd, target.paging), va)
    page, level = steps[-1][2], len(tables.TABLES[target.paging][0]) - len(steps)
    if page is None:
        return [code(kd, target, access, False, level)]
    allowed = {"read": True, "write": page.writes, "fetch": page.executes or target.paging == "legacy"}[access]
    return ["ok" if allowed else code(kd, target, access, True, level)]


# An entry for kernel mode by the manuals (SDM 3A 4.3 to 4.5; ARM ARM B3.5.1, B3.6.1): present, accessed, not executable, cached.
def entry(paging, pa, writes, large=False):
    if paging == "short":
        if large:
            return pa | 2 | 1 << 4 | 3 << 2 | 1 << 10 | (not writes) << 15
        return pa | 3 | 3 << 2 | 1 << 4 | (not writes) << 9
    if paging == "lpae":
        return pa | (1 if large else 3) | 1 << 10 | 3 << 8 | (not writes) << 7 | 1 << 54
    return pa | 0x61 | 2 * writes | large << 7 | (1 << 63 if paging != "legacy" else 0)


def l4(kd, target, text):
    """Makes the mapping by stores; the answer is that it is done."""
    text = text[text.rindex("Map "):]
    store = "!ed" if tables.TABLES[target.paging][1] == 4 else "!eq"
    vas = [int(n, 16) for n in re.findall(r"^Map (\w+)|^Map \w+ and (\w+),", text)[0] if n]
    both = re.match(r"Map (\w+) and (\w+), both", text)
    vas = [int(both[1], 16), int(both[2], 16)] if both else vas
    pa, writes = int(re.search(r"physical (\w+)", text)[1], 16), "readable and writable" in text
    for va in vas:
        at, old, _ = tables.steps(kd, target.paging, oracle.root(kd, target.paging), va)[-1]
        new = entry(target.paging, pa, writes, "large page" in text)
        if old & 3:
            kd.cmd(f"probe {va:x} r")   # now the TLB has the old entry, and the commands that flush are closed
        kd.cmd(f"{store} {at:x} " + (f"{new >> 32:x}`{new & 0xffffffff:08x}" if store == "!eq" else f"{new:x}"))
    return ["done"]


def l5(kd, target, text):
    text = text[text.rindex("A new range:"):]

    def number(pattern):
        m = re.search(pattern, text)
        return int(m[1], 16) if m else 0
    read, new = number(r"reads (\w+) pages"), number(r"writes (\w+) others")
    replaced, child = number(r"then writes (\w+) of those"), number(r"the child writes the first (\w+) ")
    parent = number(r"the parent the first (\w+) of")
    if "answer FRAMES BOTH" in text:
        return [new + replaced, new + replaced - max(child, parent)]
    # The child writes first, and copies; what it has copied is the parent's alone.
    return [read, new, replaced, child + max(parent - child, 0), min(parent, child)]


# Intel SDM 3A 4.10.4.2, 4.10.4.3; ARM ARM B3.10.1: less allowed, or another address.
FLUSHES = {
    "a page gets another frame": True, "a writable page becomes read-only": True, "a page is removed": True,
    "a missing page is mapped": False, "a read-only page becomes writable": False, "the same entry is stored again": False,
    "a page gets another frame, and is read-only": True,
}


def l6(kd, target, text):
    changes = re.findall(r"^  (\d)  (a .*|the .*)$", text[text.rfind("Which changes need a flush?"):], re.M)
    if "answer done" not in text[text.rfind("right:") if "right:" in text else 0:]:
        return ["yes" if FLUSHES[words] else "no" for _, words in changes]
    va = int(re.search(r"The entry of (\w+) led", text)[1], 16)
    new = tables.steps(kd, target.paging, oracle.root(kd, target.paging), va)[-1][1]
    kd.cmd(f"setpte {va:x} {new >> 32:x}`{new & 0xffffffff:08x}")
    return ["done"]


# Bits of a page that the manuals call W (or its inverse), U, X and the memory type.
def differs(paging, entry, good):
    """The kind of damage by what differs, of an entry that maps the right frame."""
    bit = (entry ^ good) & -(entry ^ good)
    number = bit.bit_length() - 1
    kinds = {"short": {9: 3, 5: 4, 0: 5}, "lpae": {7: 3, 6: 4, 54: 5, 53: 5}}.get(paging, {1: 3, 2: 4, 63: 5})
    return kinds.get(number, 11)


def is_present(paging, entry):
    return bool(entry & (2 if paging == "short" else 1)) and (paging != "lpae" or bool(entry & 2))


def l7(kd, target, text):
    """Finds the page by comparing entries, and repairs it with that of a neighbour."""
    text = text[text.rindex("Pages "):]
    first, last = (int(n, 16) for n in re.search(r"Pages (\w+) to (\w+) should", text).groups())
    frames = [int(n, 16) for n in text.splitlines()[1].split()]
    root = oracle.root(kd, target.paging)
    walks = [tables.steps(kd, target.paging, root, va)[-1] for va in range(first, last + 1, 4096)]
    entries = [e for _, e, _ in walks]
    mask = tables.ADDRESS if target.paging != "short" else 0xfffff000
    rights = [e & ~mask for e in entries]
    common = max(set(rights), key=rights.count)
    good = [common | frame << 12 for frame in frames]
    bad = [i for i in range(16) if entries[i] != good[i]]
    page, entry = bad[0], entries[bad[0]]
    pa = entry & mask & (1 << 52) - 1
    if entry == 0:
        kind = 2
    elif len(bad) == 2:
        kind = 7
    elif target.paging == "lpae" and entry & 3 == 1:
        kind = 9        # a type that level 3 does not have
    elif pa == frames[page] << 12 and not is_present(target.paging, entry):
        kind = 1
    elif pa == frames[page] << 12:
        kind = differs(target.paging, entry, good[page])
        # x86: bits above the CPU's address width are reserved; ARM has none in a page of level 0.
        kind = 9 if kind == 11 and (entry ^ good[page]) >> 32 else kind
    elif pa >> 12 in frames:
        kind = 8
    elif pa == walks[page][0] & ~0xfff:
        kind = 10
    elif (entry ^ good[page]) >> 36 and target.arch != "armv7":
        kind = 9
    else:
        kind = 12 if pa > (max(frames) << 12) + (512 << 20) else 6
    for i in bad:
        kd.cmd(f"setpte {first + i * 4096:x} {good[i] >> 32:x}`{good[i] & 0xffffffff:08x}")
    return [kind, first + page * 4096]


SOLVERS = {"L0": l0, "L1": l1, "L2": l2, "L3": l3, "L4": l4, "L5": l5, "L6": l6, "L7": l7}


def answer(unit, kd, target, text, task):
    values = SOLVERS[unit](kd, target, text, task) if unit == "L2" else SOLVERS[unit](kd, target, text)
    return "answer " + " ".join(v if isinstance(v, str) else f"{v:x}" for v in values)


# ---- for tests

@pytest.fixture
def lesson(shared, target):
    """lesson(unit, seed): the machine in that lesson and the text of its first task."""
    machine = shared(target)
    yield lambda unit, seed=1: (machine, machine.cmd(f"lesson {unit} {seed:x}"))
    machine.cmd("lesson off")


@pytest.fixture
def first_lesson(fresh, target):
    """As lesson, on a machine where no point of the unit was lost before."""
    machine = fresh(target)
    return lambda unit, seed=1: (machine, machine.cmd(f"lesson {unit} {seed:x}"))


def points(machine, unit):
    return int(re.search(rf"^{unit} .* (\d+)/\d+$", machine.cmd("grade"), re.M)[1])


def near(values, i, value):
    """The right values, and `value` as the i-th."""
    return [*values[:i], value, *values[i + 1:]]


def typed(values):
    return "answer " + " ".join(v if isinstance(v, str) else f"{v:x}" for v in values)


def reach(machine, target, unit, text, task):
    """Solves the tasks before; returns the text of the task."""
    for n in range(1, task):
        text = machine.cmd(answer(unit, machine, target, text, n))
    return text


def store(machine, target, va, value):
    """The last entry of va, by a store to physical memory."""
    at = tables.steps(machine, target.paging, oracle.root(machine, target.paging), va)[-1][0]
    name = "!ed" if tables.TABLES[target.paging][1] == 4 else "!eq"
    machine.cmd(f"{name} {at:x} {value >> 32:x}`{value & 0xffffffff:08x}" if name == "!eq" else f"{name} {at:x} {value:x}")
    return at
