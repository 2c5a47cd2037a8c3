# tests/qemu/process.py - programs as the tests see them: run, in the background, and what their files say.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

from machine import BUILD, MachineError

IMAGE = 0x400000


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


def frames(usage):
    """{state: frames} and what else memusage says. Free frames are zeroed when there is time, a slab of the heap that is
    empty again may be kept, a table of the kernel's half is: only the sum stays, and fsck knows whose each is."""
    count = {name: int(n) for name, n in re.findall(r"^ *(\w+): +(\d+) \(", usage, re.M)}
    kept = int(re.search(r"^heap: .* (\d+) frames", usage, re.M)[1])
    count["Free"] += count.pop("Zeroed") + count.pop("Table") + kept
    count["Kernel"] -= kept
    return count, re.sub(r", \d+ frames$", "", usage[usage.index("address space"):], flags=re.M)


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
