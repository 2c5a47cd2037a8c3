# tests/qemu/lessons.py - solves the tasks of lessons by hand: from what a task prints and from memory read through the monitor.
# SPDX-License-Identifier: MIT
"""Shares nothing with the kernel's lessons: tables.py walks, the rules of faults are those of the manuals."""
import re

import oracle
import tables

OPEN = re.compile(r"kd (L\d+)\.(\d+)> ")


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


SOLVERS = {"L0": l0, "L1": l1, "L2": l2, "L3": l3}


def answer(unit, kd, target, text, task):
    values = SOLVERS[unit](kd, target, text, task) if unit == "L2" else SOLVERS[unit](kd, target, text)
    return "answer " + " ".join(v if isinstance(v, str) else f"{v:x}" for v in values)


def last_prompt(kd):
    """(unit, task) of the prompt, None outside lessons."""
    line = kd.text().rstrip("\n").rpartition("\n")[2]
    m = OPEN.match(line + " ") or OPEN.match(line)
    return (m[1], int(m[2])) if m else None
