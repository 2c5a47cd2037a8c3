# tests/qemu/test_crowd.py - many processes that fork, and random system calls, with less memory than they need.
# SPDX-License-Identifier: MIT
"""LONG=1: for minutes."""
import os
import re

import pytest
from limits import Limit
from machine import targets
from puppet import MIB, clean, no_slot_is_used, settle, slots, wait_for_the_last
from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, SMALL, driver_of

LONG = bool(os.environ.get("LONG"))


def until_pages_leave(kd):
    """After a program was started that needs more than the memory: what follows finds it full, however fast it is."""
    kd.wait_prompt()
    limit = Limit(120, kd.process.pid)
    while not slots(kd)[2]:
        assert not limit.expired(), "there is room"
        kd.pause(0.1)


@pytest.mark.timeout(7200 if LONG else 1200)
@every(CASES)
def test_64_processes_fork_under_pressure(boot, pagefile, target, driver):  # noqa: F811
    """They have 64 times 1/8 of the pages of their own, and their children the same: several times the memory."""
    mem = SMALL[target.arch]
    kd = boot(target, driver, pagefile(192 * MIB), mem=mem)
    pages, rounds = int(mem[:-1]) * 40, 20 if LONG else 1
    answer = kd.cmd(f"run crowd 64 {pages} {rounds}", 3600 if LONG else 300)
    assert f"64 children and as many of theirs, {rounds} times: every word is right" in answer, answer
    assert "Out of memory" not in kd.text() and slots(kd)[2] > 1000
    no_slot_is_used(kd)


@pytest.mark.parametrize("target", [t for t in targets() if t.paging in ("legacy", "pae", "x64", "short")], ids=str)
def test_a_fork_waits_for_room(boot, pagefile, target):  # noqa: F811
    """All frames are modified pages of one process when another one forks: pages leave for the tables of the child."""
    mem = SMALL[target.arch]
    kd = boot(target, driver_of(target), pagefile(64 * MIB), mem=mem)
    kd.send(f"run thrash {int(mem[:-1]) * 300} 100 7 &\r")
    until_pages_leave(kd)
    answer = kd.cmd("run forks 60 300", 300)
    assert "60 processes came and went" in answer, answer
    assert "hello" in kd.cmd("run hello", 60)
    pid = re.search(r"^ *([0-9a-f]+) .*thrash", kd.cmd("ps"), re.M)
    if pid:
        kd.cmd(f"kill {pid[1]}", 60)
    settle(kd)
    clean(kd)


@pytest.mark.timeout(7200 if LONG else 2400)
@every(CASES)
def test_system_calls_under_pressure(boot, pagefile, target, driver):  # noqa: F811
    """The fuzzer, with a process beside it that uses more pages than there is memory."""
    mem = SMALL[target.arch]
    kd = boot(target, driver, pagefile(64 * MIB), mem=mem)
    kd.send(f"run thrash {int(mem[:-1]) * 350} 200 &\r")
    until_pages_leave(kd)
    for seed in range(1, 20 if LONG else 2):
        answer = kd.cmd(f"run fuzz {seed} {20000 if LONG else 2000}", 3600 if LONG else 600)
        assert re.search(rf"fuzz: seed {seed}, \d+ calls in \d+ trees, \d+ succeeded", answer), answer
        settle(kd)
        clean(kd)
    pid = re.search(r"^ *([0-9a-f]+) .*thrash", kd.cmd("ps"), re.M)
    if pid:
        kd.cmd(f"kill {pid[1]}", 60)
    kd.cmd("wait", 60)
    # A tree ends with its root: processes below it may still run.
    wait_for_the_last(kd, "thrash", "fuzz", "nothing")
    no_slot_is_used(kd)
    assert "hello" in kd.cmd("run hello", 60)
