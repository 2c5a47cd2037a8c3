# tests/qemu/test_isolation_memory.py - hostile programs: memory and processes that are not their own, and all there is.
# SPDX-License-Identifier: MIT
"""Each program tries everything itself and prints its last line when the kernel refused it all; what it cannot see (the
shell's keys, what others find) is asked here."""
import re

import pytest
from process import clean, counts, dirbase, kill, run, settle, start
from tables import walk

HOSTILE = [
    ("maywrite", "no page of a file was written"), ("private", "what is written privately stays private"),
    ("wxorx", "nothing is written and executed"), ("unnamed", "what has no name is not found"),
    ("afterkill", "the killed did nothing more"), ("strangers", "no stranger was ended"), ("bounds", "every bound held"),
]


@pytest.fixture
def own(fresh, target):
    """A machine of its own: what is taken here is not given back."""
    return fresh(arch=target.arch, paging=target.paging)


@pytest.mark.parametrize("line, says", HOSTILE, ids=[line for line, _ in HOSTILE])
def test_a_hostile_program_gets_nothing(kd, line, says):
    run(kd, line)       # its pages are in the page cache from now on
    before = counts(kd)
    assert run(kd, line) == says
    assert counts(kd) == before
    clean(kd)


def test_files_are_the_same_after_hostile_programs(own):
    """The next program that maps them, and the next that is run, find what the loader put there."""
    lines, hello = run(own, "mmapfile"), run(own, "hello")
    assert lines.startswith("lines holds 3000 lines")
    for line, says in HOSTILE[:3]:
        assert run(own, line) == says
    assert run(own, "mmapfile") == lines
    assert re.sub(r"pid \S+", "", run(own, "hello")).split("\n")[0] == re.sub(r"pid \S+", "", hello).split("\n")[0]


def test_an_executable_stack_allows_both(kd):
    """Its ELF says so; what it starts has not the right any more."""
    assert run(kd, "jit") == "code was written and executed"
    assert run(kd, "wxorx") == "nothing is written and executed"


def test_a_frame_that_remap_puts_in_is_not_writable_when_it_is_a_files(own, target):
    """The page cache's frame behind a shared range that may be written: read-only, and a write copies."""
    mapping = start(own, "hoard handles hold", "handles: 8")[0]
    run(own, "mmapfile")
    text = own.cmd(f"vtop {mapping:x} 400000")
    frame = int(re.search(r"physical address ([0-9a-f]+)", text)[1], 16) >> 12
    alias = start(own, "alias hold", "7: 7")[0]
    assert f"frame {frame:x}, was " in own.cmd(f"remap {alias:x} 10000000 {frame:x}")
    shown = walk(own, target.paging, dirbase(own, alias), 0x10000000)
    assert shown.pa >> 12 == frame and not shown.writes
    clean(own)
    kill(own, alias, mapping)
    clean(own)


# ---- killed

def test_a_program_that_was_killed_before_it_ran_does_not_run(own):
    for _ in range(5):
        pid = int(re.search(r"\[([0-9a-f]+)\] nothing", own.cmd("run nothing &"))[1], 16) + 1
        settle(own)
        answer = own.cmd(f"run hello &; kill {pid:x}")
        assert f"[{pid:x}] hello" in answer and f"[{pid:x}] killed" in answer and "hello from" not in own.text()
    clean(own)


# ---- exec

def test_a_failing_exec_leaves_the_old_program_as_it_was(kd):
    """badexec compares after each failure. 42 is the exit status of what it starts in the end."""
    run(kd, "badexec")
    before = counts(kd)
    assert re.fullmatch(r"\[[0-9a-f]+\] exit 42", run(kd, "badexec", timeout=120))
    assert counts(kd) == before
    clean(kd)


# ---- the console

def test_an_orphan_takes_no_key_from_the_shell(own):
    run(own, "orphan 5")
    for i in range(12):
        assert f"Evaluate expression: {i} = " in own.cmd(f"? {i:x}")
    assert "orphan" not in own.cmd("ps") and "an orphan took" not in own.text()
    # Of the one that is waited for a child may read, as before.
    own.send("run cat\r")
    own.expect("run cat\r\n")
    own.send("a.")
    own.expect("a")
    own.wait_prompt()
    clean(own)


# ---- all there is

@pytest.mark.parametrize("what, says", [
    ("processes", r"processes: 249"), ("small-sections", r"small-sections: 512"), ("handles", r"handles: 8"),
    ("sections", r"sections: \d+"),
])
def test_there_is_a_limit_and_everything_comes_back(kd, what, says):
    """The hoarder is the 250th."""
    run(kd, f"hoard {what}")
    before = counts(kd)
    assert re.fullmatch(says, run(kd, f"hoard {what}"))
    assert counts(kd)[1:] == before[1:]
    clean(kd)


@pytest.mark.parametrize("what", ["processes", "sections", "small-sections", "frames"])
def test_the_shell_goes_on_when_a_program_has_taken_all(own, what):
    start(own, f"hoard {what} hold", rf"{what}: \d+", timeout=120)
    for _ in range(3):
        assert run(own, "hello").startswith("hello from pid")
    assert len(own.cmd("ps").splitlines()) == 2 + (250 if what == "processes" else 1)
    assert re.search(r"-[0-9a-f]+ reserved, 1 page", own.cmd("demand 1000"))
    clean(own)
    # A second one finds nothing left, and the shell still goes on.
    if what == "frames":
        assert run(own, "hoard frames", timeout=120) == "frames: 0"
        assert run(own, "hello").startswith("hello from pid")
    clean(own)


def test_the_shell_starts_more_than_programs_can(own):
    start(own, "hoard processes hold", r"processes: 249")
    for _ in range(3):
        start(own, "snooze 1000000", r"")
    assert run(own, "hello").startswith("hello from pid")
    assert "failed" in run(own, "forks 2") or "does not hold" in run(own, "forks 2")
    clean(own)


def cached(machine):
    return {name: int(n) for name, n in re.findall(r"^(\S+) +\d+ bytes, (\d+) pages in memory$", machine.cmd("run"), re.M)}


def test_pages_of_files_go_when_memory_is_short(own):
    """A program gets the frames that only the page cache held, and the files can be read again."""
    before = run(own, "mmapfile")
    assert cached(own)["lines"] == 4
    run(own, "touch 60000 w", timeout=120)
    assert cached(own)["lines"] == 0 and cached(own)["mmapfile"] == 0
    assert run(own, "mmapfile") == before
    clean(own)
