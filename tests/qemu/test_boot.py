# tests/qemu/test_boot.py - every way to boot, and the boots that must not succeed, on every target.
# SPDX-License-Identifier: MIT
import re

import oracle
import pexpect
import pytest
import tables
from machine import ROOT, Target, defaults, targets

STAGE_CONTROL, STAGE_ROOT, STAGE_PAGING, STAGE_HIGH, STAGE_PROMPT = 4, 5, 6, 7, 12
STAGES = {1, 2, 3, STAGE_CONTROL, STAGE_ROOT, STAGE_PAGING, STAGE_HIGH, 9, 10, 11, STAGE_PROMPT}
NEVER = 99

CR0_PG_WP, CR4_PSE, CR4_PAE, CR4_LA57 = 1 << 31 | 1 << 16, 1 << 4, 1 << 5, 1 << 12
EFER_LME, EFER_LMA, EFER_NXE = 1 << 8, 1 << 10, 1 << 11
SCTLR_M, SCTLR_C, SCTLR_Z, SCTLR_I, SCTLR_AFE, TTBCR_EAE = 1 << 0, 1 << 2, 1 << 11, 1 << 12, 1 << 29, 1 << 31
SOME = 0    # any bit
# What the boot story is called, and from which stage on the CPU has what its format asks for: (register, bits, stage).
X86 = (("cr0", CR0_PG_WP, STAGE_PAGING), ("cr3", SOME, STAGE_ROOT), ("cr4", CR4_PSE, STAGE_CONTROL))
WIDE = X86 + (("cr4", CR4_PAE, STAGE_CONTROL), ("efer", EFER_NXE, STAGE_CONTROL))
LONG = WIDE + (("efer", EFER_LME, STAGE_CONTROL), ("efer", EFER_LMA, STAGE_PAGING))     # LMA comes with PG
ARM = (*(("sctlr", bit, STAGE_PAGING) for bit in (SCTLR_M, SCTLR_C, SCTLR_Z, SCTLR_I, SCTLR_AFE)),
       ("ttbr0", SOME, STAGE_ROOT))
FORMATS = {
    "pae": ("PAE, three levels", WIDE + (("efer", EFER_LME, NEVER),)),
    "legacy": ("two levels, 32-bit entries", X86 + (("cr4", CR4_PAE, NEVER), ("efer", SOME, NEVER))),
    "x64": ("four levels", LONG + (("cr4", CR4_LA57, NEVER),)),
    "la57": ("five levels", LONG + (("cr4", CR4_LA57, STAGE_CONTROL),)),
    "short": ("ARMv7 short descriptors", ARM + (("ttbcr", TTBCR_EAE, NEVER),)),
    "lpae": ("ARMv7 long descriptors", ARM + (("ttbcr", TTBCR_EAE, STAGE_CONTROL),)),
}


def has(value, bits):
    return value & bits == bits if bits else value != 0


def check_running(machine, target, lacks=()):
    """The CPU is in the state that the format asks for, its tables are of that format, and the kernel says the same."""
    title, state = FORMATS[target.paging]
    assert title in machine.text()
    r = machine.registers()
    for name, bits, stage in state:
        if (name, bits) not in lacks:
            assert has(r.get(name, 0), bits) == (stage != NEVER), (name, r)
    facts = target.facts
    image_end = facts.image_base + (1 << 24)
    assert facts.image_base <= r["pc"] < image_end
    assert f"{r[facts.root]:08x}" in machine.cmd("cr").lower()
    # The tables are of that format where a walk by hand finds what the monitor finds.
    va = facts.direct + 0x1000
    page = tables.walk(machine, target.paging, r[facts.root] & oracle.ROOT_MASK[target.paging], va)
    assert page.pa == machine.gva2gpa(va) == facts.ram + 0x1000
    where = oracle.entry_addresses(machine, target, va)
    answer = machine.cmd(f"pte {va:x}").splitlines()
    assert answer[0].strip() == f"VA {va:x}"
    assert [int(at, 16) for at in re.findall(r"\w+ at ([0-9A-F]+)", answer[1])] == where


# ---- memory

def board(target, mem):
    """[(first, end)] of the RAM that QEMU's board has: a PC's goes on above the hole for devices from 4 GiB on."""
    size = int(mem[:-1]) << {"M": 20, "G": 30}[mem[-1]]
    if target.arch == "armv7":
        return [(target.facts.ram, target.facts.ram + size)]
    low = min(size, 3 << 30)
    return [(1 << 20, low)] + ([(1 << 32, (1 << 32) + size - low)] if size > low else [])


def reach(target):
    """The first physical address that a page of the format cannot have."""
    return 1 << 32 if target.paging in ("legacy", "short") else 1 << 36


FIRMWARE = 1 << 20      # what a PC's keeps of each stretch, at most


def check_runs(machine, target, mem):
    """The usable stretches are what QEMU's board has; what the format cannot reach is reported. Returns [(first, last)]."""
    text = machine.cmd("runs")
    found = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^([0-9a-f]{16})-([0-9a-f]{16}) ", text, re.M)]
    expected = [(a, min(b, reach(target))) for a, b in board(target, mem) if a < reach(target)]
    slack = 0 if target.arch == "armv7" else FIRMWARE
    assert [a for a, _ in found][-len(expected):] == [a for a, _ in expected], text
    for (_, last), (_, end) in zip(found[-len(expected):], expected):
        assert end - slack <= last + 1 <= end, text
    assert sum(b + 1 - a for a, b in found) >> 10 == int(re.search(r"(\d+) KiB usable", text)[1])
    lost = sum(max(0, b - max(a, reach(target))) for a, b in board(target, mem)) >> 10
    assert (f"{lost} KiB above the physical addresses" in text) == (lost > 0), text
    return found


@pytest.mark.parametrize("mem", ["16M", "128M", "1G", "4G", "5G", "8G"])
def test_boots_with(fresh, target, mem):
    machine = fresh(target, mem=mem)
    check_running(machine, target)
    facts = target.facts
    for first, last in check_runs(machine, target, mem):
        for pa in (first, (first + last) // 2 & ~7, last & ~7):
            if pa - facts.ram < facts.direct_bytes:
                assert machine.gva2gpa(facts.direct + pa - facts.ram) == pa
            record = int(re.search(r"at address ([0-9A-F]+)", machine.cmd(f"pfn {pa >> 12:x}"))[1], 16)
            assert machine.gva2gpa(record) is not None
    # The end of the direct map is read the same through it and by the monitor.
    at = min(last + 1, facts.ram + facts.direct_bytes) - 0x1000
    shown = machine.cmd(f"dq {facts.direct + at - facts.ram:x} L1").replace("`", "").split()[-1]
    assert int(shown, 16) == machine.xp(at)[0]
    assert "FAIL" not in machine.cmd("test heap; test frame_runs; test kmap; test kstack", timeout=60)


def test_too_little_memory_is_said(fresh, target):
    machine = fresh(target, wait=False, mem="8M")
    machine.expect(target.facts.too_little)


@pytest.mark.targets("armv7")
def test_so_little_memory_that_the_tree_is_overwritten(fresh, target):
    """QEMU puts the tree in the middle of RAM, which is where the kernel moves to."""
    machine = fresh(target, wait=False, mem="4M")
    machine.expect("no device tree: .*RAM does not reach to\\s+41000000, the kernel")


def test_reserve_keeps_a_range_out(fresh, target):
    first, frames = (target.facts.ram >> 12) + 0x3000, 16
    machine = fresh(target, cmdline=f"reserve={first << 12:#x},{frames * 4096:#x}")
    state = {pfn: machine.cmd(f"pfn {pfn:x}") for pfn in range(first - 1, first + frames + 1)}
    kept = [pfn for pfn, text in state.items() if "Kernel" in text]
    assert kept == list(range(first, first + frames)), state


# ---- choices

@pytest.mark.parametrize("target", defaults(), ids=str)
@pytest.mark.parametrize("asked", ["", "sheep", "leg"])
def test_what_the_kernel_chooses_by_itself(fresh, target, asked):
    """Without a word on the command line, and with one that is none of its formats, which it says."""
    machine = fresh(arch=target.arch, paging=asked)
    check_running(machine, target)
    formats = " ".join(sorted(t.paging for t in targets(target.arch)))
    told = re.search(r"boot: paging=(\w+) .*: (.*)$", machine.boot_text, re.M)
    assert (told and (told[1], " ".join(sorted(told[2].split())))) == ((asked, formats) if asked else None)


@pytest.mark.targets("i386")
@pytest.mark.parametrize("cpu, asked", [("486", ""), ("486", "pae"), ("pentium", ""), ("pentium", "legacy"),
                                        ("pentium2", ""), ("qemu32", "")])
def test_older_cpus(fresh, cpu, asked):
    """Of the other architectures one kernel serves all CPUs or says that it cannot: test_x86_64.py, test_arm.py."""
    machine = fresh(cpu=cpu, paging=asked)
    has_pae = cpu in ("pentium2", "qemu32")
    check_running(machine, Target("i386", "pae" if has_pae else "legacy"), lacks=[("efer", EFER_NXE)])
    assert ("no PAE" in machine.text()) == (not has_pae and asked != "legacy")
    assert "FAIL" not in machine.cmd("test all", timeout=90)


def test_the_command_line_can_run_commands(fresh, target):
    machine = fresh(target, wait=False, cmdline='run="runs; run hello; poweroff"')
    assert machine.wait_exit() in (0, 1)
    assert re.search(r"KiB usable\n.*hello from pid", machine.text(), re.S)


def test_poweroff_and_reboot(fresh, target):
    machine = fresh(target)
    machine.send("poweroff\r")
    assert machine.wait_exit() in (0, 1)
    machine = fresh(target)
    machine.send("reboot\r")
    assert machine.wait_exit() == 0         # -no-reboot turns a reset into an exit
    machine = fresh(target, resets=True)
    machine.send("reboot\r")
    machine.expect(r"reboot")
    again = machine.wait_prompt()
    assert "previous boot" not in again              # powered off


def test_a_clean_boot_reports_no_death(kd):
    assert "died" not in kd.boot_text


@pytest.mark.slow
@pytest.mark.parametrize("via", ["iso", "uefi", "uefi32"])
@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_grub_boots_the_iso(fresh, target, via):
    machine = fresh(arch=target.arch, via=via, mem="256M")
    check_running(machine, target)
    assert "hello from pid" in machine.cmd("run hello")
    assert "FAIL" not in machine.cmd("test all", timeout=120)
    machine.send("poweroff\r")
    assert machine.wait_exit() in (0, 1)


MENU = [(name, Target(name.split("-")[0], {"multiboot1": "pae"}.get(name.split("-")[1], name.split("-")[1])))
        for name in re.findall(r"--id (\S+)", (ROOT / "iso/grub.cfg").read_text())]


def open_menu(machine):
    """Holds Esc down until GRUB shows its menu."""
    for _ in range(1000):
        machine.send("\x1b")
        if machine.serial.spawn.expect(["GNU GRUB", pexpect.TIMEOUT], timeout=0.05) == 0:
            break
    machine.expect("seconds|commands before booting|command-line")


@pytest.mark.parametrize("entry, target", [(n, t) for n, t in MENU if t in targets()], ids=str)
def test_every_entry_of_the_menu_boots(fresh, entry, target):
    machine = fresh(arch=target.arch, via="iso", wait=False)
    open_menu(machine)
    machine.send("\x10" * len(MENU) + "\x0e" * [n for n, _ in MENU].index(entry) + "\r")
    assert FORMATS[target.paging][0] in machine.wait_prompt(60).split("Booting")[-1]
    check_running(machine, target)
    assert "hello from pid" in machine.cmd("run hello")


# ---- the switch

def story(machine):
    """{stage: {name: value}}, and that the stages are in order."""
    lines = re.findall(r"^ *(\d+) (pc [0-9a-f]+ .*?)  [a-z]", machine.cmd("mmu"), re.M)
    stages = [int(stage) for stage, _ in lines]
    assert stages == sorted(STAGES)
    return {int(stage): {n: int(v, 16) for n, v in re.findall(r"(\w+) ([0-9a-f]+)", text)} for stage, text in lines}


def test_the_story(kd, target):
    """mmu tells the switch stage by stage; what it says of the last ones the monitor confirms."""
    told, facts = story(kd), target.facts
    for stage, r in told.items():
        high = stage >= STAGE_HIGH
        assert (r["pc"] >= facts.image_base) == (r["sp"] >= facts.user_end) == high
        assert high or facts.linked <= r["pc"] < facts.linked + (1 << 16)
        for name, bits, since in FORMATS[target.paging][1]:
            assert has(r[name], bits) == (stage >= since), (stage, name)
    # The root that was loaded then translates now, and by hand as the monitor says.
    assert told[STAGE_ROOT][facts.root] == told[STAGE_PAGING][facts.root]
    root = told[STAGE_PAGING][facts.root] & oracle.ROOT_MASK[target.paging]
    pc = told[STAGE_HIGH]["pc"]
    assert tables.walk(kd, target.paging, root, pc).pa == kd.gva2gpa(pc) == pc - facts.image_base + facts.ram
    kd.cmd("aspace use 0")
    assert oracle.root(kd) == root
    kd.cmd("aspace use 1")
    now = kd.registers()
    for name in set(told[STAGE_PROMPT]) - {"pc", "sp"}:
        assert now.get(name, 0) == told[STAGE_PROMPT][name], name


# Of mmu's last line: the word and the bit of the manual.
MODE = {
    "i386": {"NX": ("efer", 11), "WP": ("cr0", 16), "SMEP": ("cr4", 20), "SMAP": ("cr4", 21), "large pages": ("cr4", 4),
             "global pages": ("cr4", 7)},
    "armv7": {"XN": ("sctlr", 0), "AP[2]": ("sctlr", 0), "PXN": ("sctlr", 0), "user memory shut": ("sctlr", 0),
              "large pages": ("sctlr", 0), "global pages": ("sctlr", 0)},      # all there is whenever translation is on
}
MODE["x86_64"] = MODE["i386"]


@pytest.mark.parametrize("lacks", ["", ",smep=off,smap=off", ",nx=off", ",pge=off"])
@pytest.mark.targets("i386", "x86_64")
def test_what_is_on(fresh, target, lacks):
    check_mode(fresh(target, cpu="max" + lacks), target)


@pytest.mark.targets("armv7")
def test_what_is_always_on(kd, target):
    check_mode(kd, target)


def check_mode(machine, target):
    told = machine.cmd("mmu").splitlines()[-1]
    words = dict(re.findall(r", ([^,]+) (on|off)", told))
    now = machine.registers()
    assert words == {word: "on" if now.get(name, 0) >> bit & 1 else "off" for word, (name, bit) in MODE[target.arch].items()}


def test_identity_map(fresh, shared, target):
    """The boot stage is found at its physical address only on request, in the kernel's own root."""
    at = target.facts.linked + 0x123
    for machine, kept in ((fresh(target, cmdline="identity=keep"), True), (shared(target), False)):
        machine.cmd("aspace use 0")
        page = tables.walk(machine, target.paging, oracle.root(machine), at)
        assert (page.pa if page else None) == (at if kept else None)
        # Long descriptors: with TTBCR.EPD0 the kernel itself does not walk that half, nor does the monitor.
        if target.paging != "lpae":
            assert machine.gva2gpa(at) == (at if kept else None)
        machine.cmd("aspace use 1")
        assert machine.gva2gpa(at) is None


# ---- mistakes in the first tables

def for_mistakes(*rows):
    """rows: an error, its message, the targets that can make it."""
    cases = [(t, name, *told) for name, *told, names in rows for t in targets(*names)]
    return pytest.mark.parametrize("target, mistake, told", cases, ids=str)


PC, ALL = ("i386", "x86_64"), ()


@for_mistakes(
    ("jump", "the jump target at c0", ("i386", "armv7")), ("jump", "the jump target at ffffffff80", ("x86_64",)),
    ("stack", "the boot stack at 0010", PC), ("stack", "the boot stack at 402", ("armv7",)),
    ("console", "the boot console at 0010", PC), ("console", "the console at ffe00000", ("armv7",)),
    ("descriptors", "the descriptor table at 0010", PC), ("root", "is not aligned to", ALL),
    # Of short descriptors, with PXN, every first-level type has a meaning and no other bit is reserved.
    ("reserved", "a reserved bit is set, or the entry type is invalid", (*PC, "lpae")))
def test_preflight_names_the_mistake(fresh, target, mistake, told):
    machine = fresh(target, wait=False, cmdline=f"break={mistake}")
    before, found = machine.expect(r"preflight found (\d+) errors?; paging stays off")
    assert int(found[1]) == before.count("preflight: ") >= 1
    assert told in before
    # Untranslated: the monitor finds every address at itself.
    assert machine.gva2gpa(0x12345678) == 0x12345678
    machine.expect("stopped")
    assert machine.alive()


@for_mistakes(
    ("sheep", "boot: break=sheep .*: jump stack console descriptors reserved root\n", ALL),
    ("descriptors", "break: not possible on this machine\n", ("armv7",)),
    ("reserved", "break: no entry of the jump target has a reserved bit in the short format\n", ("short",)))
def test_a_mistake_that_cannot_be_made_is_said(fresh, target, mistake, told):
    """And the machine boots."""
    assert re.search(told, fresh(target, cmdline=f"break={mistake}").boot_text + "\n")


@pytest.mark.targets("i386")
def test_without_large_pages_no_bit_is_reserved(fresh):
    text = fresh(cpu="486,pse=off", cmdline="break=reserved").boot_text
    assert "break: no entry of the jump target has a reserved bit in the legacy format" in text


def wait_for_death(machine, target):
    """A PC resets itself at the third fault. ARM faults in its vectors, at address 0, endlessly: the test must reset it."""
    if target.arch == "armv7":
        for _ in range(10000):
            if machine.registers()["pc"] in range(4, 0x20):
                break
        machine.qmp("system_reset")


DIES = {"jump": {STAGE_PAGING}, "stack": {STAGE_ROOT}, "root": {STAGE_ROOT}, "console": {STAGE_ROOT, STAGE_PAGING},
        "descriptors": {STAGE_ROOT, STAGE_PAGING}, "reserved": {STAGE_PAGING}}


# QEMU takes the reserved bits of PSE-36 (legacy) for an address and runs what it reads there: nothing dies.
@for_mistakes(
    ("jump", "", ALL), ("stack", "", ALL), ("root", "", ALL), ("console", "", ALL), ("descriptors", "", PC),
    ("reserved", "", ("pae", "x64", "la57", "lpae")))
def test_a_boot_that_dies_is_reported_by_the_next(fresh, target, mistake, told):
    """The record of the last stage survives the reset."""
    machine = fresh(target, wait=False, resets=True, cmdline=f"break={mistake} preflight=off")
    wait_for_death(machine, target)
    _, found = machine.expect(r"previous boot failed after stage (\d+)")
    assert int(found[1]) in DIES[mistake]
    assert "preflight" not in machine.text()
