# tests/qemu/test_machine.py - the harness itself: limits that a busy host does not reach, and a fresh machine after one.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess
import sys
import time

import limits
import pexpect
import pytest
from limits import Limit, Stopwatch
from machine import ROOT, Console, Keeper, MachineError, built

BUSY = "while True: pass"


@pytest.fixture
def one_processor():
    """Starts Python programs that all run on one processor."""
    children, processor = [], min(os.sched_getaffinity(0))

    def start(text):
        children.append(subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, preexec_fn=lambda: (
            os.sched_setaffinity(0, {processor}))))
        return children[-1]
    yield start
    for child in children:
        child.kill()
        child.wait()


def watched(child, seconds):
    watch = Stopwatch(child.pid)
    time.sleep(seconds)
    return watch.seconds() / (time.monotonic() - watch.started)


@pytest.mark.skipif(limits.threads(os.getpid()) is None, reason="this system does not count how long a thread waits")
def test_waiting_for_a_processor_does_not_count(one_processor):
    sleeper = one_processor("import time; print(flush=True); time.sleep(600)")
    sleeper.stdout.readline()
    child = one_processor(BUSY)
    for _ in range(5):
        one_processor(BUSY)
    time.sleep(1)
    assert watched(child, 4) < 0.5
    assert watched(sleeper, 2) > 0.5


def test_without_the_systems_count_the_load_stands_for_it(monkeypatch):
    monkeypatch.setattr(limits, "threads", lambda pid: None)
    monkeypatch.setattr(os, "getloadavg", lambda: (4.0 * os.cpu_count(), 0.0, 0.0))
    watch = Stopwatch(os.getpid())
    time.sleep(0.4)
    assert 0.05 < watch.seconds() < 0.3


def test_a_slow_processor_gets_more(monkeypatch):
    """The loop is measured again when a limit seems to be reached."""
    monkeypatch.setattr(Limit, "scale", 1.0)
    limit = Limit(0.3)
    time.sleep(0.6)
    monkeypatch.setattr(limits, "measure", lambda: 100.0)
    assert not limit.expired()
    monkeypatch.setattr(limits, "measure", lambda: 1.0)
    assert limit.expired()


def test_a_limit_ends_a_program_that_hangs():
    with pytest.raises(subprocess.TimeoutExpired):
        limits.run([sys.executable, "-c", BUSY], 0.5)
    assert limits.run([sys.executable, "-c", "print(1)"], 30).stdout == "1\n"


@pytest.mark.targets("i386")
def test_after_a_limit_the_machine_is_another_one(shared, target):
    """The late answer of the one that was given up is not read by what comes next."""
    machine = shared(target, mem="64M")
    machine.qmp("stop")
    with pytest.raises(MachineError, match="said nothing like it"):
        machine.cmd("? 1", timeout=0.5)
    machine.qmp("cont")
    other = shared(target, mem="64M")
    assert other is not machine and machine.process.poll() is not None
    assert other.cmd("? 2") == "Evaluate expression: 2 = 00000002"


class Given:
    """A machine as a keeper sees it."""
    made = 0

    def __init__(self):
        Given.made += 1
        self.failed = self.closed = False

    def alive(self):
        return not self.failed

    def close(self):
        self.closed = True


def test_a_keeper_replaces_what_failed():
    keeper = Keeper(Given)
    first = keeper.get()
    assert keeper.get() is first
    first.failed = True
    second = keeper.get()
    assert second is not first and first.closed and not second.closed
    keeper.close()
    assert second.closed


@pytest.mark.parametrize("delay", [0, 2.5])
def test_all_that_came_before_the_pattern_is_returned(delay):
    """Also what came in earlier slices of the wait."""
    read, write = os.pipe()
    child = subprocess.Popen([sys.executable, "-c", f"""
import os, time
for n in range(5):
    os.write({write}, b"line %d\\n" % n)
    time.sleep({delay} / 5)
os.write({write}, b"kd> rest")
"""], pass_fds=[write])
    try:
        before, match = Console(read, child.pid).expect("kd> ", 60)
        assert before == "".join(f"line {n}\n" for n in range(5)) and match[0] == "kd> "
    finally:
        child.wait()
        os.close(read)
        os.close(write)


def test_the_wall_clock_may_jump(monkeypatch):
    """A virtual machine that is moved: pexpect counts in the wall clock."""
    read, write = os.pipe()
    console = Console(read, os.getpid())
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + 1e6 * (time.monotonic() % 1 > 0.5))
    started = time.monotonic()
    with pytest.raises(pexpect.TIMEOUT):
        console.expect("nothing", 3)
    assert time.monotonic() - started >= 3
    os.close(read)
    os.close(write)


def test_the_version_is_shown(kd):
    """By `mmu` and by `help`."""
    version = re.search(r'^#define VERSION "(.*)"$', (ROOT / "lib/version.h").read_text(), re.M)[1]
    assert f"Pageturner {version}" in kd.cmd("mmu").splitlines()
    assert f"Pageturner {version}. " in kd.cmd("help")


@pytest.mark.parametrize("arch", ["i386", "x86_64"])
def test_the_iso_is_named_after_the_version(arch):
    """ISO 9660, primary volume descriptor, bytes 40 to 71."""
    version = re.search(r'^#define VERSION "(.*)"$', (ROOT / "lib/version.h").read_text(), re.M)[1]
    with open(built("pageturner.iso", arch), "rb") as f:
        f.seek(0x8000)
        descriptor = f.read(2048)
    assert descriptor[1:6] == b"CD001"
    assert descriptor[40:72].decode().rstrip() == "PAGETURNER_" + version.replace(".", "_")
