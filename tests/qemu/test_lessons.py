# tests/qemu/test_lessons.py - lessons: every unit solved by hand, every mistake diagnosed, points only for answers.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import lessons
import oracle
import pytest
import tables
from machine import ROOT

LONG = os.environ.get("LONG")
SEEDS = range(1, 11) if LONG else (1, 2)
TASKS = {"L0": 5, "L1": 6, "L2": None, "L3": 12, "L4": 5, "L5": 5, "L6": 5, "L7": 6}    # L2: one for each level, and the byte


def tasks(unit, target):
    return TASKS[unit] or len(tables.TABLES[target.paging][0]) + 1


@pytest.fixture
def lesson(shared, target):
    """lesson(unit, seed): the machine in that lesson and the text of its first task."""
    machine = shared(target)
    yield lambda unit, seed=1: (machine, machine.cmd(f"lesson {unit} {seed:x}"))
    machine.cmd("lesson off")


def points(machine, unit):
    return int(re.search(rf"^{unit} .* (\d+)/\d+$", machine.cmd("grade"), re.M)[1])


@pytest.mark.parametrize("unit", TASKS)
def test_a_unit_is_solved(lesson, target, unit):
    for seed in SEEDS:
        machine, text = lesson(unit, seed)
        assert len(text.splitlines()) <= 12
        for task in range(1, tasks(unit, target) + 1):
            said = machine.cmd(lessons.answer(unit, machine, target, text, task))
            assert re.search("^right: 4 of 4 points$", said, re.M), (unit, seed, task, text, said)
            text = said
        assert f"{unit} is done" in text
        assert points(machine, unit) == 4 * tasks(unit, target)


@pytest.mark.parametrize("unit", TASKS)
def test_the_seed_decides(lesson, target, unit):
    def numbers(seed):
        """Without what depends on which frames are free."""
        machine, text = lesson(unit, seed)
        text = re.sub(r"frame \w+ \(physical \w+\)|^ ( \w{3,})+$", "", text.split("\n", 1)[1], flags=re.M)
        return text, lessons.answer(unit, machine, target, machine.cmd(f"lesson {unit} {seed:x}"), 1) if unit == "L7" else ""
    found = [numbers(seed) for seed in (1, 2, 1)]
    assert found[0] == found[2] != found[1]


def test_points(fresh, target):
    """A hint, a wrong answer and `solve` cost one each, never below 0, and nothing is gained without an answer."""
    machine = fresh(target)
    text = machine.cmd("lesson 0 3")
    assert points(machine, "L0") == 0
    right = lessons.answer("L0", machine, target, text, 1)
    assert "is not right" in machine.cmd("answer ff ff ff ff ff")
    assert machine.cmd("hint").startswith("hint 1: ")
    assert machine.cmd(right).startswith("right: 2 of 4 points")
    assert points(machine, "L0") == 2
    text = machine.cmd("solve")
    assert "the same task with other numbers:" in text
    for _ in range(5):
        machine.cmd("answer ff ff ff ff ff")
    assert machine.cmd(lessons.answer("L0", machine, target, text, 2)).startswith("right: 0 of 4 points")
    assert points(machine, "L0") == 2


def test_a_solved_task_does_not_come_again(fresh, target):
    machine = fresh(target)
    first = machine.cmd("lesson 1 9")
    machine.cmd("solve")
    again = machine.cmd("lesson 1 9")
    assert lessons.asked_entry(first) != lessons.asked_entry(again)
    assert machine.cmd(lessons.answer("L1", machine, target, again, 1)).startswith("right: 3 of 4 points")


def test_hints_end(lesson):
    machine, _ = lesson("L2", 4)
    said = [machine.cmd("hint") for _ in range(4)]
    assert [s.split(":")[0] for s in said[:3]] == ["hint 1", "hint 2", "hint 3"] and len(set(said)) == 4
    assert "no more hints" in said[3]


def test_closed_commands(lesson, target):
    machine, _ = lesson("L2", 4)
    for line in ("pte kmain", "!pte kmain", "vtop 0 kmain", "more explain kmain", "walk 0 kmain", "db kmain", "run touch",
                 "lesson; ptdump"):
        assert machine.cmd(line).splitlines()[-1].endswith(": closed in this task"), line
    for line in ("!dq 0 L1" if target.arch != "armv7" else "!dd 40200000 L1", "? 1+1", "formats", "help hint", "n", "lesson"):
        assert "closed" not in machine.cmd(line), line
    machine.cmd("lesson off")
    assert "closed" not in machine.cmd("pte kmain")


@pytest.mark.parametrize("line", ["answer", "answer 1", "answer 1 2 3 4 5 6", "answer 1 2 3 4 5 6 7 8", "answer zz",
                                  "answer 1 2 3 4 (", "answer ok", "answer fault fault", "answer -1 -1 -1 -1 -1", "answer rwx",
                                  "answer \"\"",
                                  "answer 1 2 3 4 ffffffffffffffffff"])
def test_garbage(lesson, line):
    """One line that says what is wrong; no points."""
    machine, _ = lesson("L0", 5)
    said = machine.cmd(line)
    assert said and not said.startswith("right:") and len(said.splitlines()) == 1, said
    assert points(machine, "L0") == 0


def test_without_a_lesson(shared, target):
    machine = shared(target)
    for command in ("answer 1", "hint", "solve"):
        assert "no lesson has begun" in machine.cmd(command)
    assert "no such unit" in machine.cmd("lesson 77")
    assert "pageturner student=" in machine.cmd("grade")


# ---- mistakes: how to make a wrong answer from the right ones, and what the line says ----

def near(values, i, value):
    """The right values, and `value` as the i-th."""
    return [*values[:i], value, *values[i + 1:]]


L0 = {
    "the other level": (1, lambda v, va: near(v, 0, va >> 5 & 31), "the index of the other level"),
    "the offset": (1, lambda v, va: near(v, 0, va & 31), "that is the offset"),
    "no valid bit": (1, lambda v, va: near(v, 1, v[1] & 0x7f), "the entry is the whole byte"),
    "bits above": (1, lambda v, va: near(v, 2, va >> 5), "bits above the index were not removed"),
    "no offset": (1, lambda v, va: near(v, 4, v[4] & ~31), "the offset, bits 4:0, is missing"),
    "the page": (1, lambda v, va: near(v, 4, v[3] & 0x7f), "that is the page number"),
    "with the valid bit": (1, lambda v, va: near(v, 4, v[3] << 5 | va & 31), "the valid bit is no part of the page number"),
    "decimal": (1, lambda v, va: near(v, 4, int(str(v[4]), 16)), "the right number in decimal"),
    "a fault": (1, lambda v, va: [v[0], "fault"], "the entry is present"),
    "no fault": (3, lambda v, va: [*v[:2], va >> 5 & 31, 0x80, 5], "bit 7 of the PDE is clear"),
    "no fault in the PTE": (4, lambda v, va: near(v, 4, (v[3] & 0x7f) << 5 | va & 31), "bit 7 of the PTE is clear"),
}


def typed(values):
    return "answer " + " ".join(v if isinstance(v, str) else f"{v:x}" for v in values)


def reach(machine, target, unit, text, task):
    """Solves the tasks before; returns the text of the task."""
    for n in range(1, task):
        text = machine.cmd(lessons.answer(unit, machine, target, text, n))
    return text


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
    text = reach(machine, target, "L2", text, tasks("L2", target))
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


def store(machine, target, va, value):
    """The last entry of va, by a store to physical memory."""
    at = tables.steps(machine, target.paging, oracle.root(machine, target.paging), va)[-1][0]
    name = "!ed" if tables.TABLES[target.paging][1] == 4 else "!eq"
    machine.cmd(f"{name} {at:x} {value >> 32:x}`{value & 0xffffffff:08x}" if name == "!eq" else f"{name} {at:x} {value:x}")
    return at


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


def test_another_entry_changed(lesson, target):
    """What the walker likes is not enough: the neighbour has to be put back."""
    machine, text = lesson("L4", 1)
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


def test_the_stale_entry(lesson, target):
    """The last task of L6: the answer counts when the CPU reads the new frame, and the entry must be the one that it was."""
    machine, text = lesson("L6", 1)
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


# ---- the boot command line and the ticket ----

def test_command_line(fresh):
    machine = fresh(cmdline="student=ada lesson=1,5")
    machine.wait_prompt()
    assert "kd> lesson 1 5\nL1  an entry of this machine, seed 5\n" in machine.text()
    assert "has no effect" not in machine.text()
    said = machine.cmd("grade")
    assert re.search(r"^pageturner student=ada L1=0/24,5 hash=[0-9a-f]{16}$", said, re.M)


def grade(text, *more):
    return subprocess.run([ROOT / "tools/grade", "--verify", *more], input=text, capture_output=True, text=True, check=False)


def test_the_ticket(fresh):
    """tools/grade has the hash a second time, from the paper."""
    machine = fresh(cmdline="student=ada")
    text = machine.cmd("lesson 0 7")
    machine.cmd(lessons.answer("L0", machine, None, text, 1))
    line = machine.cmd("grade").splitlines()[-1]
    assert " L0=4/20,7 " in line
    good = grade(line + "\n")
    assert good.returncode == 0 and "ada" in good.stdout and "4/20" in good.stdout
    other_digit = line[:-1] + ("0" if line[-1] != "0" else "1")
    for bad in (line.replace("4/20", "9/20"), line.replace("ada", "bob"), other_digit, line[:-3], "x"):
        assert grade(bad + "\n").returncode == 1, bad
    assert grade(line + "\n", "--key", "another").returncode == 1
