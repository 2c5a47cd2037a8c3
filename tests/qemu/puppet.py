# tests/qemu/puppet.py - `puppet`: a program that does step by step what a test stores in its box, and what its pages must hold.
# SPDX-License-Identifier: MIT
import re
import struct

from limits import Limit
from machine import normalise

PAGE, MIB, MASK = 4096, 1 << 20, 0xFFFFFFFF
OPERATIONS = ("", "write", "check", "kernel_writes", "protect", "in_child", "fork", "children", "churn", "rounds", "dont_need",
              "quit")
READ, WRITE, EXECUTE = 1, 2, 4


def stamp(pid, page, generation):
    """The bytes of a page that process `pid` wrote: `stamp` and `puppet` compute the same."""
    first = (pid * 0x9E3779B1 & MASK) ^ (page * 0x85EBCA6B & MASK) ^ (generation * 0xC2B2AE35 & MASK)
    return struct.pack("<1024I", *((first + i * 0x01000193) & MASK for i in range(1024)))


def ask(machine, line="", seconds=60):
    """What the kernel prints for the command line. Lines of programs and of the kernel, which come at any time, may be among it."""
    machine.send((f"{line}; " if line else "") + "? 4711+1\r")
    before, _ = machine.expect("= [0`]*4712[^0-9a-f]", seconds)
    machine.wait_prompt()
    return normalise(before)


def settle(machine):
    """After output of a program: the next command gets its own answer."""
    ask(machine)


def place(entry):
    """(file, offset) that a `pte` text names."""
    return int(re.search(r"PageFile: ([0-9a-f]+)", entry)[1], 16), int(re.search(r"Offset: ([0-9a-f]+)", entry)[1], 16)


def slots(machine):
    """(in use, bad, written, read) of page file 0."""
    m = re.search(r"(\d+) of \d+ usable slots in use, (\d+) bad; (\d+) pages written, (\d+) read", ask(machine, "pagefile"))
    return tuple(map(int, m.groups()))


def free(machine):
    """Frames that can be used at once."""
    return sum(int(n) for n in re.findall(r"(?:Free|Zeroed|Standby): +(\d+) ", ask(machine, "memusage")))


def clean(machine):
    answer = ask(machine, "fsck")
    assert re.search(r"^fsck: clean$", answer, re.M), answer


def no_slot_is_used(machine):
    """A write that was in flight when its process was killed has its slot until it ends."""
    limit = Limit(60, machine.process.pid)
    while slots(machine)[0]:
        assert not limit.expired(), slots(machine)
        machine.pause(0.05)
    assert slots(machine)[1] == 0
    clean(machine)


def running(machine, *names):
    """{pid: state} of processes with one of these names that have not ended."""
    rows = re.findall(r"^[ *]([0-9a-f]{4,}) +\d+ +[0-9a-f]{4,} (\w+) .* (\S+)$", ask(machine, "ps"), re.M)
    return {pid: state for pid, state, name in rows if name in names and state != "ended"}


def wait_for_the_last(machine, *names):
    """Until no process has one of these names. A child of the fuzzer may compute endlessly, since it overwrites its own memory:
    such a one is ended. One that sleeps in the kernel must come back by itself."""
    limit, killed = Limit(60, machine.process.pid), False
    while left := running(machine, *names):
        if limit.expired():
            assert not killed and not set(left.values()) - {"ready", "running"}, left
            limit, killed = Limit(60, machine.process.pid), True
            for pid in left:
                ask(machine, f"kill {pid}")
        machine.pause(0.05)


def in_the_image(image, offset):
    """The bytes of a slot, as the host reads them."""
    with open(image, "rb") as f:
        f.seek(offset * PAGE)
        return f.read(PAGE)


class Evicted:
    """Pages of a process, from the shell: self.machine, self.pid, self.at and self.pages."""

    def va(self, page):
        return self.at + page * PAGE

    def pte(self, page):
        return ask(self.machine, f".process /P {self.pid:x}; pte {self.va(page):x}; .process 0")

    def ptes(self, pages):
        """{page: text}"""
        ask(self.machine, f".process /P {self.pid:x}")
        found = {page: ask(self.machine, f"pte {self.va(page):x}") for page in pages}
        ask(self.machine, ".process 0")
        return found

    def evict(self, first=0, count=None):
        return ask(self.machine, f"evict {self.pid:x} {self.va(first):x} L {count or self.pages:x}", 60)

    def to_the_file(self, first=0, count=None):
        """Until each entry names a slot."""
        count = count or self.pages
        for _ in range(200):
            moved = self.evict(first, count)
            if ("0 of" in moved or count == 1) and all("PageFile" in t for t in self.ptes((first, first + count - 1)).values()):
                return
            self.machine.pause(0.05)
        raise AssertionError("the pages did not get to the file: " + self.pte(first))

    def places(self, pages):
        """{page: (file, offset)}, as `pte` prints them."""
        return {page: place(text) for page, text in self.ptes(pages).items()}


class Puppet(Evicted):
    """A running `puppet`. start() and finish(), or do() for both: the operations and arguments of user/puppet.c."""

    def __init__(self, machine, pages=16, parent=None, pid=None):
        self.machine, self.pages, self.ended = machine, pages, 0
        if parent:
            self.pid, self.at, self.box, self.ended = pid, parent.at, parent.box, parent.ended
            return
        machine.send(f"run puppet {pages} &\r")
        _, m = machine.expect(r"pid 0n(\d+): \d+ pages at 0x([0-9a-f]+), box 0x([0-9a-f]+)[\r\n]", 60)
        self.pid, self.at, self.box = int(m[1]), int(m[2], 16), int(m[3], 16)
        settle(machine)

    def start(self, name, *arguments):
        words = " ".join(f"{a & MASK:x}" for a in (*(arguments + (0,) * 5)[:5], OPERATIONS.index(name)))
        for _ in range(100):        # the page of the box may be in the page file
            answer = ask(self.machine, f".process /p {self.pid:x}; ed {self.box:x} {words}; .process 0")
            if "^" not in answer:
                return
            self.machine.pause(0.02)
        raise AssertionError(answer)

    def stop(self):
        """Ends churn; its result."""
        self.start("write")
        return self.finish()

    def is_done(self):
        """(whether the operation has ended, its result). Not while the box is in the page file."""
        answer = ask(self.machine, f".process /p {self.pid:x}; dd {self.box:x} L 8; .process 0", 60)
        rows = re.findall(r"^[0-9a-f`]+  ([0-9a-f]{8}(?: [0-9a-f]{8}){3})", answer, re.M)
        words = [int(w, 16) for row in rows for w in row.split()]
        return len(words) == 8 and words[6] != self.ended, words[7] if len(words) == 8 else None

    def finish(self, seconds=120):
        limit = Limit(seconds, self.machine.process.pid)
        while not limit.expired():
            done, result = self.is_done()
            if done:
                self.ended += 1
                return result
            self.machine.pause(0.02)
        raise AssertionError(f"pid {self.pid}: the operation does not end")

    def do(self, name, *arguments, seconds=120):
        self.start(name, *arguments)
        return self.finish(seconds)

    def write(self, generation, first=0, count=None, stride=1):
        assert self.do("write", first, count or self.pages - first, generation, stride) == 0

    def check(self, generation, first=0, count=None, owner=0, stride=1):
        assert self.do("check", first, count or self.pages - first, generation, owner, stride) == 0, "wrong words"

    def fork(self):
        child = Puppet(self.machine, self.pages, parent=self, pid=self.do("fork"))
        for _ in range(500):        # before it has counted the fork, it takes no operation
            done, result = child.is_done()
            if not done and result is not None:
                return child
            self.machine.pause(0.02)
        raise AssertionError(f"pid {child.pid} does not begin")

    def quit(self):
        self.start("quit")
        for _ in range(200):
            if f"{self.pid:04x}" not in running(self.machine, "puppet"):
                return
            self.machine.pause(0.02)
        raise AssertionError(f"pid {self.pid} does not end")

    def kill(self):
        ask(self.machine, f"kill {self.pid:x}")
