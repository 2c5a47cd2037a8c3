# tests/qemu/test_x86_64.py - what only the 64-bit kernel has: long mode, the documents' layout, five levels, 1 GiB pages.
# SPDX-License-Identifier: MIT
"""What every target has is in test_boot.py, test_oracle.py, test_faults.py; here are the numbers of the documents and of
the Intel SDM."""
import re

import pytest

pytestmark = pytest.mark.targets("x86_64")

LEVELS = {"x64": 4, "la57": 5}


# ---- the documents' layout

def test_entry_addresses_of_the_000_document(shared):
    lines = shared(arch="x86_64", paging="x64").cmd("pte 0xffbe0000").splitlines()
    assert lines[0].strip() == "VA 00000000ffbe0000"
    assert lines[1].split() == ("PXE at FFFFF6FB7DBED000 PPE at FFFFF6FB7DA00018 PDE at FFFFF6FB40003FE8 "
                                "PTE at FFFFF680007FDF00").split()


def test_frame_records_of_the_001_document(kd):
    assert "PFN 00007EB2 at address FFFFEA00001FAC80\n" in kd.cmd("pfn 7eb2")
    assert kd.gva2gpa(0xffffea00001fac80) is not None


# ---- the CPU

@pytest.mark.parametrize("cpu, large", [("max", "1G"), ("max,pdpe1gb=off", "2M")])
def test_the_largest_page_there_is(fresh, cpu, large):
    pages = re.findall(r"^0xffff88[0-9a-f]+-0x[0-9a-f]+ +\d+[KMGT] +(\d+[KMG])", fresh(
        arch="x86_64", mem="4G", cpu=cpu).cmd("ptdump"), re.M)
    assert large in pages and ("1G" in pages) == (large == "1G")


def test_without_long_mode_says_so_and_stops(fresh):
    machine = fresh(arch="x86_64", cpu="qemu32", wait=False)
    machine.expect("no 64-bit mode; the i386 image runs on it")
    machine.expect("stopped")
    assert machine.alive()


def test_without_la57_says_so_and_takes_four_levels(fresh):
    text = fresh(arch="x86_64", paging="la57", cpu="max,la57=off").boot_text
    assert "no five-level paging" in text and "four levels" in text


# ---- traps

@pytest.mark.parametrize("access", "rwx")
def test_an_address_that_is_not_canonical_is_named(kd, target, access):
    va = 1 << 12 + 9 * LEVELS[target.paging] - 1
    answer = kd.cmd(f"touch {va:x} {access}")
    assert f"general protection fault, probably for non-canonical address {va:#x}: 0000 [#" in answer
    assert "---[ end trace" in answer
    assert "is not canonical" in kd.cmd(f"pte {va:x}")
    assert "as predicted" in kd.cmd(f"probe {va:x} {access}")
    # The last one that is canonical is a page fault.
    assert f"#PF: supervisor {'write access' if access == 'w' else 'read access' if access == 'r' else ''}" in kd.cmd(
        f"touch {va - 1:x} {access}")


def test_registers_of_an_oops(kd):
    answer = kd.cmd("touch 1234 r")
    assert re.search(r"^RIP: 0008:\[<ffffffff80[0-9a-f]{6}>\] EFLAGS: [0-9a-f]{8} CPU: 0$", answer, re.M)
    assert re.search(r"^CR0: [0-9a-f]{16} CR2: 0000000000001234 CR3: [0-9a-f]{16} CR4: [0-9a-f]{16}$", answer, re.M)
    shown = dict(re.findall(r"\b(R\w\w): ([0-9a-f]{16})", answer))
    assert set(shown) == {"RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP", *(f"R{n:02}" for n in range(8, 16))}
    told = kd.cmd("r").replace("`", "")
    for name, value in shown.items():
        assert re.search(rf"\b{name.lower().replace('r0', 'r')}={value}", told), name


def test_programs_enter_by_syscall(kd):
    assert kd.registers()["efer"] & 1, "EFER.SCE"
    assert "hello from pid" in kd.cmd("run hello")
    assert "100 processes came and went" in kd.cmd("run forks", timeout=60)
