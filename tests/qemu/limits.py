# tests/qemu/limits.py - time limits that detect hangs only: a machine under load does not reach them.
# SPDX-License-Identifier: MIT
"""A limit is in seconds of a quiet machine of the speed that REFERENCE stands for. What counts against it is

- the time in which the process ran or slept by its own choice. The time that it was ready to run and had no processor is
  subtracted: Linux counts it for each thread (/proc/PID/task/TID/schedstat). Where the system does not count it, the wall
  time is divided by the processes that share a processor. CPU time alone would not do: a kernel that halts uses none.
- divided by how slow the processor is just now, which a loop measures: once at the beginning and again when a limit
  seems to be reached, since a busy sibling thread or another virtual machine slows a process that has its processor.

The clock is the monotonic one: the wall clock of a virtual machine may jump by days."""
import os
import pathlib
import subprocess
import time

REFERENCE = 0.05        # seconds that work() takes on the machine whose seconds the limits are in


def threads(pid):
    """{thread: seconds that it waited for a processor}; None where the system does not count them."""
    found = {}
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            try:
                found[task.name] = int((task / "schedstat").read_text().split()[1]) / 1e9
            except (FileNotFoundError, ProcessLookupError):
                pass        # the thread has ended; or none has the file
    except OSError:
        return None
    return found or None


class Stopwatch:
    """Seconds in which a process could have made progress."""

    def __init__(self, pid):
        self.pid = pid
        self.started = self.last = time.monotonic()
        self.waited = 0.0       # without schedstat: estimated
        self.before = threads(pid)

    def seconds(self):
        now = time.monotonic()
        after = threads(self.pid)
        if self.before is None or after is None:
            share = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
            self.waited += (now - self.last) * (1 - 1 / share)
        else:       # the thread that waited longest: those of a process wait at the same time
            self.waited = max(self.waited, *(s - self.before.get(t, 0.0) for t, s in after.items()))
        self.last = now
        return max(0.0, now - self.started - self.waited)


def work():
    total = 0
    for i in range(1_000_000):
        total += i & 7
    return total


def measure():
    """How many times slower than the reference this processor is now, at least 1; the best of three."""
    def once():
        watch = Stopwatch(os.getpid())
        work()
        return watch.seconds()
    return max(1.0, min(once() for _ in range(3)) / REFERENCE)


class Limit:
    """expired() becomes true when the process has had so many seconds and still has not done what it should."""
    scale = None        # of this machine; measured by the first limit

    def __init__(self, seconds, pid=None):
        if Limit.scale is None:
            Limit.scale = measure()
        self.seconds = seconds
        self.watch = Stopwatch(pid or os.getpid())

    def expired(self):
        if self.watch.seconds() < self.seconds * Limit.scale:
            return False
        return self.watch.seconds() >= self.seconds * max(Limit.scale, measure())


def run(command, limit, **options):
    """subprocess.run with a Limit: a program that seems to hang is killed, and subprocess.TimeoutExpired raised."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **{**pipes, **options}) as child:
        hang = Limit(limit, child.pid)
        while True:
            try:
                out, err = child.communicate(timeout=1)
                return subprocess.CompletedProcess(command, child.returncode, out, err)
            except subprocess.TimeoutExpired:
                if hang.expired():
                    child.kill()
                    child.communicate()
                    raise subprocess.TimeoutExpired(command, limit) from None
