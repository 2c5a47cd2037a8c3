# tests/gdb/test_walk.py - the gdb walk unattended: what gdb sees, against the kernel's own story.
# SPDX-License-Identifier: MIT
import json
import os
import re
import subprocess

import limits
import pytest
from machine import ARCHES, BUILD, ROOT, Boot, Machine

CR0_PG, CR0_WP, CR4_PAE, CR4_LA57, EFER_LMA, EFER_NXE = 1 << 31, 1 << 16, 1 << 5, 1 << 12, 1 << 10, 1 << 11
SCTLR_M, TTBCR_EAE = 1, 1 << 31


def gdb_output(machine, port, *commands):
    arch = machine.boot.arch
    gdb = subprocess.run([ROOT / "tests/gdb/find", arch], capture_output=True, text=True, check=True).stdout.strip()
    done = limits.run(
        [gdb, "-q", "-batch", "-nx", "-x", "tests/gdb/walk.gdb", "-ex", f"target remote 127.0.0.1:{port}",
         *(word for command in commands for word in ("-ex", command)), "-ex", "detach"], 120, cwd=ROOT,
        env=dict(os.environ, ARCH=arch, BUILD=str(BUILD)))
    machine.monitor_log.append(done.stdout[-3000:] + done.stderr[-3000:])
    return done.stdout


def run_gdb(machine, port, command, path):
    shown = gdb_output(machine, port, f"{command} {path}")
    assert os.path.exists(path), shown[-3000:]
    with open(path, encoding="utf-8") as f:
        return json.load(f), shown


@pytest.fixture
def stopped(target):
    """A machine before its first instruction, and gdb's port, which QEMU is asked to choose."""
    with Machine(Boot(arch=target.arch, paging=target.paging, extra=("-S",)), wait=False) as machine:
        machine.monitor("gdbserver tcp:127.0.0.1:0")
        pid = machine.process.pid
        yield machine, listening_port(pid)


def listening_port(pid):
    """The TCP port on which the process listens: the kernel knows, QEMU does not say."""
    inodes = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        link = os.readlink(f"/proc/{pid}/fd/{fd}")
        inodes.update(re.findall(r"socket:\[(\d+)\]", link))
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as f:
        for fields in (line.split() for line in f.readlines()[1:]):
            if fields[3] == "0A" and fields[9] in inodes:
                return int(fields[1].partition(":")[2], 16)
    raise AssertionError("QEMU's gdb server listens nowhere")


def rights_at(ranges, va):
    found = [r for r in ranges if r[0] <= va < r[1]]
    return (found[0][2] + va - found[0][0], found[0][3]) if found else None


def check_x86(target, steps):
    before, on = steps[0], steps[1]
    wide = target.paging != "legacy"
    for step in steps:
        assert bool(step["cr4"] & CR4_PAE) == wide and bool(step["efer"] & EFER_NXE) == wide
        assert bool(step["cr4"] & CR4_LA57) == (target.paging == "la57")
    assert "cr0" in before["insn"] or target.arch == "x86_64"       # gdb takes 32-bit code there for 64-bit
    assert not before["cr0"] & CR0_PG
    assert on["cr0"] & CR0_PG and on["cr0"] & CR0_WP and on["cr3"] == before["cr3"]
    assert bool(on["efer"] & EFER_LMA) == (target.arch == "x86_64")


def check_arm(target, steps):
    before, on = steps[0], steps[1]
    assert not before["sctlr"] & SCTLR_M and on["sctlr"] & SCTLR_M and on["ttbr0"] == before["ttbr0"]
    assert bool(on["ttbcr"] & TTBCR_EAE) == (target.paging == "lpae")


def test_walk_through_the_switch(stopped, target, tmp_path):
    machine, port = stopped
    steps, shown = run_gdb(machine, port, "mmu-walk", str(tmp_path / "walk.json"))
    before, on, high, kmain = steps[0], steps[1], steps[-2], steps[-1]
    for step in steps:
        assert step["pc"] == step["expected"], f"{step['label']}: at {step['pc']:x}"
        assert re.search(r"\.[cS]:\d+$", step["source"]), f"no source line at {step['label']}"
        assert step["label"] in shown
    assert len(re.findall(r"^    map: .* <- pc$", shown, re.M)) == len(steps) - 1    # all but the one before the switch
    assert before["map"] is None
    (check_arm if target.arch == "armv7" else check_x86)(target, steps)
    high_base = ARCHES[target.arch].image_base
    for step in steps[1:-2]:         # the same physical bytes twice: at their own address and at the kernel's
        assert step["pc"] < high_base and rights_at(step["map"], step["pc"]) == (step["pc"], "r-x-")
        assert rights_at(step["map"], step["sp"])[0] == step["sp"]
    assert rights_at(high["map"], high["pc"])[0] == rights_at(kmain["map"], kmain["pc"])[0] + high["pc"] - kmain["pc"]
    for step in (high, kmain):
        assert step["pc"] >= high_base and rights_at(step["map"], step["pc"])[1] in ("r-x-",)
    assert high["map"] == on["map"]
    assert kmain["sp"] >= high_base and "w" in rights_at(kmain["map"], kmain["sp"])[1]
    machine.wait_prompt()
    assert machine.gva2gpa(on["pc"]) is None        # the identity map is removed at the prompt


@pytest.mark.parametrize("interface", ["bt", 'interpreter-exec mi "-stack-list-frames"'])
def test_frames_in_the_switch_have_names(stopped, target, interface):
    """The kernel's ELF carries the boot stage's bytes; the functions in them are boot.elf's."""
    machine, port = stopped
    shown = gdb_output(machine, port, "thbreak *mmu_switch", "continue", interface)
    named = {"bt": r"^#\d+ .*?(\S+) \(", 'interpreter-exec mi "-stack-list-frames"': r'func="([^"]*)"'}[interface]
    names = re.findall(named, shown, re.M)
    assert names[0] == "mmu_switch", shown
    if target.arch != "x86_64":         # there gdb takes the 32-bit stack for a 64-bit one
        assert "??" not in names[:names.index("boot_main")], shown


def test_the_story_is_what_gdb_read(stopped, target, tmp_path):
    machine, port = stopped
    stages, _ = run_gdb(machine, port, "mmu-stages", str(tmp_path / "stages.json"))
    machine.wait_prompt()
    story = [line.lower() for line in machine.cmd("mmu").splitlines() if re.match(r" *\d+ pc ", line)]
    names = ("sctlr", "ttbr0") if target.arch == "armv7" else ("cr0", "cr3")
    assert len(stages) >= 8 and len(stages) == len(story), story
    for seen, line in zip(stages, story):
        assert int(line.split()[0]) == seen["stage"]
        for name in ("pc", *names):
            told = re.search(rf"\b{name} ([0-9a-f]+)", line)
            assert told and int(told[1], 16) == seen[name], f"gdb saw {name} {seen[name]:x}, the story says\n{line}"


def test_one_step_at_a_time(stopped, target):
    """mmu-next stops before each step, the maps say what changed, and pagewalk sees what the CPU translates at each stop."""
    machine, port = stopped
    end = {"armv7": 5, "i386": 5, "x86_64": 6}[target.arch]
    shown = gdb_output(machine, port, *["mmu-next", "vtop $pc"] * end, "mmu-next")
    stops = re.split(r"^    steps left: \d; mmu-next$|^    the last step; .*$", shown, flags=re.M)
    assert len(stops) == end + 1
    assert "Paging is off" in stops[1] and all("translates to physical address" in one for one in stops[2:])
    assert "map: translation is off" in stops[0] and "    map: as before\n" in stops[2] and " <- pc" in stops[2]
    # Before kmain runs nothing was unmapped; what the first map had is not listed again.
    assert not re.search(r"^    map: [-+]", stops[2], re.M)
    # After the last step mmu-next goes nowhere.
    assert "map:" not in stops[end]
