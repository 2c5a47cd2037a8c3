# tests/qemu/test_help.py - the examples of `help` are true on every machine: those that it runs, and the others, typed.
# SPDX-License-Identifier: MIT
import re

import pytest
from docs import commands
from machine import page_file
from process import settle, start

EXAMPLE = "  kd> "
WRONG = re.compile(r"\^|at character \d|no such|\?\?\?\?|"
                   r"(?<!0 )failed|cannot (?!forbid|appear)|rror reading|read error|no VMA covers [0-9a-f]+ in|not valid", re.I)
# No format of ARM can have a self-map: there the address of an entry in it is none.
NO_SELFMAP = {"short", "lpae"}
WITHOUT_EXAMPLE = {"pte2va"}
# By what they print that is not there before the example: the commands that only look, and whose examples are run.
RUN = {"?", "address", "cmp", "cr", "db", "!db", "dc", "!dc", "dd", "!dd", "dq", "!dq", "dw", "!dw", "diff", "disks", "dt",
       "explain", "faultaround", "faults", "formats", "frames", "log", "memusage", "mmu", "pfn", "policy", "predict",
       "ptdump", "pte", "pte2va", "ptov", "r", "readahead", "record", "runs", "ln", "s", "spaces", "vm", "vtop",
       "watermarks", "whomaps", "x"}
# These end the machine, or the kernel's calm; of the rest each is typed.
ENDS = {"poweroff", "reboot", "overflow", "raise", "!analyze"}
# An access that faults is what they are about; at has no example where the CPU has no such instruction.
SHOWS_FAULT = {"touch", "bug"}


def excerpts(machine, name):
    """[(example, what it printed)] of those that help runs."""
    plain = machine.cmd(f"help -t {name}").splitlines()
    shown, found = machine.cmd(f"help {name}", 60).splitlines(), []
    for i, line in enumerate(plain):
        at = shown.index(line)
        following = shown.index(plain[i + 1], at) if i + 1 < len(plain) else len(shown)
        if line.startswith(EXAMPLE):
            found.append((line[len(EXAMPLE):], "\n".join(shown[at + 1:following])))
    return found


def test_every_example_that_is_run_is_true(kd, target):
    ran = set()
    for name in commands(kd):
        for example, answer in excerpts(kd, name):
            if answer:
                ran.add(name)
                assert not WRONG.search(answer), f"{example}\n{answer}"
    assert ran == RUN - (WITHOUT_EXAMPLE if target.paging in NO_SELFMAP else set())


def test_every_text_is_filled_in(kd, target):
    for name in commands(kd):
        text = kd.cmd(f"help -t {name}")
        assert not re.search(r"[{}]", text), text
        has_none = name in WITHOUT_EXAMPLE and target.paging in NO_SELFMAP
        assert (EXAMPLE in text) != has_none, text
    assert f"@{target.facts.root}+8" in kd.cmd("help")


def test_what_is_filled_in_is_where_it_should_be(kd, target):
    """Compared with the tests' own facts about a target, and with the monitor."""
    facts = target.facts
    example = {name: re.findall(r"^  kd> (.*)$", kd.cmd(f"help -t {name}"), re.M) for name in commands(kd)}
    assert example["map"] == [f"map {facts.free:x} {facts.device:x} rwn"]
    assert example["r"] == [f"r {facts.root}"] and example["cr"] == [f"cr {facts.control[0]}"]
    assert example["eb"] == [f"eb {facts.direct + 0xff0:x} 12 34"]
    assert example["!eb"] == [f"!eb {facts.ram + 0xff0:x} 12 34"] and kd.gva2gpa(facts.direct + 0xff0) == facts.ram + 0xff0
    assert example["whomaps"] == [f"whomaps {(facts.ram >> 12) + 0x100:x}"]
    va = facts.direct + 0x1000
    entry = int(example["dt"][0].split()[-1], 16)
    assert kd.gva2gpa(entry) is not None
    assert f"{entry:0{facts.bits // 4}X}" in kd.cmd(f"pte {va:x}")
    if target.paging not in NO_SELFMAP:
        assert example["pte2va"] == [f"pte2va {entry:x}"] and kd.cmd(f"pte2va {entry:x}") == target.plain(va)


def typed(machine, line):
    """What a line answers. What a program in the background says is waited for."""
    if not line.endswith("vartest &"):
        return machine.cmd(line, 120)
    machine.send(line + "\r")
    answer, _ = machine.expect(r"at\s+0x[0-9a-f]+[\r\n]", 60)
    settle(machine)
    return answer


def test_the_other_examples_are_true_too(fresh, target, tmp_path):
    """On a machine of their own, in the order of a lesson: what one needs the one before has made. remap and the
    commands of page-out are left out: their page is one that a program must have touched."""
    machine = fresh(target, extra=page_file(target, tmp_path))
    lesson = ["demand", "map", "protect", "setpte", "unmap", "walk", "!process", ".process", "vad", "who", "peb", "kill",
              "wait", "run"]
    names = commands(machine)
    rest = [n for n in names if n not in RUN | ENDS | {"remap", "evict", "pagein", "trim", "trace", *lesson}]
    for name in [*lesson, *rest, "trace"]:
        for line in re.findall(r"^  kd> (.*)$", machine.cmd(f"help -t {name}"), re.M):
            if name == "more":
                machine.send(line + "\r")
                machine.expect("-- more: any key, q ends --")
                machine.send("q")
                machine.wait_prompt()
                continue
            answer = typed(machine, line)
            assert name in SHOWS_FAULT or not WRONG.search(answer), f"{line}\n{answer}"
            assert ("Oops" in answer or "unable to handle" in answer.lower()) == (name in SHOWS_FAULT), f"{line}\n{answer}"


def test_examples_name_a_program_that_runs(fresh, target):
    """Not a number that was right on another machine."""
    machine = fresh(target)
    machine.cmd("run hello; run hello", 60)
    pid, _ = start(machine, "vartest", r"at\s+0x[0-9a-f]+")
    assert pid > 2
    for name in ("!process", ".process", "peb", "vad", "walk", "remap", "kill", "who", "evict", "pagein", "trim", "wss"):
        example = "; ".join(re.findall(r"^  kd> (.*)$", machine.cmd(f"help -t {name}"), re.M))
        assert re.search(rf"\b{pid:x}\b", example) and not re.search(r"\b(0n)?2\b", example), example
    line = re.search(r"^  kd> (.*)$", machine.cmd("help -t kill"), re.M)[1]
    assert f"[{pid:x}] killed" in machine.cmd(line)


def test_raise_is_shown_with_a_page_that_would_be_served(fresh, target):
    """The address in its example is the one that demand gives first."""
    machine = fresh(target)
    first, _, last = re.search(r"^  kd> (.*)$", machine.cmd("help -t raise"), re.M)[1].split("; ")
    assert machine.cmd(first).startswith(last.split()[1] + "-")
    assert machine.cmd(last).startswith("read 00 at ")


@pytest.mark.parametrize("line, answer", [
    ("n 0n10; n 0n16", "base is 10\nbase is 16"),
    ("n 0n8; n 0n16", "base is 8\nbase is 16"),
    ("demand 0", "cannot reserve 0 bytes"),
])
def test_small_answers(kd, line, answer):
    assert answer in kd.cmd(line)


def test_registers_before_any_trap(fresh, target):
    machine = fresh(target)
    assert "No trap so far: there are no general registers to show." in machine.cmd("r")
    assert "no trap so far" in machine.cmd(f"r {target.facts.control[0]}; r " + {"armv7": "r0"}.get(target.arch, "cs"))
