# tests/qemu/test_lesson_mistakes.py - each usual mistake in a lesson's answer is made, and the line names it.
# SPDX-License-Identifier: MIT
import re

import lessons
import oracle
import pytest
import tables
from lessons import first_lesson, lesson, near, points, reach, store, typed  # noqa: F401

# How to make a wrong answer from the right ones, and what the line says.

L0 = {
    "the other level": (1, lambda v, va: near(v, 0, va >> 5 & 31), "the index of the other level"),
    "the offset": (1, lambda v, va: near(v, 0, va & 31), "that is the offset"),
    "no valid bit": (1, lambda v, va: near(v, 1, v[1] & 0x7f), "the entry is the whole byte"),
    "bits above": (1, lambda v, va: near(v, 2, va >> 5), "bits above the index were not removed"),
    "no offset": (1, lambda v, va: near(v, 4, v[4] & ~31), "the offset, bits 4:0, is missing"),
    "the page": (1, lambda v, va: near(v, 4, v[3] & 0x7f), "that is the page number"),
    "with the valid bit": (1, lambda v, va: near(v, 4, v[3] << 5 | va & 31), "the valid bit is no part of the page number"),
    "decimal": (1, lambda v, va: near(v, 4, int(str(v[4]), 16)), "the right number in decimal"),
    "a fault": (1, lambda v, va: [*v[:2], "fault"], "the entry is present"),
    "a fault before any entry": (3, lambda v, va: ["fault"], "no entry was read yet"),
    "a fault for the entry": (3, lambda v, va: [v[0], "fault"], "the task asks for the entry, valid or not"),
    "a fault for the PTE": (4, lambda v, va: [*v[:3], "fault"], "the task asks for the entry, valid or not"),
    "no fault": (3, lambda v, va: [*v[:2], va >> 5 & 31, 0x80, 5], "bit 7 of the PDE is clear"),
    "no fault in the PTE": (4, lambda v, va: near(v, 4, (v[3] & 0x7f) << 5 | va & 31), "bit 7 of the PTE is clear"),
}


@pytest.mark.targets("i386", "armv7")
@pytest.mark.parametrize("name", L0)
def test_mistakes_of_l0(lesson, target, name):
    """Over seeds: for some numbers a mistake gives the right value, or that of another mistake."""
    task, wrong, says = L0[name]
    for seed in range(1, 12):
        machine, text = lesson("L0", seed)
        text = reach(machine, target, "L0", text, task)
        values = lessons.l0(machine, target, text)
        answer = wrong(values, lessons.toy(text)[0])
        said = machine.cmd(typed(answer)) if answer != values else ""
        if says in said:
            return
    raise AssertionError(said)


L1 = {
    "the entry": (lambda f, e, va: e, "that is the entry"),
    "the address": (lambda f, e, va: f << 12, "that is the address of the frame"),
    "low bits": (lambda f, e, va: e & 0xfff, "attributes in the lowest 12 bits"),
    "the virtual page": (lambda f, e, va: va >> 12, "the page number of the virtual address"),
    "not shifted": (lambda f, e, va: e & ~0xfff, "that is the entry without its lowest 12 bits|that is the address of the frame"),
    "decimal": (lambda f, e, va: int(str(f), 16), "the right number in decimal"),
}
HIGH = {"not masked": (lambda f, e, va: e >> 12, "attribute bits above the address")}


@pytest.mark.parametrize("name", [*L1, *HIGH])
def test_mistakes_of_l1(lesson, target, name):
    if name in HIGH and tables.TABLES[target.paging][1] == 4:
        return      # nothing is above the address
    wrong, says = {**L1, **HIGH}[name]
    for seed in range(1, 12):
        machine, text = lesson("L1", seed)
        va, entry, _ = lessons.asked_entry(text)
        frame, letters = lessons.l1(machine, target, text)
        value = wrong(frame, entry, va)
        said = machine.cmd(typed([value, letters])) if value != frame else ""
        if re.search(says, said):
            return
    raise AssertionError(said)


@pytest.mark.parametrize("letter", "wxu")
def test_a_wrong_right_names_its_bit(lesson, target, letter):
    """The bit is the one that the manual gives to the right (tables.py), for an entry of level 0."""
    bit = {"legacy": {"w": 1, "u": 2}, "short": {"w": 9, "x": 0, "u": 5}, "lpae": {"w": 7, "x": 54, "u": 6}}.get(
        target.paging, {"w": 1, "x": 63, "u": 2}).get(letter)
    machine, text = lesson("L1", 1)
    va, entry, _ = lessons.asked_entry(text)
    frame, letters = lessons.l1(machine, target, text)
    wrong = letters.replace(letter, "") if letter in letters else letters + letter
    said = machine.cmd(typed([frame, wrong]))
    words = {"w": "writing", "x": "executing", "u": "access from user mode"}[letter]
    assert re.search(f"the entry (allows|forbids) {words}", said)
    assert ("allows" in said) == (letter in letters)
    named = [int(n) for n in re.findall(r"bit (\d+) \(", said)]
    if bit is None:
        assert "no bit of this entry decides that" in said
    elif lessons.level_of(machine, target, va, entry) == 0:
        assert bit in named, said


# task, which value, the mistake, the words
L2 = {
    "times the size": (1, 0, lambda v, s, va, n: v[0] * s, "the index times the size of an entry"),
    "not masked": (2, 0, lambda v, s, va, n: va >> n, "bits above the index were not removed"),
    "not multiplied": (2, 1, lambda v, s, va, n: v[1] - v[0] * s + v[0], "the index has to be multiplied"),
    "another size": (2, 1, lambda v, s, va, n: v[1] - v[0] * s + v[0] * (12 - s), "an entry of this format has another size"),
    "the first entry": (2, 1, lambda v, s, va, n: v[1] - v[0] * s, "the first entry of the table"),
    "the address": (2, 2, lambda v, s, va, n: v[1], "the address of the entry; the task asks for its contents"),
    "the entry": (2, 3, lambda v, s, va, n: v[2], "attribute bits are no part of the address"),
    "the frame": (2, 3, lambda v, s, va, n: v[3] >> 12, "the frame number; the address has 12 more bits"),
    "the offset": (2, 3, lambda v, s, va, n: v[3] | va & 0xfff, "the offset is added at the end"),
}


@pytest.mark.parametrize("name", L2)
def test_mistakes_of_l2(lesson, target, name):
    task, which, wrong, says = L2[name]
    size = tables.TABLES[target.paging][1]
    for seed in range(1, 12):
        machine, text = lesson("L2", seed)
        text = reach(machine, target, "L2", text, task)
        values = lessons.l2(machine, target, text, task)
        value = wrong(values, size, lessons.address_of(text), tables.TABLES[target.paging][0][task - 1][0])
        said = machine.cmd(typed(near(values, which, value))) if value != values[which] else ""
        if says in said:
            return
    raise AssertionError(said)


LAST = {
    "virtual": (lambda pa, va: va, "that is the virtual address"),
    "no offset": (lambda pa, va: pa & ~0xfff, "bits 11:0 of the address, is missing"),
    "the frame": (lambda pa, va: pa >> 12, "that is the frame number"),
    "the offset": (lambda pa, va: va & 0xfff, "that is the offset in the page"),
}


@pytest.mark.parametrize("name", LAST)
def test_mistakes_of_the_last_address(lesson, target, name):
    machine, text = lesson("L2", 1)
    text = reach(machine, target, "L2", text, len(tables.TABLES[target.paging][0]) + 1)
    pa, byte = lessons.l2(machine, target, text)
    value = LAST[name][0](pa, lessons.address_of(text))
    assert value == pa or LAST[name][1] in machine.cmd(typed([value, byte]))


def test_mistakes_of_l3(lesson, target):
    """Every wrong code is one that another access would have, or none; ok is wrong where the CPU faults."""
    said = []
    for seed in (1, 2):
        machine, text = lesson("L3", seed)
        for task in range(1, 13):
            right = lessons.l3(machine, target, text)
            if right == ["ok"]:
                said.append(machine.cmd("answer 0"))
                assert ": the CPU allows the access" in said[-1]
            else:
                said.append(machine.cmd("answer ok"))
                assert "the CPU faults" in said[-1]
                said += [machine.cmd(f"answer {right[0] ^ bit:x}") for bit in (1, 2, 4, 0x800)]
            text = machine.cmd(typed(right))
    for words in ("that is the code of another kind of access", "that would be "):
        assert any(words in line for line in said), words


USER = {"short": 1 << 5, "lpae": 1 << 6}
NEVER = {"short": 1, "lpae": 1 << 54, "legacy": 0}
WRITES = {"short": 1 << 9, "lpae": 1 << 7}
L4 = {
    "nothing": (lambda p, good, pa, direct: 0, r"of \w+ is zero"),
    "not present": (lambda p, good, pa, direct: good & ~3, r"is not present|is zero"),
    "the virtual address": (lambda p, good, pa, direct: good - pa + direct, "an entry has a physical address"),
    "the frame number": (lambda p, good, pa, direct: good - pa + (pa >> 12 & ~0xfff), r"maps physical \w+, not \w+"),
    "read-only": (lambda p, good, pa, direct: good ^ WRITES.get(p, 2), "forbid writing"),
    "for user mode": (lambda p, good, pa, direct: good ^ USER.get(p, 4), "allow access from user mode"),
    "executable": (lambda p, good, pa, direct: good ^ NEVER.get(p, 1 << 63), "allow executing"),
    "another frame": (lambda p, good, pa, direct: good + 4096, r"maps physical \w+, not \w+"),
}


@pytest.mark.parametrize("name", L4)
def test_mistakes_of_l4(lesson, target, name):
    wrong, says = L4[name]
    machine, text = lesson("L4", 1)
    va, pa = (int(n, 16) for n in re.search(r"Map (\w+) to frame \w+ \(physical (\w+)\)", text).groups())
    direct = pa - 0x40000000 * (target.arch == "armv7") + target.facts.direct
    value = wrong(target.paging, lessons.entry(target.paging, pa, True), pa, direct & 0xffffffff)
    # Without a bit for it every page is executable; an address of the direct map may not fit in an entry.
    if not (name == "executable" and target.paging == "legacy") and not (name == "the virtual address" and direct >> 32):
        store(machine, target, va, value)
        assert re.search(says, machine.cmd("answer done")), name
    assert points(machine, "L4") == 0


def test_another_entry_changed(first_lesson, target):
    """What the walker likes is not enough: the neighbour has to be put back."""
    machine, text = first_lesson("L4", 1)
    va = int(re.search(r"Map (\w+)", text)[1], 16)
    other = va + 0x4000 if va & 0x1f000 < 0x10000 else va - 0x4000
    lessons.l4(machine, target, text)
    store(machine, target, other, lessons.entry(target.paging, 0x40201000 if target.arch == "armv7" else 0x201000, False))
    assert "another entry of the same table has changed" in machine.cmd("answer done")
    store(machine, target, other, 0)
    assert machine.cmd("answer done").startswith("right: 3 of 4 points")


# The task, which value, what the student takes for it, the words.
L5 = {
    "reads are free": (1, 0, lambda r, n, z, c, p: 0, "it faults, and maps the zero frame"),
    "one frame, one fault": (1, 0, lambda r, n, z, c, p: 1, "each page has an entry of its own"),
    "reads take frames": (1, 1, lambda r, n, z, c, p: r + n, "reading needs no frame of its own"),
    "replaced twice": (2, 1, lambda r, n, z, c, p: n + z, "that fault replaces the zero frame"),
    "no replacement": (2, 2, lambda r, n, z, c, p: 0, "the zero frame is mapped read-only"),
    "fork copies": (3, 3, lambda r, n, z, c, p: n, "fork() copies nothing"),
    "nothing is copied": (3, 3, lambda r, n, z, c, p: 0, "the first write copies it"),
    "both copy": (4, 3, lambda r, n, z, c, p: c + p, "a frame that the child has copied belongs to the parent alone"),
    "no fault without a copy": (4, 4, lambda r, n, z, c, p: 0, "its write faults, and needs no copy"),
}


@pytest.mark.targets("pae", "x64", "short")
@pytest.mark.parametrize("name", L5)
def test_mistakes_of_l5(lesson, target, name):
    task, which, wrong, says = L5[name]
    for seed in range(1, 8):
        machine, text = lesson("L5", seed)
        text = reach(machine, target, "L5", text, task)
        values = lessons.l5(machine, target, text)
        read, new, replaced, copies, reused = values
        child = copies if task == 3 else int(re.search(r"child writes the first (\w+)", text)[1], 16) if task == 4 else 0
        parent = int(re.search(r"the parent the first (\w+)", text)[1], 16) if task == 4 else 0
        value = wrong(read, new, replaced, child, parent)
        said = machine.cmd(typed(near(values, which, value))) if value != values[which] else ""
        if says in said:
            return
    raise AssertionError(said)


FRAMES = {
    "without the replaced": (0, lambda n, z, w: n, "read and then written have a frame each"),
    "all are shared": (1, lambda n, z, w: n + z, "a page that one of them has written is no longer shared"),
    "nothing is shared": (1, lambda n, z, w: 0, "what neither of them has written"),
}


@pytest.mark.targets("pae", "x64", "short")
@pytest.mark.parametrize("name", FRAMES)
def test_mistakes_of_the_frames(lesson, target, name):
    which, wrong, says = FRAMES[name]
    machine, text = lesson("L5", 3)
    text = reach(machine, target, "L5", text, 5)
    frames, both = lessons.l5(machine, target, text)
    new = int(re.findall(r"writes (\w+) others", text)[-1], 16)
    value = wrong(new, frames - new, frames - both)
    assert says in machine.cmd(typed(near([frames, both], which, value)))


def test_mistakes_of_l6(lesson, target):
    """Each wrong yes and no is answered with the reason of that change."""
    words = ("old frame", "copy-on-write", "after it was freed", "not present", "can only fault", "nothing changed")
    reasons = dict.fromkeys(words, 0)
    for seed in range(1, 9):
        machine, text = lesson("L6", seed)
        right = lessons.l6(machine, target, text)
        for i in range(4):
            said = machine.cmd(typed(near(right, i, {"yes": "no", "no": "yes"}[right[i]])))
            assert said.startswith(f"change {i + 1}: ")
            for reason in reasons:
                reasons[reason] += reason in said
    assert all(reasons.values()), reasons


def test_the_stale_entry(first_lesson, target):
    """The last task of L6: the answer counts when the CPU reads the new frame, and the entry must be the one that it was."""
    machine, text = first_lesson("L6", 1)
    text = reach(machine, target, "L6", text, 5)
    va = int(re.search(r"The entry of (\w+) led", text)[1], 16)
    new = tables.steps(machine, target.paging, oracle.root(machine, target.paging), va)[-1][1]
    machine.cmd(f"setpte {va:x} 0")
    assert "the entry is another one now" in machine.cmd("answer done")
    machine.cmd(f"setpte {va:x} {new >> 32:x}`{new & 0xffffffff:08x}")
    assert machine.cmd("answer done").startswith("right: 3 of 4 points")


def test_mistakes_of_l7(lesson, target):
    found = set()
    for seed in range(1, 25):
        machine, text = lesson("L7", seed)
        first = int(re.search(r"Pages (\w+) to", text)[1], 16)
        root = oracle.root(machine, target.paging)
        before = [tables.steps(machine, target.paging, root, first + i * 4096)[-1][:2] for i in range(16)]
        kind, va = lessons.l7(machine, target, text)
        page = (va - first) // 4096
        found.add(kind)
        for i, (at, entry) in enumerate(before):        # damaged again
            if i in (page, page + 1):
                machine.cmd(f"setpte {first + i * 4096:x} {entry >> 32:x}`{entry & 0xffffffff:08x}")
        assert re.search("is mapped, but|maps physical|is zero|is not present|reserved bit|another memory type",
                         machine.cmd(f"answer {kind:x} {va:x}")), (kind, seed)
        assert "is not right" in machine.cmd(f"answer {kind % 12 + 1:x} {va:x}")
        assert "the task asks for its address" in machine.cmd(f"answer {kind:x} {page:x}")
        assert "the page behind it" in machine.cmd(f"answer {kind:x} {va + 4096:x}") or kind == 7
        assert "as it should be" in machine.cmd(f"answer {kind:x} {first + (page + 9) % 16 * 4096:x}")
        if kind == 7:
            assert "the two are exchanged" in machine.cmd(f"answer 8 {va:x}")
        lessons.l7(machine, target, text)
        other = first + (page + 5) % 16 * 4096
        good = before[(page + 5) % 16][1]
        machine.cmd(f"setpte {other:x} 0")
        assert "an entry that was right has changed" in machine.cmd(f"answer {kind:x} {va:x}")
        machine.cmd(f"setpte {other:x} {good >> 32:x}`{good & 0xffffffff:08x}")
        assert machine.cmd(f"answer {kind:x} {va:x}").startswith("right: 0 of 4 points")
    assert len(found) >= 7, found
