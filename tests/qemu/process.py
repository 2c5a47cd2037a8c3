# tests/qemu/process.py - programs as the tests see them: run, in the background, and their pages by a walk of our own.
# SPDX-License-Identifier: MIT
"""The walk reads physical memory through the monitor and knows the formats from the manuals (Intel SDM 3A 4.3 to 4.5,
ARM ARM B3.5 and B3.6): it shares nothing with the kernel."""
import dataclasses
import os
import re
import subprocess

from machine import BUILD, MachineError

IMAGE = 0x400000


@dataclasses.dataclass(frozen=True)
class Page:
    """Where a walk by hand ends."""
    pa: int
    entry: int
    size: int
    writes: bool
    executes: bool


# (shift, index bits) from the root down, bytes of an entry
TABLES = {
    "legacy": (((22, 10), (12, 10)), 4), "pae": (((30, 2), (21, 9), (12, 9)), 8),
    "x64": (((39, 9), (30, 9), (21, 9), (12, 9)), 8), "la57": (((48, 9), (39, 9), (30, 9), (21, 9), (12, 9)), 8),
    "lpae": (((30, 2), (21, 9), (12, 9)), 8), "short": (((20, 12), (12, 8)), 4),
}
ADDRESS = 0x000ffffffffff000


def x86_leaf(paging, level, e, rights):
    writes, executes = rights
    if not (paging == "pae" and level == 2):
        writes, executes = writes and bool(e & 2), executes and not e >> 63 & 1
    return bool(e & 1), level == 0 or (bool(e & 0x80) and level < 3), (writes, executes)


def lpae_leaf(paging, level, e, rights):
    leaf = level == 0 or e & 3 == 1
    if leaf:
        rights = (not e >> 7 & 1, not e >> 54 & 1)
    return bool(e & 1) and (level or e & 3 == 3), leaf, rights


def short_leaf(paging, level, e, rights):
    """AP[2] is bit 9 of a small page and 15 of a section; XN bit 0 and 4."""
    if level == 1:
        return e & 3 in (1, 2, 3), bool(e & 2), (not e >> 15 & 1, not e >> 4 & 1)
    return bool(e & 2), True, (not e >> 9 & 1, not e & 1)


LEAF = {"short": short_leaf, "lpae": lpae_leaf}


def steps(machine, paging, root, va):
    """(shift, entry, present, leaf, rights) of each entry that the way to va goes through, from the root down."""
    levels, size = TABLES[paging]
    table, rights = root, (True, True)
    for i, (shift, bits) in enumerate(levels):
        e = machine.xp(table + (va >> shift & ((1 << bits) - 1)) * size, 1, "w" if size == 4 else "g")[0]
        present, leaf, rights = LEAF.get(paging, x86_leaf)(paging, len(levels) - 1 - i, e, rights)
        yield shift, e, present, leaf, rights
        if leaf or not present:
            return
        table = e & (0xfffffc00 if paging == "short" else ADDRESS)
    raise AssertionError("a walk without an end")


def walk(machine, paging, root, va):
    """The Page at va under root, or None."""
    *_, (shift, e, present, _, rights) = steps(machine, paging, root, va)
    if not present:
        return None
    return Page(e & ADDRESS & -(1 << shift) | (va & ((1 << shift) - 1)), e, 1 << shift, *rights)


def entries(machine, paging, root, va):
    """The entries that the way to va goes through, from the root down."""
    return [e for _, e, *_ in steps(machine, paging, root, va)]


# ---- running

def run(machine, line, timeout=60):
    """Runs a program in the foreground; its output."""
    return machine.cmd("run " + line, timeout)


def settle(machine):
    """A prompt of its own, after whatever a program in the background has printed."""
    machine.send("? 0n42424242\r")
    machine.expect("expression: 42424242 = ")
    machine.wait_prompt()


def start(machine, line, pattern, timeout=60):
    """Runs a program in the background until it has printed pattern; (pid, match)."""
    machine.send(f"run {line} &\r")
    _, match = machine.expect(r"[\r\n]\[([0-9a-f]+)\] " + line.split()[0][:15], timeout)
    pid = int(match[1], 16)
    _, match = machine.expect(pattern, timeout)
    settle(machine)
    return pid, match


def kill(machine, *pids):
    for pid in pids:
        answer = machine.cmd(f"kill {pid:x}")
        if f"[{pid:x}] killed" not in answer:
            raise MachineError(f"kill {pid:x}: {answer}")


def dirbase(machine, pid):
    return int(re.search(r"DirBase: ([0-9a-f]+)", machine.cmd(f"process {pid:x} 0"))[1], 16)


def counts(machine):
    """What processes must leave as they found it: frames by state, heap, committed pages. Idle time moves frames from
    free to zeroed."""
    text = machine.cmd("memusage")
    state = {n: int(v) for n, v in re.findall(r"^ *(\w+): +(\d+) \(", text, re.M)}
    state["Free"] += state.pop("Zeroed")
    heap = re.search(r"heap: (\d+) objects", text)[1]
    assert "zero frame" in text and "all zero" in text, text
    return state, heap, re.findall(r"address space .*: (\d+) pages committed", text)


def clean(machine, timeout=60):
    assert machine.cmd("fsck", timeout).splitlines()[-1:] == ["fsck: clean"]


def fault_counts(machine):
    """{what was done: how often}"""
    return {what: int(n) for n, what in re.findall(r"^ *(\d+)  (\w.*)$", machine.cmd("faults 0"), re.M)}


# ---- what the files say

def symbols(arch, file):
    """{name: address} of the kernel's or a program's file, from nm."""
    text = subprocess.run(["nm", BUILD / arch / file], capture_output=True, text=True, check=True).stdout
    return {name: int(at, 16) for at, _, name in (line.split() for line in text.splitlines())}


def segments(arch, program):
    """[(first page, last page, flags)] of a program, from readelf."""
    text = subprocess.run(["readelf", "-lW", BUILD / arch / "user" / program], capture_output=True, text=True,
                          check=True, env=dict(os.environ, LC_ALL="C")).stdout
    rows = re.findall(r"^ +LOAD +\S+ 0x(\w+) \S+ \S+ 0x(\w+) (.{3})", text, re.M)
    return [(int(at, 16) >> 12, (int(at, 16) + int(size, 16) - 1) >> 12, flags)
            for at, size, flags in rows if int(size, 16)]
