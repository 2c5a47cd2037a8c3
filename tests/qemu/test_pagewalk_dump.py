# tests/qemu/test_pagewalk_dump.py - pagewalk on a dump of this machine's memory gives the kernel's own answers.
# SPDX-License-Identifier: MIT
"""The monitor writes the dump; the settings are what the kernel says of its CPU, the root is the CPU's."""
import fcntl
import os
import re
import subprocess

import limits
import oracle
import pytest
import tables
from machine import ROOT
from process import dirbase
from puppet import Evicted, Puppet, ask

PROGRAM = ROOT / "build" / "host" / "pagewalk_checked"
MEM = 128 << 20


@pytest.fixture(scope="module", autouse=True)
def built(tmp_path_factory):
    with open(tmp_path_factory.getbasetemp().parent / "pagewalk.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "-C", ROOT, "pagewalk_checked"], check=True)


def walker(kd, target, root):
    """Runs a command on the memory as it is now, with these tables. The caller removes the file."""
    facts = target.facts
    path = os.path.join(kd.directory, "dump")
    kd.qmp("pmemsave", val=facts.ram, size=MEM, filename=path)
    mode = kd.cmd("mmu").splitlines()[-1]
    on = {name.lower() for name in re.findall(r"(\w+) on", mode)}
    settings = [f"format={target.paging}", f"root={root:x}", f"base={facts.ram:x}",
                f"pa_bits={re.search(r'now: ([0-9]+) physical', mode)[1]}"]
    if target.paging in tables.SELF_MAP:
        settings += [f"selfmap={tables.SELF_MAP[target.paging]:x}", *(f"{n}={n in on:d}" for n in ("nx", "wp", "smep", "smap"))]
    else:
        settings += [f"direct={facts.direct - facts.ram:x}", "direct_size=60000000"]
        settings += ["pxn=1"] if target.paging == "short" else []

    def run(line):
        done = limits.run([PROGRAM, path, *settings, *line.split(" ")], 60)
        return done.stdout.rstrip("\n"), done.stderr
    return path, run


@pytest.fixture
def dump(kd, target):
    path, run = walker(kd, target, oracle.root(kd))
    yield run
    os.unlink(path)


def test_the_answers_are_the_kernels(kd, target, dump):
    kmain = int(re.search(r"= ([0-9a-f`]+)$", kd.cmd("? kmain"))[1].replace("`", ""), 16)
    direct = target.facts.direct + 0x100000
    lines = [f"{c} {kmain:x}" for c in ("pte", "vtop 0", "entries", "db", "dw", "dd", "dq", "dc", "predict")]
    lines = [line + " w" if line.startswith("predict") else line for line in lines]
    lines += [f"predict {kmain:x} r user", f"predict {kmain:x} x", f"predict {direct:x} x", "predict 0 w", "pte 0", "vtop 0 0",
              f"pte {direct:x} L3", f"vtop 0 {direct:x}", f"!dd {target.facts.ram + 0x100000:x} L8", "dt nt!_MMPTE_HARDWARE",
              f"cmp {kmain:x} L8 {kmain + 8:x}", f"s -b {kmain:x} L100 {kd.cmd(f'db {kmain:x} L1').split()[1]}",
              f"? poi({kmain:x})", f".formats dwo({kmain:x})", "pte 1 1", "explain 0", "ptdump 0 ffff",
              f"ptdump {kmain & ~0xfff:x} {kmain | 0xfff:x}"]
    if target.paging in tables.SELF_MAP:
        size = tables.TABLES[target.paging][1]
        entry = tables.SELF_MAP[target.paging] + ((direct & (1 << 48) - 1) >> 12) * size
        lines += [f"pte2va {entry:x}", f"dt nt!_MMPTE_HARDWARE {tables.SELF_MAP[target.paging]:x}"]
    for line in lines:
        ours, err = dump(line)
        live = "\n".join(row.rstrip() for row in kd.cmd(line).splitlines() if not row.startswith("---["))
        assert "\n".join(row.rstrip() for row in ours.splitlines()) == live and err == "", line


def test_whomaps_finds_what_the_kernel_finds(kd, target, dump):
    """Of the loaded space: the dump has one root."""
    frame = (target.facts.ram >> 12) + 0x100
    live = set(re.findall(r" at ([0-9a-f]+), page of", kd.cmd(f"whomaps {frame:x}", 60)))
    ours = set(re.findall(r"(?: at | )([0-9a-f]+), page of", dump(f"whomaps {frame:x}")[0]))
    assert live and live <= ours


def test_mistakes_are_named_in_the_same_words(kd, dump):
    for line in ("pte 1+", "dt nt!_X 1", "db 1 L", "vtop 0 1 2", "nonsense 1", "predict 1 q", "s -z 1 L1 1", "? @zz"):
        ours = dump(line)[1].splitlines()[-1].strip()
        assert ours.startswith("^ ") and ours == kd.cmd(line).splitlines()[-1].strip(), line


WARNING = "CompressedPageDataReader warning: failed to get _SM_PAGE_KEY symbol."


def test_a_page_of_the_compressed_store(fresh, target):
    """Kernel and dump know the slot, and not the block: WinDbg's warning, once for a command, until the page is in memory."""
    kd = fresh(target)
    kd.cmd("pagefile compressed 1M")
    p = Puppet(kd, 4)
    p.write(1)
    p.to_the_file(0, 3)
    path, run = walker(kd, target, dirbase(kd, p.pid))
    ask(kd, f".process /p {p.pid:x}")
    at = p.va(0)
    for line, warnings in ((f"db {at:x} L40", 1), (f"dq {at:x} L800", 1), (f"dw {p.va(3) - 2:x} L4", 1),
                           (f"s -b {at:x} L 3000 12 34 56", 1), (f"dt nt!_MMPTE_HARDWARE {at:x}", 1),
                           (f"dd {p.va(3):x} L4", 0), (f"db {p.va(4) - 4:x} L10", 0)):
        live, (ours, _) = kd.cmd(line, 60), run(line)
        assert live.count(WARNING) == ours.count(WARNING) == warnings, (line, live, ours)
    os.unlink(path)
    ask(kd, f"pagein {p.pid:x} {at:x}")
    assert WARNING not in kd.cmd(f"db {at:x} L10") and WARNING in kd.cmd(f"db {p.va(1):x} L10")
    peb = Evicted()
    peb.machine, peb.pid, peb.at, peb.pages = kd, p.pid, target.facts.peb, 1
    peb.to_the_file()
    answer = ask(kd, f".process /p {p.pid:x}; peb")
    assert re.search(rf"^{re.escape(WARNING)}\nPEB is paged out .*\n +PageFile: 2, ", answer, re.M), answer
    kd.cmd(".process 0")
    p.quit()
