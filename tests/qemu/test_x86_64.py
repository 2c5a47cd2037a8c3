# tests/qemu/test_x86_64.py - what only the 64-bit kernel has: long mode, the documents' layout, five levels, 1 GiB pages.
# SPDX-License-Identifier: MIT
"""Oracles: the monitor's gva2gpa and info tlb (QEMU's own table walk), physical memory as the monitor reads it, and
addresses worked out here from the manual (Intel SDM vol. 3A 4.5)."""
import random
import re

import oracle
import pytest
from machine import targets

pytestmark = pytest.mark.targets("x86_64")

X64 = targets("x86_64")
CR0_PG, CR0_WP, CR4_PAE, CR4_LA57, EFER_LME, EFER_LMA, EFER_NXE = (1 << b for b in (31, 16, 5, 12, 8, 10, 11))
IMAGE, DIRECT, FRAMES = 0xffffffff80000000, 0xffff880000000000, 0xffffea0000000000
LEVELS = {"x64": 4, "la57": 5}
TITLE = {"x64": "four levels", "la57": "five levels"}
NAMES = ("PTE", "PDE", "PPE", "PXE", "P5E")
SELFMAP_SLOT = 0x1ed
RECORD_BYTES = 64
STEP = re.compile(r"^ *(\d+) pc ([0-9a-f]+) sp ([0-9a-f]+) cr0 ([0-9a-f]+) cr3 ([0-9a-f]+) cr4 ([0-9a-f]+) "
                  r"efer ([0-9a-f]+)  (.*)$", re.M)
MISTAKES = {"jump": "the jump target", "stack": "the boot stack", "reserved": "a reserved bit is set",
            "root": "not aligned", "console": "the boot console", "descriptors": "the descriptor table"}


def fresh_64(fresh, target, **options):
    return fresh(arch=target.arch, paging=target.paging, **options)


def for_format(name, cases):
    """parametrize over (target, case)."""
    return pytest.mark.parametrize(f"target, {name}", [(t, c) for t in X64 for c in cases], ids=str)


def canonical(va, levels):
    bits = 12 + 9 * levels
    va &= (1 << bits) - 1
    return va | (1 << 64) - (1 << bits) if va >> bits - 1 else va


def entry_address(va, level, levels):
    """Where the entry of va at level stands, by going through the self-map's slot once for each level above it."""
    index = [va >> 12 + 9 * n & 0x1ff for n in range(levels)]
    path = [SELFMAP_SLOT] * (level + 1) + index[:level:-1]
    at = 0
    for n in path:
        at = at << 9 | n
    return canonical(at << 12 | index[level] * 8, levels)


def test_the_self_map_is_where_the_documents_have_it():
    """The reckoning above against the numbers of the documents, so that it can serve as an oracle."""
    assert [entry_address(0xffbe0000, n, 4) for n in (3, 2, 1, 0)] == [
        0xfffff6fb7dbed000, 0xfffff6fb7da00018, 0xfffff6fb40003fe8, 0xfffff680007fdf00]


# ---- the boot

def test_the_story(kd, target):
    steps = {int(s[0]): [int(v, 16) for v in s[1:7]] for s in STEP.findall(kd.cmd("mmu"))}
    assert set(steps) >= {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12}
    for stage, (pc, _, cr0, cr3, cr4, efer) in steps.items():
        assert (pc >= IMAGE) == (stage >= 7) and (pc >= IMAGE or 0x100000 <= pc < 0x110000)
        assert bool(cr0 & CR0_PG) == bool(efer & EFER_LMA) == (stage >= 6), "LMA comes with PG, not with LME"
        assert bool(efer & EFER_LME) == bool(cr4 & CR4_PAE) == bool(efer & EFER_NXE) == (stage >= 4)
        assert bool(cr4 & CR4_LA57) == (target.paging == "la57" and stage >= 4)
        assert bool(cr3) == (stage >= 5)
    assert kd.gva2gpa(steps[7][0]) == steps[7][0] - IMAGE
    r = kd.registers()
    assert (steps[12][2], steps[12][4], steps[12][5]) == (r["cr0"], r["cr4"], r["efer"]) and r["cr0"] & CR0_WP


@for_format("mem", ("16M", "1G", "4G", "8G"))
def test_memory(fresh, target, mem):
    machine = fresh_64(fresh, target, mem=mem)
    assert TITLE[target.paging] in machine.boot_text
    runs = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) +\d+ KiB", machine.cmd("runs"), re.M)]
    assert (runs[-1][1] >= 1 << 32) == (mem in ("4G", "8G"))
    for first, last in runs:
        for pa in (first, (first + last) // 2 & ~7, last & ~7):
            assert machine.gva2gpa(DIRECT + pa) == pa
            assert machine.gva2gpa(FRAMES + (pa >> 12) * RECORD_BYTES) is not None
    # A page of the direct map and of nothing else is read the same by both.
    at = runs[-1][0] + 0x10000
    shown = machine.cmd(f"dq {DIRECT + at:x} L1").replace("`", "").split()[-1]
    assert int(shown, 16) == machine.xp(at)[0]
    assert "FAIL" not in machine.cmd("test heap; test frame_runs; test kstack", timeout=60)


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
    assert "no five-level paging" in text and TITLE["x64"] in text


@pytest.mark.parametrize("via", ["iso", "uefi"])
def test_grub(fresh, via):
    machine = fresh(arch="x86_64", via=via)
    assert TITLE["x64"] in machine.boot_text
    assert "hello from pid" in machine.cmd("run hello")
    machine.send("poweroff\r")
    assert machine.wait_exit() == 0


@for_format("mistake", MISTAKES)
def test_preflight_names_the_mistake(fresh, target, mistake):
    machine = fresh_64(fresh, target, wait=False, cmdline=f"break={mistake}")
    before, found = machine.expect(r"preflight found (\d+) mistakes?; paging stays off")
    assert int(found[1]) >= 1 and MISTAKES[mistake] in before
    assert not machine.registers()["cr0"] & CR0_PG
    machine.expect("stopped")


@for_format("mistake", ("jump", "stack", "reserved", "root"))
def test_without_preflight_the_machine_resets(fresh, target, mistake):
    machine = fresh_64(fresh, target, wait=False, resets=True, cmdline=f"break={mistake} preflight=off")
    _, found = machine.expect(r"previous boot died after stage (\d+)")
    assert int(found[1]) in (5, 6)


def test_identity_map(fresh, target):
    def found(machine):
        root = re.search(r"^ +0 +root ([0-9a-f]+)", machine.cmd("aspace").replace("*", " "), re.M)[1]
        return "physical address 100123." in machine.cmd(f"vtop {root} 100123")
    assert found(fresh_64(fresh, target, cmdline="identity=keep"))
    assert not found(fresh_64(fresh, target))


# ---- tables

def places(kd, va):
    """Names, addresses and contents that pte shows."""
    lines = kd.cmd(f"pte {va:x}").splitlines()
    return [(n, int(a, 16)) for n, a in re.findall(r"(\w+) at ([0-9A-F]{16})", lines[1])], \
        [int(c, 16) for c in re.findall(r"contains ([0-9A-F]{16})", lines[2])]


def test_entries_stand_where_the_self_map_puts_them(kd, target):
    levels = LEVELS[target.paging]
    for va in (0xffbe0000, IMAGE + 0x108000, DIRECT, 0xffffc90000001000, 0x7fffffff000):
        where, what = places(kd, va)
        assert where == [(NAMES[n], entry_address(va, n, levels)) for n in range(levels - 1, -1, -1)]
        # What it printed is what stands there, through the self-map and in memory.
        for (_, at), entry in zip(where, what):
            if entry:
                assert kd.xp(kd.gva2gpa(at))[0] & ~0x60 == entry & ~0x60


def test_ptdump_is_info_tlb(kd):
    oracle.compare(kd, "pae")       # large pages are of 2 MiB here, too: there is no whole GiB


def test_no_frame_is_writable_and_executable(kd):
    writable, executable = set(), set()
    for pa, size, letters in oracle.parse_info_tlb(kd.monitor("info tlb"), 2 << 20).values():
        frames = range(pa >> 12, (pa + size) >> 12)
        if letters[8] == "W" and letters[7] == "-":     # a table's own entry has every right, its self-map's none
            writable.update(frames)
        if letters[0] != "X" and letters[7] == "-":
            executable.update(frames)
    assert executable and not writable & executable


def test_random_addresses_with_gva2gpa(kd, target):
    rng = random.Random(f"gva {target}")
    pages = list(oracle.parse_info_tlb(kd.monitor("info tlb"), 2 << 20).items())
    some = [va + rng.randrange(size) for va, (_, size, _) in rng.sample(pages, 25)]
    some += [canonical(rng.getrandbits(64), LEVELS[target.paging]) for _ in range(15)] + [0, 0x1000, (1 << 64) - 1]
    for va in some:
        expected = kd.gva2gpa(va)
        answer = kd.cmd(f"vtop 0 {va:x}").splitlines()[-1]
        assert answer == (f"Virtual address {va:x} translation fails, error 0xD0000147." if expected is None else
                          f"Virtual address {va:x} translates to physical address {expected:x}.")


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


def test_a_stack_overflow_is_reported_from_another_stack(kd):
    for _ in range(3):
        answer = kd.cmd("overflow")
        assert "double fault: 0000 [#" in answer and "---[ end trace" in answer


def test_programs_enter_by_syscall(kd):
    assert kd.registers()["efer"] & 1, "EFER.SCE"
    assert "hello from pid" in kd.cmd("run hello")
    assert "100 processes came and went" in kd.cmd("run forks", timeout=60)
