# tests/qemu/test_bad_input.py - whatever is typed: one clear line, nothing changed, the prompt back.
# SPDX-License-Identifier: MIT
import random
import re

import pytest

# {direct}, {free}: places in the kernel's part of each target.
WRONG = [
    "nosuchcommand", "pte", "pte 1 2 3 4 5", "pte xyzzy!", "pte 0xg", "pte (1", "pte 1 +", "pte @nosuch",
    "pte 1/0", "pte " + "(" * 100, "vtop", "vtop 0", "db {direct} L", "db {direct} Lzz", "dq @cr9", "touch",
    "touch {direct} q", "map", "map 1 2 3 4 5 6 7 8 9", "unmap 0", "unmap 123", "unmap {free}", "protect {direct}",
    "protect {free} r", "protect 1 zz", "demand", "demand 0", "demand -r 12345678", "demand -z 1000",
    "demand ffffffffffffffff", "trace maybe", "pfn ffffffffff", "pfn -1", "map fffff000 fffffffff000 rw",
    "map {free} fffffffffffff000 rw", "map {free} 1000 zz", "map {direct}+1 1000 rw", "setpte 1", "setpte {free} 0 --maybe",
    "0x", "\\", "'", '"', '"abc', "%s%n%x", "pte %s", "help nosuch", "test nosuch", ".", "!", "!!", ";;;", "pte ;", "; pte",
    "poi(", "db poi(0)", "reserve", "pte nt!nosuch", "?", "? 1 +", "123 456", "n 7", "aspace use 77", ".process 77",
    ".cache maybe", "kill 77", "eb {direct} 100", "!ed 1 2 3 zz",
]
EVERYTHING = "n; .cache; trace; .process; aspace; faults 0; log 1; vm; memusage; ptdump"
X86_LETTERS = re.compile(r"[-CGLDANTUKWREV]{11}")


class Snapshots:
    """What wrong input must not change. A machine's state is read again after each line, and before only when
    something else was typed there in the meantime."""

    def __init__(self):
        self.last = {}      # machine: (length of its log, state)

    def before(self, machine):
        if machine not in self.last:
            machine.cmd("demand 1000")      # the heap keeps the frame of its first range for the next ones
            machine.cmd("demand -r " + machine.cmd("demand").partition("-")[0])
        position, state = self.last.get(machine, (None, None))
        return state if position == machine.log.tell() else self.now(machine)

    def now(self, machine):
        state = stable(machine, machine.cmd(EVERYTHING, 60)), machine.registers()
        del state[1]["pc"], state[1]["sp"]
        self.last[machine] = machine.log.tell(), state
        return state


def stable(machine, text):
    """Looking may set x86's accessed and dirty bits, idle time moves free frames to the zeroed pool; everything else stays."""
    free = re.compile(r" *(?:Free|Zeroed): +(\d+) .*\n")
    total = sum(map(int, free.findall(text)))
    text = free.sub("", text)
    if machine.boot.arch != "armv7":
        text = X86_LETTERS.sub(lambda m: m[0][:3] + m[0][5:], text)
    assert "Checked W+X" in text and "TOTAL" in text and "stores so far" in text and total > 0
    return [f"free {total}", *text.splitlines()]


@pytest.fixture(scope="session")
def snapshots():
    return Snapshots()


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_gets_one_answer(kd, target, snapshots, line):
    before = snapshots.before(kd)
    answer = kd.cmd(line.format(direct=target.plain(target.facts.direct), free=target.plain(target.facts.free)))
    # One line says what is wrong; what goes well on the way there (memory that cannot be read) may print more.
    assert len(answer.splitlines()) <= 8, answer
    assert sum("^" in text for text in answer.splitlines()) <= 1
    assert "BUG" not in answer and "Oops" not in answer and "assert" not in answer.lower()
    if line.strip(";! .\"'"):
        assert answer.strip(), "nothing was said"
    assert snapshots.now(kd) == before


def test_the_state_has_what_a_line_can_change(kd, target, snapshots):
    """Each of these is seen, so that a wrong line that did it would be."""
    va = target.facts.free
    changes = [("n 10", "n 16"), ("trace on", "trace off"), ("aspace use 0", "aspace use 1"),
               (".cache forcedecodeuser", ".cache nodecodeptes"), (f"map {va:x} {target.facts.device:x} rw", f"unmap {va:x}"),
               ("demand 1000", None)]
    for change, back in changes:
        before = snapshots.before(kd)
        answer = kd.cmd(change)
        assert snapshots.now(kd) != before, change
        kd.cmd(back or "demand -r " + answer.partition("-")[0])


def test_unreadable_memory_is_question_marks(kd):
    assert "????????" in kd.cmd("dd 1000 L4")
    assert "??" in kd.cmd("db 1000 L10")
    assert "not valid" in kd.cmd("pte 1000")


def test_reads_that_leave_the_mapped_range_go_on(kd, target):
    """Nothing, then the first mapped bytes: the dump shows both."""
    direct = target.facts.direct
    assert kd.gva2gpa(direct - 1) is None and kd.gva2gpa(direct) == target.facts.ram
    lines = kd.cmd(f"db {direct - 0x10:x} L20").splitlines()
    assert len(lines) == 2 and "?? ??" in lines[0]
    assert lines[1].replace("-", " ").startswith(
        f"{target.tick(direct)}  " + " ".join(f"{b:02x}" for b in kd.xp(target.facts.ram, 16, "b")) + "  ")


def test_a_line_of_ten_thousand_characters(kd, target):
    kd.send("pte " + "a" * 9996 + "\r")
    answer = kd.wait_prompt(60)
    assert "too long" in answer.splitlines()[-1] or "too long" in answer
    assert f"Evaluate expression: 2 = {target.number(2)}" in kd.cmd("? 1+1")


def test_nul_and_control_sequences_are_ignored(kd, target):
    """Typed in the middle of a command they change nothing but what a line editor does with them."""
    kd.send("? 1\x00+\x1b[99;99z\x1b[200~1\x1bOz\x1f\x00\r")
    assert f"= {target.number(2)}" in kd.wait_prompt()
    assert "Evaluate" in kd.cmd("? 3")


def test_escape_sequences_split_over_reads(kd, target):
    kd.send("? 2+1\x1b")
    kd.send("[")
    kd.send("D\x7f*\r")                # one left, rub out '+', type '*'
    assert f"= {target.number(2)}" in kd.wait_prompt()


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes(kd, target, seed):
    """2,000 bytes of noise; afterwards Ctrl-C, and the shell works as before. Words that would leave are
    not in the alphabet of the noise: it has no letters."""
    rng = random.Random(seed)
    noise = bytes(rng.choice(range(256)) for _ in range(2000))
    noise = bytes(b for b in noise if not (65 <= b <= 90 or 97 <= b <= 122))
    kd.send(noise.decode("latin-1"))
    kd.send("\x03\x15\r")
    kd.send("? 12345+1\r")
    _, _ = kd.expect(rf"Evaluate expression: \d+ = {target.number(0x12346)}", 60)
    kd.wait_prompt()
    assert kd.cmd("? 1") == f"Evaluate expression: 1 = {target.number(1)}"
