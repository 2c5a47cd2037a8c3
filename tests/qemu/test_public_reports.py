# tests/qemu/test_public_reports.py - inputs from public reports about other tools, typed where a running machine can have them.
# SPDX-License-Identifier: MIT
"""tests/host/paging/test_reports.py has the others, as scenarios."""
import re

import pytest

CANONICAL = {"x64": 47, "la57": 56}


@pytest.fixture
def machine(fresh, target):
    return fresh(target)


def last_entry(machine, va):
    """The last entry that explain shows of va, line by line."""
    return machine.cmd(f"explain {va:x}").split("\n\n")[-2].splitlines()


@pytest.mark.targets("x86_64")
@pytest.mark.parametrize("command", ["pte", "vtop 0", "explain"])
def test_an_address_that_is_not_canonical_is_no_entry(kd, target, command):
    half = 1 << CANONICAL[target.paging]
    for va in (half, (1 << 64) - half - 0x1000, 0x123456789abcde0, half | 0xffe):
        assert f"VA {va:x} is not canonical" in kd.cmd(f"{command} {va:x}")
    for va in (half - 0x1000, (1 << 64) - half):
        assert "canonical" not in kd.cmd(f"{command} {va:x}")


@pytest.mark.targets("i386", "x86_64")
def test_pat_is_no_bit_of_the_frame(machine, target):
    """Bit 7 of a page, bit 12 of a large one."""
    va, pa = target.facts.free, target.facts.device
    machine.cmd(f"map {va:x} {pa:x} rw; touch {va:x} r; setpte {va:x} {pa | 0xe3:x}")
    shown = last_entry(machine, va)
    assert [x for x in shown if re.fullmatch(r"  bit 7 +1 +PAT: IA32_PAT entries 4 to 7", x)]
    assert [x for x in shown if re.fullmatch(rf"  bits \d+:12 +{pa >> 12:x} +PageFrameNumber", x)]
    assert machine.gva2gpa(va) == pa and f"to physical address {pa:x}." in machine.cmd(f"vtop 0 {va:x}")
    large = 0x1c4011e3
    answer = machine.cmd(f"explain {large:x}")
    assert f"{large:x} as a PDE:\n" in answer and re.search(r"^  bit 12 +1 +PAT: ", answer, re.M)
    assert re.search(r"^  bits \d+:2[12] +1c400 +PageFrameNumber$", answer, re.M)
    assert re.search(r"begins at 1c400000\.$", answer, re.M)


@pytest.mark.targets("i386", "x86_64")
def test_what_an_entry_of_a_table_ignores(kd, target):
    """SDM 3A: Dirty and Global of an entry that references a table; A, D and G are no bits of a PDPTE of PAE."""
    parts = kd.cmd(f"explain {target.facts.direct + 0x1000:x}").split("\n\n")[1:-1]
    for entry in parts[:-1]:
        top = entry.startswith("PDPTE") and target.paging == "pae"
        for name in ("Dirty", "Global"):
            words = "zero, as it must be here" if top else "ignored: the entry references a table"
            assert f" {name}: {words}\n" in entry, entry
        assert (" Accessed: " in entry) != top
    assert re.search(r" Dirty: (dirty|clean)\n", parts[-1]) and re.search(r" Global: (not )?global\n", parts[-1])


@pytest.mark.targets("legacy", "pae", "x64", "la57", "short")
@pytest.mark.parametrize("attributes", [0x08, 0x18])
def test_attributes_of_a_root_register_are_no_address(kd, target, attributes):
    """PWT and PCD of CR3, RGN and S of TTBR0."""
    root, va = target.facts.root, target.facts.direct + 0x1000
    pa = f"translates to physical address {kd.gva2gpa(va):x}."
    for dirbase in (f"@{root}", f"@{root}|{attributes:x}"):
        assert kd.cmd(f"vtop {dirbase} {va:x}").endswith(pa)


# MAIR bytes as ATS1CPR leaves them in PAR[63:56] (ARM DDI 0406C B4.1.112).
MEMORY = {0xff: "normal, write-back, write-allocate", 0x04: "device (Device-nGnRE)", 0x44: "normal, non-cacheable"}


@pytest.mark.targets("armv7")
@pytest.mark.parametrize("rights, shareable", [("rw", True), ("rwn", False)])
def test_memory_types_of_arm(machine, target, rights, shareable):
    """What an entry selects, beside what the CPU finds by itself: PAR has the memory attributes in the long format."""
    va = target.facts.free
    machine.cmd(f"map {va:x} {target.facts.device:x} {rights}; touch {va:x} r")
    shown = "\n".join(last_entry(machine, va))
    memory = re.search(r"^  Memory type(?:, with SCTLR\.TRE clear)?: (.*)\.$", shown, re.M)[1]
    if target.paging == "short":
        assert memory == ("normal, write-back, write-allocate" if rights == "rw" else "device, shareable")
        assert re.search(r"^  bit 3 +[01] +C: (not )?cacheable$", shown, re.M)
        assert "client by DACR: permissions are checked" in machine.cmd(f"explain {va:x}")
        return
    par = int(re.search(r"\(PAR ([0-9a-f]+)\)", machine.cmd(f"at {va:x}"))[1], 16)
    assert memory == MEMORY[par >> 56]
    assert ("SH: inner shareable" in shown) == shareable
