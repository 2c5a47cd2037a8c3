# tests/qemu/test_boot.py - every way to boot, and the boots that must not succeed.
# SPDX-License-Identifier: MIT
import re

import pytest
from machine import Boot, Machine

CR0_PG, CR0_WP, CR4_PSE, CR4_PAE, CR4_PGE = 1 << 31, 1 << 16, 1 << 4, 1 << 5, 1 << 7
PDE = {"pae": "FFFFF000", "legacy": "FFFFFC00"}
PTE = {"pae": "FFE00008", "legacy": "FFF00004"}
MISTAKES = {
    "jump": "the jump target",
    "stack": "the boot stack",
    "reserved": "a reserved bit is set",
    "root": "not aligned",
}
# These the CPU would only need later: not every one resets the machine at once.
LATER = {"console": "the boot console", "descriptors": "the descriptor table"}
STAGE_CONTROL, STAGE_ROOT, STAGE_PAGING = 4, 5, 6


def check_running(machine, paging, pse=True):
    """The CPU is in the state that the format asks for, and the kernel says the same."""
    r = machine.registers()
    assert r["cr0"] & CR0_PG and r["cr0"] & CR0_WP
    assert bool(r["cr4"] & CR4_PAE) == (paging == "pae")
    assert not pse or r["cr4"] & CR4_PSE
    assert 0xc0000000 <= r["pc"] < 0xf8000000
    assert f"{r['cr3']:08x}" in machine.cmd("cr").lower()
    answer = machine.cmd("pte 0xc0001000").splitlines()
    # Self-map: entries of 8 bytes at FF800000, of 4 bytes at FFC00000 at the very top.
    assert answer[0].strip() == "VA c0001000"
    assert answer[1].split() == f"PDE at {PDE[paging]} PTE at {PTE[paging]}".split()


@pytest.mark.parametrize("paging, mem", [("pae", "16M"), ("pae", "128M"), ("pae", "5G"), ("pae", "8G"),
                                         ("legacy", "16M"), ("legacy", "128M"), ("legacy", "5G")])
def test_boots_with(fresh, paging, mem):
    check_running(fresh(paging=paging, mem=mem), paging)


def test_pae_is_the_default(shared):
    check_running(shared(), "pae")


@pytest.mark.parametrize("cpu, asked", [("486", ""), ("486", "pae"), ("pentium", ""), ("pentium", "legacy"),
                                        ("pentium2", ""), ("qemu32", "")])
def test_older_cpus(fresh, cpu, asked):
    machine = fresh(cpu=cpu, paging=asked)
    has_pae = cpu in ("pentium2", "qemu32")
    check_running(machine, "pae" if has_pae else "legacy", pse=cpu != "486")
    assert ("no PAE" in machine.text()) == (not has_pae and asked != "legacy")
    assert "FAIL" not in machine.cmd("test all", timeout=90)


def test_too_little_memory_is_said(fresh):
    machine = fresh(wait=False, mem="2M")
    _, said = machine.expect(r"(?i)(at least|needs?) \d+ ?M")
    assert said


def test_poweroff_and_reboot(fresh):
    machine = fresh()
    machine.send("poweroff\r")
    assert machine.wait_exit() in (0, 1)
    machine = fresh()
    machine.send("reboot\r")
    assert machine.wait_exit() == 0         # -no-reboot turns a reset into an exit
    machine = fresh(resets=True)
    machine.send("reboot\r")
    machine.expect(r"reboot")
    again = machine.wait_prompt()
    assert "died" not in again              # left on purpose


def test_the_story(kd, paging):
    """mmu tells the switch stage by stage; what it says of the last one the monitor confirms."""
    stages = {int(m[0]): [int(v, 16) for v in m[1:]] for m in re.findall(
        r"^ *(\d+) pc ([0-9a-f]+) sp [0-9a-f]+ cr0 ([0-9a-f]+) cr3 ([0-9a-f]+) cr4", kd.cmd("mmu"), re.M)}
    assert not stages[STAGE_ROOT][1] & CR0_PG and stages[STAGE_PAGING][1] & CR0_PG
    assert stages[STAGE_PAGING][0] < 0xc0000000 <= stages[STAGE_PAGING + 1][0]
    assert stages[STAGE_ROOT][2] == stages[STAGE_PAGING][2] != 0
    kd.cmd("aspace use 0")
    assert kd.registers()["cr3"] == stages[STAGE_PAGING][2]
    kd.cmd("aspace use 1")


@pytest.mark.parametrize("mem, runs", [("16M", [(0x100000, 16 << 20)]), ("5G", [(0x100000, 3 << 30), (1 << 32, 6 << 30)])])
def test_runs(shared, mem, runs):
    """The usable stretches are what QEMU's board has: with 4 GiB and more, RAM goes on above the hole for devices."""
    text = shared(mem=mem).cmd("runs")
    found = [(int(a, 16), int(b, 16) + 1) for a, b in re.findall(r"^([0-9a-f]{16})-([0-9a-f]{16}) ", text, re.M)]
    for first, end in runs:
        assert any(a == first and end - (1 << 20) < b <= end for a, b in found), text
    assert sum(b - a for a, b in found) >> 10 == int(re.search(r"(\d+) KiB usable", text)[1])


def test_the_command_line_can_run_commands(fresh):
    machine = fresh(wait=False, cmdline='run="cr; poweroff"')
    assert machine.wait_exit() in (0, 1)
    assert re.search(r"(?i)cr0", machine.text())


@pytest.mark.parametrize("mistake", MISTAKES | LATER)
def test_preflight_names_the_mistake(fresh, paging, mistake):
    if (paging, mistake) == ("legacy", "reserved"):
        # Without PSE-36's big page there is no reserved bit in a two-level entry: the option says so.
        machine = fresh(wait=False, paging=paging, cmdline=f"break={mistake}")
        machine.expect(r"no entry .* has a reserved bit|preflight found \d+ mistake")
        return
    machine = fresh(wait=False, paging=paging, cmdline=f"break={mistake}")
    before, found = machine.expect(r"preflight found (\d+) mistakes?; paging stays off")
    assert int(found[1]) >= 1
    assert (MISTAKES | LATER)[mistake] in before
    assert not machine.registers()["cr0"] & CR0_PG
    machine.expect(r"stopped")
    assert machine.alive()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_without_preflight_the_machine_resets(paging, mistake, fresh):
    if (paging, mistake) == ("legacy", "reserved"):
        paging = "pae"      # see above
    machine = fresh(wait=False, paging=paging, resets=True, cmdline=f"break={mistake} preflight=off")
    _, found = machine.expect(r"previous boot died after stage (\d+)")
    assert int(found[1]) in (STAGE_ROOT, STAGE_PAGING, STAGE_CONTROL)
    assert "preflight" not in machine.text()


def test_a_clean_boot_reports_no_death(kd):
    assert "died" not in kd.boot_text


def test_identity_map(fresh, shared, paging):
    """The low megabyte is readable at its physical address only on request, in the kernel's own root."""
    for machine, where in ((fresh(paging=paging, cmdline="identity=keep"), 0x100000), (shared(paging=paging), None)):
        machine.cmd("aspace use 0")
        assert machine.gva2gpa(0x100000) == where
        machine.cmd("aspace use 1")
        assert machine.gva2gpa(0x100000) is None


def test_reserve_keeps_a_range_out(fresh):
    base, frames = 0x3000000, 16
    machine = fresh(cmdline=f"reserve={base:#x},{frames * 4096:#x}")
    state = {pfn: machine.cmd(f"pfn {pfn:x}") for pfn in (*range((base >> 12) - 1, (base >> 12) + frames + 1),)}
    kept = [pfn for pfn, text in state.items() if "Kernel" in text]
    assert kept == list(range(base >> 12, (base >> 12) + frames)), state


@pytest.mark.slow
@pytest.mark.parametrize("via", ["iso", "uefi"])
def test_grub_boots_the_iso(via):
    with Machine(Boot(via=via, mem="256M")) as machine:
        check_running(machine, "pae")
        assert "FAIL" not in machine.cmd("test all", timeout=120)
