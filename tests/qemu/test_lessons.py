# tests/qemu/test_lessons.py - lessons: every unit solved by hand, every mistake diagnosed, points only for answers.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import lessons
import oracle
import pytest
import replacement
import tables
from lessons import first_lesson, lesson, points, reach, typed  # noqa: F401
from machine import ROOT

LONG = os.environ.get("LONG")
SEEDS = range(1, 11) if LONG else (1, 2)
TASKS = {"L0": 5, "L1": 6, "L2": None, "L3": 12, "L4": 5, "L5": 5, "L6": 5, "L7": 6}    # L2: one for each level, and the byte


def tasks(unit, target):
    return TASKS[unit] or len(tables.TABLES[target.paging][0]) + 1


@pytest.mark.parametrize("unit", TASKS)
def test_a_unit_is_solved(first_lesson, target, unit):
    for seed in SEEDS:
        machine, text = first_lesson(unit, seed)
        assert len(text.splitlines()) <= 12
        for task in range(1, tasks(unit, target) + 1):
            answer = lessons.answer(unit, machine, target, text, task)
            assert unit not in ("L6", "L7") or machine.cmd("fsck") == "fsck: clean"
            said = machine.cmd(answer)
            assert re.search("^right: 4 of 4 points$", said, re.M), (unit, seed, task, text, said)
            assert max(map(len, said.splitlines())) <= 132, said
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


def test_a_unit_that_begins_again_gains_nothing(fresh, target):
    """The numbers are the same, and so is what hints and wrong answers have cost."""
    machine = fresh(target)
    text = machine.cmd("lesson 6 1")
    right = lessons.answer("L6", machine, target, text, 1)
    machine.cmd("hint")
    machine.cmd("answer done done done done")
    assert machine.cmd("lesson 6 2").splitlines()[3:] != text.splitlines()[3:]
    again = machine.cmd("lesson 6 1")
    assert again == text.replace("seed 1\n", "seed 1; points lost so far: 2\n") != text
    assert re.search("^right: 2 of 4 points$", machine.cmd(right), re.M)
    assert points(machine, "L6") == 2


def test_solve_that_ctrl_c_ends(fresh, target):
    """The right values are on the screen then: they are worth nothing."""
    machine = fresh(target)
    text = machine.cmd("lesson 1 3")
    right = lessons.answer("L1", machine, target, text, 1)
    machine.send("solve\r\x03")
    machine.wait_prompt()
    said = machine.cmd(right)
    assert said.startswith("right: 0 of 4 points") or "is not right" in said, said
    assert points(machine, "L1") == 0


def test_fault_where_no_walk_ends(lesson):
    machine, _ = lesson("L3", 1)
    assert "the walk goes on" not in machine.cmd("answer fault")
    machine, _ = lesson("L6", 1)
    assert "this task takes yes or no" in machine.cmd("answer fault")
    assert "the walk goes on" not in machine.cmd("answer fault fault fault fault")


def test_a_program_that_cannot_run_costs_nothing(fresh, target):
    """At DISPATCH_LEVEL no page of a program can be loaded."""
    machine = fresh(target)
    text = machine.cmd("lesson 5 1")
    assert "closed" in machine.cmd("vm")        # it counts the faults of the run
    machine.cmd("raise 2")
    assert machine.cmd("answer 1 2 3 4 5").splitlines()[-1].startswith("the program did not run to its end")
    machine.cmd("raise 0")
    assert "steps" not in machine.cmd("ps")
    assert machine.cmd(lessons.answer("L5", machine, target, text, 1)).startswith("right: 4 of 4 points")


def test_after_a_bugcheck(fresh, target):
    """Nothing of the lesson changes the machine any more; the commands that find the cause are open."""
    machine = fresh(target)
    machine.cmd("lesson 1 1")
    assert "closed" in machine.cmd("pte kmain")
    machine.cmd("bug irql")
    for line in ("answer 1 r", "hint", "solve", "lesson off", "lesson 1"):
        assert machine.cmd(line).endswith(": after a bugcheck only read-only commands run"), line
    assert "BugCheck A" in machine.cmd("analyze")
    assert "closed" not in machine.cmd("pte kmain")


def test_more_changes_nothing(lesson):
    machine, _ = lesson("L0", 5)
    for line in ("more answer 1 2 3 4 5", "more hint", "more solve", "more lesson off", "more lesson 1"):
        assert "is not a read-only command" in machine.cmd(line), line


def test_l6_shows_what_the_tlb_holds(lesson, target):
    """After a right answer: where a page got another frame or was removed, the CPU still reads the first one. An interrupt may have
    let another process run, so not every change has to show it."""
    machine, text = lesson("L6", 1)
    shown = []
    for task in range(1, 5):
        changes = re.findall(r"^  (\d)  (?:a page gets another frame|a page is removed)",
                             text[text.rindex("Which changes"):], re.M)
        text = machine.cmd(lessons.answer("L6", machine, target, text, task))
        shown += [re.search(rf"^  {n}  without a flush the CPU (.*)$", text, re.M)[1] for n in changes]
    assert len(shown) > 3 and sum("reads a0, the first frame" in s for s in shown) > len(shown) // 2, shown


def test_an_old_entry_in_the_tlb_is_flushed_by_l4(lesson, target):
    """The last small mapping of L4 has an entry that was used. Nothing else runs between its use, the store and the answer."""
    machine, text = lesson("L4", 1)
    text = reach(machine, target, "L4", text, 4)
    va, pa = (int(n, 16) for n in re.findall(r"Map (\w+) to frame \w+ \(physical (\w+)\)", text)[-1])
    at = tables.steps(machine, target.paging, oracle.root(machine, target.paging), va)[-1][0]
    new = lessons.entry(target.paging, pa, True)
    name = "!ed" if tables.TABLES[target.paging][1] == 4 else "!eq"
    said = machine.cmd(f"probe {va:x} r; {name} {at:x} {new >> 32:x}`{new & 0xffffffff:08x}; answer done")
    assert re.search("^right: ", said, re.M), said


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
    assert "off takes no seed" in machine.cmd("lesson off 3")
    for command in ("answer 1", "hint", "solve"):
        assert "no lesson has begun" in machine.cmd(command)
    assert "no such unit" in machine.cmd("lesson 77")
    assert "pageturner student=" in machine.cmd("grade")


# ---- L8: a sequence of answers ----

def resident(text):
    """(page that faulted, number of the access, {page: frame}) of the last fault in the text."""
    access, page, rest = re.findall(r"^fault \d+, access (\d+): page (\w)\. In memory:(.*)\.  answer PAGE$", text, re.M)[-1]
    pages = {int(p, 16): int(f, 16) for p, f in re.findall(r" (\w) \(frame (\w+)\)", rest)}
    return int(page, 16), int(access), pages


def resident_faults(text):
    return int(re.findall(r"^fault (\d+), access", text, re.M)[-1])


def play(machine, text, choose):
    """Answers until the task ends; choose(accesses so far, pages in memory) is the page that leaves. (last text, all accesses)"""
    text = text[text.rindex(" pages at "):]
    known = [int(n, 16) for n in re.findall(r"(?:the future|so far):((?: \w)+)$", text, re.M)[-1].split()]
    future = known if text.rfind("the future:") > text.rfind("so far:") else None
    past = known
    while "faults: you" not in text:
        _, access, pages = resident(text)
        victim = choose(future, access - 1, past, pages)
        text = machine.cmd(f"answer {victim:x}")
        past = past + [int(n, 16) for m in re.findall(r"^then:((?: \w)+)$", text, re.M) for n in m.split()]
    return text


def farthest(future, at, _, pages):
    return max(pages, key=lambda p: future.index(p, at + 1) if p in future[at + 1:] else 99)


def least_recent(_, __, past, pages):
    return min(pages, key=lambda p: len(past) - 1 - past[::-1].index(p))


def counts(text):
    return {name: int(n) for name, n in re.findall(r"(you|OPT|LRU|clock|FIFO) (\d+)", re.search(r"^faults: you.*$", text, re.M)[0])}


def test_the_pager(fresh, target):
    """Played as OPT where the future is known, as LRU where it is not. The counts are those of the Python simulator."""
    for seed in SEEDS:
        machine = fresh(target)
        text = machine.cmd(f"lesson 8 {seed:x}")
        assert len(text.splitlines()) <= 12
        string = [(int(n, 16), False) for n in re.search(r"the future:((?: \w)+)$", text, re.M)[1].split()]
        text = play(machine, text, farthest)
        found = counts(text)
        assert found["you"] == found["OPT"] == replacement.opt(string, 4)[0]
        assert {n: found[n] for n in ("LRU", "clock", "FIFO")} == {
            "LRU": replacement.run("lru", string, 4)[0], "clock": replacement.run("clock", string, 4)[0],
            "FIFO": replacement.run("fifo", string, 4)[0]}
        assert re.search("^right: 4 of 4 points$", text, re.M)
        for task in (2, 3):
            text = play(machine, text, least_recent)
            found = counts(text)
            assert found["you"] == found["LRU"], (seed, task, text)
            others = [found[n] for n in ("LRU", "clock", "FIFO")]
            worth = 4 if found["you"] == found["OPT"] else 3 if found["you"] == min(others) else 2
            assert re.search(f"^right: {worth} of 4 points$", text, re.M), text
        assert "L8 is done" in text


def test_a_worse_choice_is_named(lesson, target):
    """The page that is used next leaves, each time."""
    machine, text = lesson("L8", 1)
    string = [int(n, 16) for n in re.search(r"the future:((?: \w)+)$", text, re.M)[1].split()]

    def nearest(future, at, _, pages):
        return min(pages, key=lambda p: string.index(p, at + 1) if p in string[at + 1:] else 99)
    text = play(machine, text, nearest)
    assert counts(text)["you"] > counts(text)["OPT"]
    worse = re.search(r"^At access (\d+) page (\w) left, and was used earlier than page (\w)\.$", text, re.M)
    access, left, better = worse.groups()
    behind = string[int(access):]
    assert left != better and int(left, 16) in behind
    assert int(better, 16) not in behind or behind.index(int(left, 16)) < behind.index(int(better, 16))
    assert points(machine, "L8") <= 2


def test_a_game_is_not_played_twice(fresh, target):
    """What a game was not worth stays lost; so does a point for one that was left."""
    machine = fresh(target)
    string = [int(n, 16) for n in re.search(r"the future:((?: \w)+)$", machine.cmd("lesson 8 1"), re.M)[1].split()]

    def nearest(future, at, _, pages):
        return min(pages, key=lambda p: string.index(p, at + 1) if p in string[at + 1:] else 99)
    text = machine.cmd("lesson 8 1")
    machine.cmd(f"answer {farthest(string, resident(text)[1] - 1, None, resident(text)[2]):x}")
    assert re.search("^right: 3 of 4 points$", play(machine, machine.cmd("lesson 8 1"), farthest), re.M)
    text = play(machine, machine.cmd("lesson 8 1"), nearest)
    lost = int(re.search(r"^right: (\d) of 4 points$", text, re.M)[1])
    assert lost < 3
    assert re.search(f"^right: {lost} of 4 points$", play(machine, machine.cmd("lesson 8 1"), farthest), re.M)


def test_entries_made_by_hand_save_no_fault(fresh, target):
    """All eight pages are mapped by setpte, so that the CPU faults no more."""
    machine = fresh(target)
    text = machine.cmd("lesson 8 1")
    va, (page, at, pages) = int(re.search(r"pages at (\w+),", text)[1], 16), resident(text)
    entry = tables.steps(machine, target.paging, oracle.root(machine, target.paging), va + min(pages) * 4096)[-1][1]
    for n in range(8):
        machine.cmd(f"setpte {va + n * 4096:x} {entry >> 32:x}`{entry & 0xffffffff:08x}")
    said = machine.cmd(f"answer {min(pages):x}")
    assert f"fault {resident_faults(text) + 1}, access" in said and resident(said)[0] != page and resident(said)[1] > at


def test_impossible_victims(first_lesson, target):
    """No victim, no loss: each is refused with its reason."""
    machine, text = first_lesson("L8", 1)
    assert machine.cmd("fsck") == "fsck: clean"
    page, _, pages = resident(text)
    va = int(re.search(r"pages at (\w+),", text)[1], 16)
    absent = next(n for n in range(8) if n not in pages and n != page)
    for given, says in ((page, "it is the one that faulted"), (absent, "that page is not in memory"), (99, "there is no such page"),
                        (pages[min(pages)], "that is the frame; the task asks for the page"),
                        (va + 4096, "that is the address of a page")):
        assert says in machine.cmd(f"answer {given:x}"), given
    assert "this task takes" in machine.cmd("answer 1 2")
    assert resident(text)[2] == pages and points(machine, "L8") == 0
    assert re.search("^right: 4 of 4 points$", play(machine, text, farthest), re.M)


# ---- the boot command line and the ticket ----

def test_command_line(fresh):
    machine = fresh(cmdline="student=ada lesson=1,5")
    machine.wait_prompt()
    assert "kd> lesson 1 5\nL1  an entry of this machine, seed 5\n" in machine.text()
    assert "has no effect" not in machine.text()
    said = machine.cmd("grade")
    assert re.search(r"^pageturner student=ada L1=0/24,5 hash=[0-9a-f]{16}$", said, re.M)


@pytest.mark.targets("i386", "armv7")
def test_a_name_that_looks_like_points(fresh, target):
    machine = fresh(target, cmdline='student="x L2=20/20,1"')
    machine.cmd("lesson 0 7")
    line = machine.cmd("grade").splitlines()[-1]
    assert line.startswith("pageturner student=x_L2=20/20,1 L0=0/20,7 hash=")
    assert grade(line + "\n").stdout.split()[1:] == ["L0=0/20", "ok"]


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


def test_a_ticket_that_is_not_text():
    done = subprocess.run([ROOT / "tools/grade", "--verify"], input=b"\xff\n", capture_output=True, check=False,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
    assert done.returncode == 1 and b"Traceback" not in done.stderr
