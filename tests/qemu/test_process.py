# tests/qemu/test_process.py - programs end to end: what they do, what they must not, what they leave behind.
# SPDX-License-Identifier: MIT
import os
import re

import pytest
from limits import Limit, Stopwatch
from machine import MachineError
from process import clean, counts, fault_counts, kill, run, settle, start, symbols

# Frames: two kernel stacks of four, and two roots with the tables that are theirs alone.
KEPT = 2 * 4 + 2 * 5
CALLS = 1_000_000 if os.environ.get("LONG") else 100_000

PROGRAMS = [
    ("hello one two", r"hello from pid 0n(\d+): hello one two\n\[([0-9a-f]+)\] exit 2"),
    ("nothing", r""),
    ("nothing 7", r"\[[0-9a-f]+\] exit 7"),
    ("touch 100 w", r"100 pages written at 0x\w+, \d+ ticks each"),
    ("touch 100 r", r"100 pages read at 0x\w+, \d+ ticks each"),
    ("forkcow 20", r"child  0n\d+ at (0x\w+) sees 111, and 2 at (0x\w+)\nparent 0n\d+ at \1 sees 100, and 1 at \2"),
    ("mmapfile", r"lines holds 3000 lines\nprivate at \w+, shared at \w+: 31 0a 32 0a\na private write stays private"),
    ("mmapfile fuzz", r"private at \w+, shared at \w+: 7f 45 4c 46\na private write stays private"),
    ("mmapfile no-such-file", r"no-such-file: 5\n\[[0-9a-f]+\] exit 1"),
    ("shared", r"section at \w+: 100 turns, sum 150, far 1234"),
    ("alias", r"pid 0n\d+ wrote 7 at \w+; at \w+ the val should be 7: 7"),
    ("thrash 300 6 5", r"300 pages, 1800 visits, every one found what it left"),
    ("sparse 1024 4096", r"pid 0n\d+: 64 pages of 262144 written at 0x\w+"),
    ("ranges", r"65536 ranges: rights, holes, fork and unmap are right"),
    ("forks 40", r"40 processes came and went"),
    ("calls", r"every call does what it is meant to, and nothing else"),
    ("stackgrow 200", r"the stack went from 0x\w+ down to 0x\w+, 8\d\d KiB"),
]


@pytest.mark.parametrize("line, pattern", PROGRAMS, ids=[line.replace(" ", "-") for line, _ in PROGRAMS])
def test_a_program_does_its_work_and_leaves_nothing(kd, line, pattern):
    run(kd, line)       # its pages are in the page cache from now on
    before = counts(kd)
    answer = run(kd, line)
    assert re.fullmatch(pattern, answer), answer
    assert counts(kd) == before
    clean(kd)


def test_a_number_is_hexadecimal_in_brackets_and_decimal_with_0n(kd):
    match = re.fullmatch(PROGRAMS[0][1], run(kd, "hello one two"))
    assert int(match[1]) == int(match[2], 16)


@pytest.mark.parametrize("line, action, least, most", [
    ("touch 100 r", "mapped the shared zero frame", 100, 110), ("touch 100 w", "mapped a zeroed frame", 100, 120),
    ("mmapfile", "mapped a page of the file", 5, 30), ("forkcow 50", "copied the page on write", 50, 70),
    ("forkcow 50", "made the page writable without a copy", 50, 70),
    ("stackgrow 100", "extended the stack", 100, 110),
    ("nothing", "mapped a zeroed frame", 0, 8),
])
def test_faults_are_counted_by_what_was_done(kd, line, action, least, most):
    before = fault_counts(kd).get(action, 0)
    run(kd, line)
    assert least <= fault_counts(kd).get(action, 0) - before <= most


# ---- wrong accesses

def x86_cases(target, at):
    """{case: (address, error code)} by the SDM, 3A 4.7: bit 0 an entry was present, 1 write, 2 user, 4 fetch (only
    where NX or SMEP is on: -cpu max has both)."""
    kernel = target.facts.direct
    not_present = target.arch == "x86_64"
    cases = {
        "null-read": (8, 4), "null-write": (0, 6), "null-jump": (0, 0x14), "unmapped": (0x20000000, 4),
        "text-write": (at["exit"], 7), "rodata-write": (at["constant_code"], 7),
        "kernel-read": (kernel + 0x100000, 5), "kernel-write": (kernel + 0x100000, 7),
        "kernel-jump": (kernel + 0x100000, 0x15), "top": (2**64 - 1, 4) if not_present else (2**32 - 1, 5),
        "peb-write": (target.facts.peb, 7), "readonly": (None, 6), "none": (None, 4), "beyond": (None, 4),
        "straddle": (None, 4), "freed": (None, 4), "protected": (None, 7), "overflow": (None, 6),
    }
    if target.paging != "legacy":
        cases.update({"rodata-exec": (at["constant_code"], 0x15), "data-exec": (at["data_code"], 0x15),
                      "stack-exec": (None, 0x15)})
    return cases


def arm_cases(target, at):
    """By the ARM ARM, B3.13: the fault status in bits 10 and 3:0 (LPAE: 9 set, 5:0), write in bit 11. Nothing near null
    is mapped: level 1 in short (5), where LPAE has a table (6: level 2). What was unmapped has lost its table too."""
    lpae = target.paging == "lpae"
    translation, page, permission = (0x206, 0x207, 0x20f) if lpae else (5, 0x17, 0x1f)
    section = 0x20e if lpae else 0xd
    cases = {
        "null-read": (8, translation), "null-write": (0, translation | 0x800), "null-jump": (0, translation),
        "unmapped": (0x20000000, translation),
        "text-write": (at["exit"], permission | 0x800), "rodata-write": (at["constant_code"], permission | 0x800),
        "rodata-exec": (at["constant_code"], permission), "data-exec": (at["data_code"], permission),
        "stack-exec": (None, permission), "kernel-read": (0xc0100000, section),
        "kernel-write": (0xc0100000, section | 0x800), "kernel-jump": (0xc0100000, section),
        "peb-write": (target.facts.peb, permission | 0x800), "readonly": (None, translation | 0x800),
        "none": (None, translation), "freed": (None, translation), "straddle": (None, page),
        "protected": (None, permission | 0x800), "overflow": (None, page | 0x800),
    }
    if not lpae:    # bit 4 of a status is not a status bit: the short descriptor's faults are 5, 7, d, f
        cases = {name: (va, code & 0xc0f) for name, (va, code) in cases.items()}
    return cases


TRAPS = {
    "x86": {"undefined": "invalid opcode", "divide": "divide error", "cli": "general protection fault",
            "port": "general protection fault", "cr3": "general protection fault", "vector": "general protection fault",
            "selector": "general protection fault", "trace": "debug exception", "breakpoint": "breakpoint"},
    "armv7": {"undefined": "undefined instruction", "ttbr": "undefined instruction", "dacr": "undefined instruction",
              "breakpoint": "debug event"},
}


# A program's end in the words of Linux on x86, and on ARM.
FAULT = re.compile(r"badaccess\[\d+\]: segfault at (\w+) ip \w+ sp \w+ error (\w+)(?: in .*)?|"
                   r"badaccess: unhandled page fault \(11\) at 0x([0-9a-f]{8}), code 0x([0-9a-f]{3})")
TRAP = re.compile(r"badaccess\[\d+\]: ([a-zA-Z -]+) ip \w+ sp \w+ error \w+|"
                  r"badaccess \(\d+\): ([a-z ]+): pc=[0-9a-f]{8}|"
                  r"Unhandled (?:fault|prefetch abort): ([a-z ]+) \(0x[0-9a-f]{3}\) at 0x[0-9a-f]{8}")
SEGFAULT = {"x86": r"NAME\[\d+\]: segfault at ([0-9a-f]+) .*", "armv7": r"NAME: unhandled page fault \(11\) at 0x([0-9a-f]+), .*"}


def segfault(target, name):
    """The line that ends the program."""
    return SEGFAULT["armv7" if target.arch == "armv7" else "x86"].replace("NAME", name)


def deaths(text):
    """{case: (what, address, code)} of badaccess's output; address and code are None for what is no memory fault."""
    found, last = {}, None
    for line in text.splitlines():
        fault, trap = FAULT.fullmatch(line), TRAP.fullmatch(line)
        case = re.fullmatch(r"badaccess (\S+) +(died|survived)", line)
        if fault:
            last = ("segfault", int(fault[1] or fault[3], 16), int(fault[2] or fault[4], 16))
        elif trap:
            last = (trap[1] or trap[2] or trap[3], None, None)
        elif case:
            found[case[1]] = last if case[2] == "died" else ("survived", None, None)
            last = None
        else:
            raise AssertionError(f"not a line of badaccess: {line!r}")
    return found


def test_every_wrong_access_ends_as_the_manuals_say(kd, target):
    seen = deaths(run(kd, "badaccess"))
    at = symbols(target.arch, "user/badaccess")
    expected = (arm_cases if target.arch == "armv7" else x86_cases)(target, at)
    mask = 0xc0f if target.paging == "short" else ~0
    wrong = {}
    for case, (va, code) in expected.items():
        what, where, got = seen.pop(case)
        if what != "segfault" or (va is not None and va != where) or got & mask != code:
            wrong[case] = (what, where, got)
    for case, what in TRAPS["armv7" if target.arch == "armv7" else "x86"].items():
        if seen.pop(case)[0] != what:
            wrong[case] = what
    assert not wrong
    if target.paging == "legacy":       # no NX: what may be read may be executed
        survived = {case for case, (what, _, _) in seen.items() if what == "survived"}
        assert survived == {"rodata-exec", "data-exec", "stack-exec"}
    else:
        assert "survived" not in {what for what, _, _ in seen.values()}
    clean(kd)


def test_one_wrong_access_by_name(kd, target):
    answer = run(kd, "badaccess null-read")
    found = re.search(rf"pid 0n\d+ reads through a null pointer\n{segfault(target, 'badaccess')}\n"
                      r"\[[0-9a-f]+\] ended by an invalid access$", answer)
    assert found and int(found[1], 16) == 8, answer


def test_the_stack_ends_at_its_limit(kd, target):
    top = target.facts.stack_top
    assert re.search(segfault(target, "stackgrow"), run(kd, "stackgrow 3000"))
    at = int(re.search(segfault(target, "badaccess"), run(kd, "badaccess overflow"))[1], 16)
    assert top - (8 << 20) - (64 << 10) <= at < top - (8 << 20) + (64 << 10)


def test_more_memory_than_there_is_ends_the_program_alone(kd):
    run(kd, "touch 1 w")
    before = counts_without_caches(kd)
    answer = run(kd, "touch 60000 w", timeout=120)
    assert re.fullmatch(r"Out of memory: Killed process \d+ \(touch\)\n\[[0-9a-f]+\] killed", answer), answer
    assert counts_without_caches(kd) == before
    clean(kd)


# ---- many

@pytest.mark.slow
def test_1000_processes_leave_every_frame_count(kd):
    run(kd, "forks 20")
    before = counts(kd)
    assert run(kd, "forks 1000", timeout=170) == "1000 processes came and went"
    assert counts(kd) == before
    clean(kd)


def wave(kd):
    """64 processes with 1 GiB each, of which they touch a little, live together; then they are gone."""
    pids = [start(kd, "sparse 1024 4096 hold", r"64 pages of 262144 written")[0] for _ in range(64)]
    assert len(re.findall(r"waiting .* sparse$", kd.cmd("ps"), re.M)) == 64
    clean(kd)
    assert counts(kd)[0]["Free"] > 20000
    kill(kd, *pids)
    clean(kd)
    return counts(kd)


@pytest.mark.slow
def test_64_live_processes_with_a_gib_each(fresh, target):
    """What the first wave leaves is what kernel stacks and caches keep; the second leaves no more."""
    kd = fresh(arch=target.arch, paging=target.paging, mem="256M")
    assert wave(kd) == wave(kd)


def copies(kd):
    return fault_counts(kd).get("copied the page on write", 0)


def test_fork_copies_no_data_page(kd):
    """64 MiB are touched, then 10 forks: a fork copies no page, each process then its stack and little more. What stays is
    two kernel stacks and two roots for the next."""
    before, free = copies(kd), counts(kd)[0]
    assert run(kd, "forks 10 16384", timeout=120) == "10 processes came and went"
    assert copies(kd) - before < 100
    assert counts(kd)[0]["Free"] >= free["Free"] - 8 - KEPT
    assert run(kd, "forkcow 100").startswith("child")
    assert copies(kd) - before >= 100
    clean(kd)


@pytest.mark.slow
@pytest.mark.timeout(7200 if os.environ.get("LONG") else 2400)
def test_random_system_calls(kd, target):
    """No call with whatever arguments brings the kernel down or leaves a count wrong. Memory is short at times."""
    run(kd, "fuzz 1 300")
    for program in ("mmapfile", "nothing"):      # the list of pages of each file that is mapped or executed stays
        run(kd, program)
    settled(kd)
    before = counts_without_caches(kd)
    answer = run(kd, f"fuzz 4711 {CALLS}", timeout=3500)
    end = re.search(r"fuzz: seed 4711, (\d+) calls in \d+ trees, (\d+) succeeded$", answer)
    assert end and int(end[1]) >= CALLS and int(end[2]) > CALLS / 3, answer[-2000:]
    assert int(re.search(r"^fuzz: (\d+) times exec found too little memory$", answer, re.M)[1]) > 0
    assert "BUG" not in answer and "Oops" not in answer
    settled(kd)
    assert counts_without_caches(kd) == before
    clean(kd)


def counts_without_caches(kd):
    """Pages of files, roots and kernel stacks are kept for the next program: the test that takes every frame empties all."""
    assert "1 ok" in kd.cmd("test frame_exhaustion", 60)
    return counts(kd)


def settled(kd, seconds=20):
    """Until kd is alone: orphans may sleep a little longer than who made them, and die of something."""
    limit, alive = Limit(seconds, kd.process.pid), True
    while alive and not limit.expired():
        settle(kd)
        try:
            alive = len(re.findall(r"^[ *][0-9a-f]{4} ", kd.cmd("ps"), re.M)) > 1
        except MachineError:    # output of an exiting program came between
            kd.pause(0.2)
    assert not alive


# ---- the shell beside programs

def test_the_shell_stays_responsive(kd):
    pids = [start(kd, "spin", r"")[0] for _ in range(3)]
    begun = Stopwatch(kd.process.pid)
    for i in range(20):
        assert f"Evaluate expression: {i} = " in kd.cmd(f"? {i:x}")
    assert begun.seconds() < 20
    slices = [int(s) for s in re.findall(r"(\d+)  spin$", kd.cmd("ps"), re.M)]
    kd.pause(1)
    later = [int(s) for s in re.findall(r"(\d+)  spin$", kd.cmd("ps"), re.M)]
    assert len(later) == 3 and all(b > a for a, b in zip(slices, later)), (slices, later)
    kill(kd, *pids)


@pytest.mark.parametrize("program", ["spin", "snooze", "cat"])
def test_ctrl_c_ends_what_is_waited_for(kd, program):
    kd.send(f"run {program}\r")
    kd.expect(f"run {program}")
    kd.pause(0.3)
    kd.send("\x03")
    assert re.search(r"\^C\n\[[0-9a-f]+\] killed$", kd.wait_prompt())
    settled(kd)


@pytest.mark.parametrize("program", ["spin", "snooze"])
def test_ctrl_c_right_behind_enter_ends_it_too(kd, program):
    for _ in range(5):
        kd.send(f"run {program}\r\x03")
        assert kd.wait_prompt().endswith(("^C", "killed"))
        settled(kd)
    assert program not in kd.cmd("ps")


def test_only_who_is_waited_for_reads_the_console(kd):
    kd.send("run cat\r")
    kd.expect("run cat\r\n")
    kd.send("abc")
    kd.expect("abc")
    kd.send(".")
    kd.wait_prompt()
    kd.cmd("run cat &")
    settle(kd)
    assert re.search(r"\[[0-9a-f]+\] exit 1", kd.cmd("ps"))
    assert "00000007" in kd.cmd("? 7")


def test_wait_and_kill(kd):
    pid, _ = start(kd, "snooze 300", r"")
    kd.cmd(f"wait {pid:x}")
    settled(kd)
    start(kd, "snooze 100", r"")
    start(kd, "snooze 50", r"")
    kd.cmd("wait")
    assert len(kd.cmd("ps").splitlines()) == 2


@pytest.mark.parametrize("line, says", [
    ("run no-such-program", "no such program"), ("run lines", "not a program for this CPU"),
    ("kill 7777", "no process has this number"), ("kill 1", "process of the kernel"), ("wait 1", "process of the kernel"),
    ("wait 7777", "no process"), ("run hello " + "x " * 20, "too many arguments"), ("kill", "missing"),
    ("devmem strict 1", "too many"), ("devmem open 1", "too many"), ("devmem 0 r 4 1", "too many"), ("aspace list 1", "too many"),
    ("aspace new 1", "too many"), ("aspace 1", "expected list"), ("remap 1 0 1 1", "too many"), (".process 1 1", "too many"),
    ("dt _MMPTE u.Hard kmain 1", "too many"), ("s -a kmain L10 a b", "too many"),
])
def test_wrong_input_is_said_and_changes_nothing(kd, line, says):
    kd.cmd(line)
    before = counts(kd)
    answer = kd.cmd(line)
    assert re.search(says, answer) and len(answer.splitlines()) == 1, answer
    assert counts(kd) == before


def test_run_lists_the_files(kd, target):
    names = re.findall(r"^(\S+) +\d+ bytes, \d+ pages in memory$", kd.cmd("run"), re.M)
    assert names == sorted(names) and {"hello", "lines", "badaccess"} <= set(names)


def test_without_an_initrd(fresh, target):
    kd = fresh(arch=target.arch, paging=target.paging, initrd=False)
    assert kd.cmd("run") == "There is no initrd: the loader loaded only the kernel."
    assert "no such program" in kd.cmd("run hello")
    clean(kd)


# On x86_64 the direct map has all memory.
@pytest.mark.targets("i386", "armv7")
def test_frames_above_the_direct_map_are_used(fresh, target):
    """With 1.5 GiB, user pages come from above the direct map first: the kernel keeps what it can reach."""
    kd = fresh(arch=target.arch, paging=target.paging, mem="1536M")
    pid, match = start(kd, "touch 64 w hold", r"64 pages written at (0x\w+), ")
    pa = int(re.search(r"physical address ([0-9a-f]+)", kd.cmd(f"vtop {pid:x} {match[1]}"))[1], 16)
    assert pa >= (0x38000000 if target.arch == "i386" else 0x70000000)
    assert run(kd, "thrash 500 3").startswith("500 pages")
    kill(kd, pid)
    clean(kd)
