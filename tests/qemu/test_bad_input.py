# tests/qemu/test_bad_input.py - whatever is typed: one clear line, nothing changed, the prompt back.
# SPDX-License-Identifier: MIT
import random
import re

import pytest

pytestmark = pytest.mark.targets("i386")
WRONG = [
    "nosuchcommand", "pte", "pte 1 2 3 4 5", "pte xyzzy!", "pte 0xg", "pte (1", "pte 1 +", "pte @nosuch",
    "pte 1/0", "pte " + "(" * 100, "vtop", "vtop 0", "db c0000000 L", "db c0000000 Lzz", "dq @cr9", "touch",
    "touch c0000000 q", "map", "map 1 2 3 4 5 6 7 8 9", "unmap 0", "unmap 123", "protect c0000000", "protect 1 zz",
    "demand", "demand 0", "demand -r 12345678", "demand -z 1000", "demand ffffffffffffffff", "trace maybe",
    "pfn ffffffffff", "pfn -1", "map fffff000 fffffffff000 rw", "map c0000001 1000 rw", "0x", "\\", "'", '"', '"abc',
    "%s%n%x", "pte %s", "help nosuch", "test nosuch", ".", "!", "!!", ";;;", "pte ;", "; pte", "poi(", "db poi(0)",
    "reserve", "pte nt!nosuch", "?", "? 1 +", "123 456",
]


def state(machine):
    """What wrong input must not change."""
    return machine.cmd("memusage"), machine.cmd("ptdump"), machine.registers()["cr3"]


def stable(state):
    """Looking may set accessed and dirty bits, idle time moves free frames to the zeroed pool; everything else stays."""
    usage, dump, cr3 = state
    free = re.compile(r" *(?:Free|Zeroed): +(\d+) .*\n")
    usage = sum(map(int, free.findall(usage))), free.sub("", usage)
    return usage, re.sub(r"[-CGLDANTUKWREV]{11}", lambda m: m[0][:3] + m[0][5:], dump), cr3


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_line_gets_one_answer(kd_default, line):
    before = stable(state(kd_default))
    answer = kd_default.cmd(line)
    # One line says what is wrong; what goes well on the way there (memory that cannot be read) may print more.
    assert len(answer.splitlines()) <= 8, answer
    assert sum("^" in text for text in answer.splitlines()) <= 1
    assert "BUG" not in answer and "Oops" not in answer and "assert" not in answer.lower()
    if line.strip(";! .\"'"):
        assert answer.strip(), "nothing was said"
    assert stable(state(kd_default)) == before


@pytest.fixture
def kd_default(shared):
    machine = shared()
    machine.cmd("ptdump")       # sets the accessed bits that looking sets
    return machine


def test_unreadable_memory_is_question_marks(kd):
    assert "????????" in kd.cmd("dd 1000 L4")
    assert "??" in kd.cmd("db 1000 L10")
    assert "not valid" in kd.cmd("pte 1000")


def test_reads_that_leave_the_mapped_range_go_on(kd):
    """The last mapped bytes, then nothing: the dump shows both."""
    answer = kd.cmd("db bffffff0 L20")
    assert answer.count("\n") == 1 and "?? ??" in answer.splitlines()[0]
    assert re.match(r"c0000000\b", answer.splitlines()[1])
    assert "? ?" not in answer.splitlines()[1][:60]


def test_a_line_of_ten_thousand_characters(kd_default):
    kd_default.send("pte " + "a" * 9996 + "\r")
    answer = kd_default.wait_prompt(60)
    assert "too long" in answer.splitlines()[-1] or "too long" in answer
    assert "Evaluate expression: 2 = 00000002" in kd_default.cmd("? 1+1")


def test_nul_and_control_sequences_are_ignored(kd_default):
    """Typed in the middle of a command they change nothing but what a line editor does with them."""
    kd_default.send("? 1\x00+\x1b[99;99z\x1b[200~1\x1bOz\x1f\x00\r")
    assert "= 00000002" in kd_default.wait_prompt()
    assert "Evaluate" in kd_default.cmd("? 3")


def test_escape_sequences_split_over_reads(kd_default):
    kd_default.send("? 2+1\x1b")
    kd_default.send("[")
    kd_default.send("D\x7f*\r")                # one left, rub out '+', type '*'
    assert "= 00000002" in kd_default.wait_prompt()


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes(kd_default, seed):
    """2,000 bytes of noise; afterwards Ctrl-C, and the shell works as before. Words that would leave are
    not in the alphabet of the noise: it has no letters."""
    rng = random.Random(seed)
    noise = bytes(rng.choice(range(256)) for _ in range(2000))
    noise = bytes(b for b in noise if not (65 <= b <= 90 or 97 <= b <= 122))
    kd_default.send(noise.decode("latin-1"))
    kd_default.send("\x03\x15\r")
    kd_default.send("? 12345+1\r")
    _, _ = kd_default.expect(r"Evaluate expression: \d+ = 00012346", 60)
    kd_default.wait_prompt()
    assert kd_default.cmd("? 1") == "Evaluate expression: 1 = 00000001"
