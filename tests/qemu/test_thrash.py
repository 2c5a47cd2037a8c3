# tests/qemu/test_thrash.py - thrash, by which page-out is judged, must notice every wrong word.
# SPDX-License-Identifier: MIT
import re
import time

import pytest
from puppet import MASK, PAGE, ask, settle
from test_disk import boot, pagefile  # noqa: F401 (fixtures)
from test_pageout import small  # noqa: F401 (fixture)
from test_pageout_cases import FORMATS


def scatter(x):
    x = (x ^ x >> 16) * 0x85EBCA6B & MASK
    x = (x ^ x >> 13) * 0xC2B2AE35 & MASK
    return x ^ x >> 16


def thrash_word(pid, page, generation, word):
    """What user/thrash.c writes."""
    return scatter((scatter((scatter(pid) + page) & MASK) + generation) & MASK) + word * 0x01000193 & MASK


def start_thrash(machine, *arguments):
    """(pid, address of its pages)"""
    text = ask(machine, f"run thrash {' '.join(arguments)} &")
    pid = int(re.search(r"\[([0-9a-f]+)\] thrash", text)[1], 16)
    for _ in range(100):
        m = re.search(r"^\w+ \( *\d+\) +([0-9a-f`]+) +[0-9a-f`]+ +\d+ Private +READWRITE +anon", ask(machine, f"vad {pid:x}"), re.M)
        if m:
            return pid, int(m[1].replace("`", ""), 16) * PAGE
        machine.pause(0.02)
    raise AssertionError("thrash has no pages")


def words_at(machine, pid, va, count):
    text = ask(machine, f".process /p {pid:x}; dd {va:x} L {count:x}; .process 0")
    return [int(w, 16) for row in re.findall(r"^[0-9a-f`]+ ((?: [0-9a-f]{8})+)", text, re.M) for w in row.split()]


@pytest.mark.targets(*FORMATS)
def test_it_notices_a_word_of_any_other_page(small, target):  # noqa: F811
    """A byte in the middle of a page; the same page of a second process with the same arguments."""
    kd = small(target, 0, "128M")
    for va, value in ((5 * PAGE + 0x801, None), (17 * PAGE + 0xffc, None), (40 * PAGE + 0x124, 41)):
        first, at = start_thrash(kd, "64", "1000000")
        second, _ = start_thrash(kd, "64", "1000000")
        page, word = va // PAGE, va % PAGE // 4
        kd.pause(0.1)
        held = words_at(kd, first, at + va - va % 4, 1)[0]
        assert held in {thrash_word(first, page, generation, word) for generation in range(1, 1 << 17)}
        other = words_at(kd, second, at + va - va % 4, 1)[0]
        new = f"ed {at + va:x} {held:x}" if value else f"eb {at + va:x} {~(other >> va % 4 * 8) & 0xff:x}"
        said = ""
        # Between the check of a page and its write nothing is noticed, and the write removes the change: it is made again then.
        for _ in range(10):
            said += ask(kd, f".process /p {second:x}; {new}; .process 0")
            kd.pause(0.2)
            said += ask(kd)
            if re.search(rf"page {page}, word {word}, generation \d+: [0-9a-f]+, not [0-9a-f]+", said):
                break
        else:
            raise AssertionError(said)
        ask(kd, f"kill {first:x}")
        settle(kd)


@pytest.mark.targets("pae")
def test_it_runs_for_a_time_and_for_many_rounds(small, target):  # noqa: F811
    """A generation has more than eight bits; the limit is one of the machine's own clock."""
    kd = small(target, 0)
    assert "8 pages, 5600 visits, every one found what it left" in ask(kd, "run thrash 8 700")
    began = time.monotonic()
    text = ask(kd, "run thrash -t 2 2")
    assert int(re.search(r"2 pages, (\d+) visits, every one found", text)[1]) > 2 * 256
    assert time.monotonic() - began > 1.9
