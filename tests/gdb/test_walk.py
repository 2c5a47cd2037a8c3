# tests/gdb/test_walk.py - the gdb walk unattended: what gdb sees, against the kernel's own story.
# SPDX-License-Identifier: MIT
import json
import os
import re
import shutil
import subprocess

import pytest
from machine import ROOT, Boot, Machine

CR0_PG, CR0_WP, CR4_PAE, EFER_NXE = 1 << 31, 1 << 16, 1 << 5, 1 << 11
HIGH = 0xc0000000
GDB = shutil.which("gdb-multiarch") or shutil.which("gdb") or "gdb"


def run_gdb(machine, socket, command, path):
    done = subprocess.run(
        [GDB, "-q", "-batch", "-nx", "-x", "tests/gdb/walk.gdb", "-ex", f"target remote {socket}", "-ex",
         f"{command} {path}", "-ex", "detach"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    machine.monitor_log.append(done.stdout[-3000:] + done.stderr[-3000:])
    assert os.path.exists(path), done.stdout[-3000:] + done.stderr[-3000:]
    with open(path, encoding="utf-8") as f:
        return json.load(f), done.stdout


@pytest.fixture
def stopped(paging, tmp_path):
    """A machine before its first instruction, and the socket for gdb."""
    socket = str(tmp_path / "gdb")
    extra = ("-S", "-chardev", f"socket,id=gdb,path={socket},server=on,wait=off", "-gdb", "chardev:gdb")
    with Machine(Boot(paging=paging, extra=extra), wait=False) as machine:
        yield machine, socket


def rights_at(ranges, va):
    found = [r for r in ranges if r[0] <= va < r[1]]
    return (found[0][2] + va - found[0][0], found[0][3]) if found else None


def test_walk_through_the_switch(stopped, paging, tmp_path):
    machine, socket = stopped
    steps, shown = run_gdb(machine, socket, "mmu-walk", str(tmp_path / "walk.json"))
    before, on, jump, high, kmain = steps
    for step in steps:
        assert step["pc"] == step["expected"], f"{step['label']}: at {step['pc']:x}"
        assert step["symbol"].split("+")[0].split(" ")[0] == step["label"]
        assert re.search(r"\.[cS]:\d+$", step["source"]), f"no source line at {step['label']}"
        assert bool(step["cr4"] & CR4_PAE) == (paging == "pae")
        assert bool(step["efer"] & EFER_NXE) == (paging == "pae")
        assert f"{step['cr3']:08x}" in shown
    assert "cr0" in before["insn"] and not before["cr0"] & CR0_PG and before["map"] is None
    assert on["cr0"] == before["cr0"] | CR0_PG | CR0_WP | on["cr0"]
    assert on["cr0"] & CR0_PG and on["cr0"] & CR0_WP and on["cr3"] == before["cr3"]
    for step in (on, jump):         # the same physical bytes twice: at their own address and at the kernel's
        assert step["pc"] < HIGH and rights_at(step["map"], step["pc"]) == (step["pc"], "r-x-")
        assert rights_at(step["map"], step["sp"])[0] == step["sp"]
    for step in (high, kmain):
        assert step["pc"] >= HIGH and rights_at(step["map"], step["pc"]) == (step["pc"] - HIGH, "r-x-")
    assert high["map"] == on["map"]
    assert kmain["sp"] >= HIGH and "w" in rights_at(kmain["map"], kmain["sp"])[1]
    machine.wait_prompt()
    assert machine.gva2gpa(on["pc"]) is None        # the identity map is gone at the prompt


def test_the_story_is_what_gdb_read(stopped, tmp_path):
    machine, socket = stopped
    stages, _ = run_gdb(machine, socket, "mmu-stages", str(tmp_path / "stages.json"))
    machine.wait_prompt()
    story = machine.cmd("mmu").lower()
    assert len(stages) >= 6
    for seen in stages:
        values = [f"{seen[k]:08x}" for k in ("pc", "cr0", "cr3")]
        line = next((x for x in story.splitlines() if values[0] in x), None)
        assert line, f"no line of the story has pc {values[0]}:\n{story}"
        for value in values:
            assert value in line, f"stage {seen['stage']}: gdb saw {value}, the story says\n{line}"
