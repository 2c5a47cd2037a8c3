# tests/qemu/test_arm.py - what only ARM has: device tree, two images, fault status, its oops, the CPU as witness.
# SPDX-License-Identifier: MIT
"""Oracles: the monitor's gva2gpa (QEMU's own table walk), physical memory as the monitor reads it, and what the
CPU's translation instructions leave in PAR."""
import random
import re

import pytest
from machine import built, targets

pytestmark = pytest.mark.targets("armv7")

ARM = targets("armv7")

RAM = 0x40000000
LINKED = 0x40200000
BASE = 0xc0000000
UART, UART_VA = 0x09000000, 0xffe00000
M, C, Z, I, AFE, EAE = 1 << 0, 1 << 2, 1 << 11, 1 << 12, 1 << 29, 1 << 31
TITLE = {"short": "ARMv7 short descriptors", "lpae": "ARMv7 long descriptors"}
ENTRY = {"short": 4, "lpae": 8}
STEP = re.compile(r"^ *(\d+) pc ([0-9a-f]+) sp ([0-9a-f]+) sctlr ([0-9a-f]+) ttbr0 ([0-9a-f]+) ttbcr ([0-9a-f]+) "
                  r"dacr ([0-9a-f]+)  (.*)$", re.M)


def fresh_arm(fresh, target, **options):
    return fresh(arch=target.arch, paging=target.paging, **options)


def for_format(name, cases, only=()):
    """parametrize over (target, case...), of the formats that are to be tested."""
    rows = [(t, *c) for t in ARM for c in cases if not only or t.paging in only]
    return pytest.mark.parametrize(f"target, {name}", rows, ids=lambda v: str(v) or "-")


def symbol(machine, name):
    """Address of a kernel symbol, from the expression evaluator."""
    return int(re.search(r"= ([0-9a-f`]+)$", machine.cmd(f"? {name}"))[1].replace("`", ""), 16)


def registers(machine):
    """Name: value, of all that `r` shows."""
    return {n: int(v, 16) for n, v in re.findall(r"\b([a-z]+\d*)=([0-9a-f]+)", machine.cmd("r"))}


def root(machine, target):
    ttbr0 = registers(machine)["ttbr0"] & 0xffffffff
    return ttbr0 & ~0x3fff if target.paging == "short" else ttbr0


# ---- the boot

@for_format("mem, kib", [("16M", 16 << 10), ("64M", 64 << 10), ("1G", 1 << 20), ("5G", 5 << 20)])
def test_memory_of_the_device_tree(fresh, target, mem, kib):
    machine = fresh_arm(fresh, target, mem=mem)
    assert TITLE[target.paging] in machine.text()
    beyond = (target.paging, mem) == ("short", "5G")    # pages of short descriptors have 32 address bits
    kib = 3 << 20 if beyond else kib
    runs = machine.cmd("runs")
    assert re.search(rf"^0+{RAM:x}-0*{RAM + (kib << 10) - 1:x} +{kib} KiB$", runs, re.M), runs
    assert ("beyond the reach" in runs) == beyond
    assert machine.gva2gpa(BASE) == RAM
    assert machine.gva2gpa(BASE + (16 << 20) - 1) == RAM + (16 << 20) - 1
    assert "FAIL" not in machine.cmd("test heap; test frame_runs; test kmap", timeout=60)


def test_too_little_memory_is_said(fresh, target):
    machine = fresh_arm(fresh, target, wait=False, mem="8M")
    machine.expect(r"RAM must reach from 40000000 to 41000000 and does not")
    machine.expect("stopped")


@for_format("paging", [("",), ("pae",)], only=("short",))
def test_short_is_the_default(fresh, target, paging):
    assert TITLE["short"] in fresh(arch=target.arch, paging=paging).boot_text


@for_format("cpu, options", [("cortex-a15", "virtualization=on"), ("cortex-a15", "secure=on"), ("cortex-a7", "")])
def test_other_cpus_and_modes(fresh, target, cpu, options):
    """HYP mode is left at once; secure mode and other cores are the same."""
    machine = fresh_arm(fresh, target, cpu=cpu, extra=("-machine", options) if options else ())
    assert "hello from pid" in machine.cmd("run hello")
    machine.send("poweroff\r")
    assert machine.wait_exit() == 0


@for_format("image, loaded", [("pageturner.bin", RAM + 0x10000), ("pageturner.elf", LINKED)], only=("short",))
def test_the_stub_runs_anywhere(fresh, target, image, loaded):
    """A raw image is loaded below its place and moves itself there; an ELF is loaded where it is linked."""
    machine = fresh_arm(fresh, target, initrd=image.endswith("bin"), extra=("-kernel", str(built(image, "armv7"))))
    told = machine.cmd("mmu")
    moved = f"loaded at {loaded:08x} and moved there" if loaded != LINKED else "loaded there"
    assert f"boot stage linked at {LINKED:08x}, {moved};" in told
    text, pa = re.search(r"kernel linked at ([0-9a-f]+), loaded at ([0-9a-f]+)", told).groups()
    assert int(text, 16) - int(pa, 16) == BASE - RAM
    assert machine.xp(int(pa, 16), size="w") == machine.xp(machine.gva2gpa(int(text, 16)), size="w")


def test_initrd_and_command_line_come_with_the_tree(fresh, target):
    machine = fresh_arm(fresh, target, wait=False, cmdline='run="run hello"')
    machine.expect(r"hello from pid")


def test_the_story(kd, target):
    steps = {int(s[0]): [int(v, 16) for v in s[1:7]] for s in STEP.findall(kd.cmd("mmu"))}
    assert set(steps) >= {1, 2, 3, 4, 5, 6, 7, 9, 10, 11}
    for stage, (pc, sp, sctlr, ttbr0, ttbcr, _) in steps.items():
        high = stage >= 7
        assert (pc >= BASE and sp >= BASE) == high
        assert pc >= BASE or LINKED <= pc < LINKED + (1 << 20)
        assert bool(sctlr & M) == (stage >= 6), "translation goes on between 5 and 6"
        assert not stage >= 6 or sctlr & (C | I | Z | AFE) == C | I | Z | AFE
        assert bool(ttbcr & EAE) == (target.paging == "lpae" and stage >= 4)
        assert bool(ttbr0) == (stage >= 5)
    # Every instruction of the story stands where the monitor finds it: the boot stage's in memory, untranslated.
    assert kd.gva2gpa(steps[7][0]) == steps[7][0] - BASE + RAM
    assert steps[5][3] & 0xfffff000 == steps[6][3] & 0xfffff000


def test_identity_map(fresh, kd, target):
    """Under the root that the boot stage made; a process's has a user half of its own."""
    def found(machine):
        root0 = re.search(r"^ +0 +root ([0-9a-f]+)", machine.cmd("aspace").replace("*", " "), re.M)[1]
        return f"physical address {LINKED + 0x123:x}." in machine.cmd(f"vtop {root0} {LINKED + 0x123:x}")
    assert found(fresh_arm(fresh, target, cmdline="identity=keep"))
    assert not found(kd)
    assert kd.gva2gpa(LINKED) is None


MISTAKES = {
    "jump": "the jump target at c0", "stack": "the boot stack at 402", "console": "the console at ffe00000",
    "root": "is not aligned to", "reserved": "a reserved bit is set, or there is no such type",
}


@for_format("mistake", [(m,) for m in MISTAKES])
def test_preflight_names_the_mistake(fresh, target, mistake):
    machine = fresh_arm(fresh, target, wait=False, cmdline=f"break={mistake}")
    if (target.paging, mistake) == ("short", "reserved"):
        # With PXN every first-level type has a meaning: there is nothing to get wrong, and it is said.
        machine.expect(r"no entry of the jump target has a reserved bit in the short format")
        return
    before, found = machine.expect(r"preflight found (\d+) mistakes?; paging stays off")
    assert int(found[1]) >= 1 and MISTAKES[mistake] in before
    machine.expect("stopped")
    # Untranslated: the monitor finds every address at itself.
    assert machine.gva2gpa(0x12345678) == 0x12345678


def test_a_boot_that_dies_is_reported_by_the_next(fresh, target):
    """Without the preflight the jump faults for ever; the record of the last stage survives a reset."""
    machine = fresh_arm(fresh, target, wait=False, resets=True, cmdline="break=jump preflight=off")
    for _ in range(200):
        if machine.gva2gpa(LINKED) == LINKED and machine.gva2gpa(RAM + (64 << 20)) is None:
            break       # translation is on
    machine.qmp("system_reset")
    _, found = machine.expect(r"previous boot died after stage (\d+)")
    assert int(found[1]) == 6


def test_poweroff_and_reboot(fresh, target):
    machine = fresh_arm(fresh, target)
    machine.send("poweroff\r")
    assert machine.wait_exit() == 0
    machine = fresh_arm(fresh, target, resets=True)
    machine.send("reboot\r")
    machine.expect("reboot")
    assert "died" not in machine.wait_prompt()


# ---- translation: the kernel's walker, the monitor's, the CPU's

LINE = re.compile(r"^0x([0-9a-f]{8})-0x([0-9a-f]{8}) +\d+[KMGT] +(\d+)([KMG]) (\S+) pa ([0-9a-f]+)", re.M)
SIZE = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def mapped(machine):
    """(first, last, page size, letters, pa) of each range of ptdump."""
    return [(int(a, 16), int(b, 16), int(n) * SIZE[u], letters, int(pa, 16))
            for a, b, n, u, letters, pa in LINE.findall(machine.cmd("ptdump", timeout=60))]


def interesting(machine, seed, count=40):
    """Addresses at the ends of every range, in them, and anywhere."""
    rng = random.Random(f"arm {seed}")
    ranges = mapped(machine)
    assert len(ranges) > 5
    ends = [va for first, last, *_ in ranges for va in (first, last, first - 1, last + 1)]
    inside = [rng.randrange(first, last + 1) for first, last, *_ in ranges for _ in range(3)]
    anywhere = [rng.randrange(1 << 32) for _ in range(count)]
    return sorted({va for va in ends + inside + anywhere + [0, RAM, LINKED, 0xffffffff] if 0 <= va < 1 << 32})


def test_every_range_is_what_the_monitor_sees(kd):
    for first, last, size, _, pa in mapped(kd):
        assert first % size == 0 and pa % size == 0
        for va in (first, first + (last - first) // 2, last):
            assert kd.gva2gpa(va) == pa + va - first, f"{va:x}"


def test_vtop_and_the_monitor_agree(kd, target):
    for va in interesting(kd, target):
        expected = kd.gva2gpa(va)
        answer = kd.cmd(f"vtop 0 {va:x}").splitlines()[-1]
        if expected is None:
            assert answer == f"Virtual address {va:x} translation fails, error 0xD0000147."
        else:
            assert answer == f"Virtual address {va:x} translates to physical address {expected:x}."


def test_pte_shows_what_is_in_memory(kd, target):
    """The descriptors that `pte` prints, read by the monitor at the places that it prints."""
    size = "w" if target.paging == "short" else "g"
    for va in (symbol(kd, "kmain"), BASE + (64 << 20), UART_VA):
        answer = kd.cmd(f"pte {va:x}")
        where = re.findall(r"L\d at ([0-9A-F]{8})", answer)
        what = re.findall(r"contains ([0-9A-F]+)", answer)[:len(where)]
        assert where
        for address, entry in zip(where, what):
            assert kd.xp(kd.gva2gpa(int(address, 16)), size=size) == [int(entry, 16)]


@pytest.mark.parametrize("access", ["r", "w", "ru", "wu"])
def test_the_cpu_is_a_witness(kd, target, access):
    """ATS1CPR and kin walk the tables in hardware: address for address and right for right as the walker says."""
    answers = set()
    for va in interesting(kd, f"{target} {access}", count=15):
        cpu, walker = kd.cmd(f"at {va:x} {access}").splitlines()
        cpu = re.fullmatch(r"CPU: +\w+ \w+ of [0-9a-f]+: (?:([0-9a-f]+)|fault) \(PAR .*\)", cpu)[1]
        walker = re.fullmatch(r"walker: +\w+ \w+ of [0-9a-f]+: (?:([0-9a-f]+)|fault)", walker)[1]
        assert cpu == walker, f"{va:x}"
        if cpu and access == "r":
            assert int(cpu, 16) == kd.gva2gpa(va)
        answers.add(cpu is None)
    assert answers == ({True} if "u" in access else {True, False})     # kd has no user memory


def test_the_image_is_w_xor_x(kd):
    writable, executable = set(), set()
    for first, last, _, letters, pa in mapped(kd):
        frames = range(pa >> 12, (pa + last - first + 1) >> 12)
        if "W" in letters:
            writable.update(frames)
        if "E" in letters or "X" in letters:
            executable.update(frames)
    assert executable and not writable & executable
    assert "passed" in kd.cmd("ptdump").splitlines()[-1]


def test_devices_are_device_memory(kd, target):
    """The UART's page is not cacheable and never executable; the monitor finds it at its bus address."""
    assert kd.gva2gpa(UART_VA) == UART
    letters = re.findall(r"pfn 9000 +(\S+)", kd.cmd(f"pte {UART_VA:x}"))[-1]
    assert "N" in letters and "E" not in letters and "X" not in letters


@pytest.mark.targets("lpae")
def test_lpae_shares_the_kernels_directory(fresh, target):
    """Every root's fourth entry names the directory that TTBR1 has."""
    machine = fresh_arm(fresh, target)
    directory = registers(machine)["ttbr1"]
    machine.cmd("run spin &")
    roots = [int(r, 16) for r in re.findall(r"root ([0-9a-f]+)", machine.cmd("aspace"))]
    assert len(roots) >= 2
    for at in roots:
        assert machine.xp(at + 3 * 8)[0] & 0xfffffff000 == directory


# ---- faults

FAULT = {       # what is touched and how: status of the short and of the long format, without the write bit
    "vmalloc r": (0x5, 0x206), "0 r": (0x5, 0x205), "text w": (0xf, 0x20f), "data x": (0xf, 0x20f),
    "ram x": (0xd, 0x20e), "vmalloc w": (0x5, 0x206),
}
WHERE = {"vmalloc": "f7000000", "0": "0", "text": "kmain", "data": "boot_info", "ram": "c0400000"}
HEAD = {"0": "NULL pointer dereference"}


@pytest.mark.parametrize("what", FAULT)
def test_fault_status(fresh, target, what):
    place, access = what.split()
    machine = fresh_arm(fresh, target)
    answer = machine.cmd(f"touch {WHERE[place]} {access}")
    status = FAULT[what][target.paging == "lpae"] | (0x800 if access == "w" else 0)
    assert f"Internal error: Oops: {status:x} [#1] ARM" in answer
    va = int(re.search(r"at virtual address ([0-9a-f]{8})", answer)[1], 16)
    assert va == int(WHERE[place], 16) if place not in ("text", "data") else va == symbol(machine, WHERE[place])
    assert f"kernel {HEAD.get(place, 'paging request')} at virtual address {va:08x}\n" in answer
    assert machine.cmd("? 1+1").endswith("00000002")        # and it goes on


def check_pgd(machine, target, answer, va):
    """pgd = is the root in the direct map, the entries are those in memory."""
    pgd = int(re.search(r"^pgd = ([0-9a-f]{8})$", answer, re.M)[1], 16)
    at = root(machine, target)
    assert pgd == at - RAM + BASE
    entry = int(re.search(rf"^\[{va:08x}\] \*pgd=([0-9a-f]+)", answer, re.M)[1], 16)
    index = va >> 20 if target.paging == "short" else va >> 30
    size = "w" if target.paging == "short" else "g"
    assert machine.xp(at + index * ENTRY[target.paging], size=size) == [entry]


OOPS = (r"""
Unable to handle kernel paging request at virtual address (?P<va>[0-9a-f]{8})
pgd = [0-9a-f]{8}
\[(?P=va)\] \*pgd=[0-9a-f]+.*
Internal error: Oops: [0-9a-f]+ \[#1\] ARM
Modules linked in:
CPU: 0 +Not tainted +\(.*\)
PC is at touch\+0x[0-9a-f]+/0x[0-9a-f]+
LR is at \w+(\+0x[0-9a-f]+/0x[0-9a-f]+)?
pc : \[<(?P<pc>[0-9a-f]{8})>\]    lr : \[<(?P<lr>[0-9a-f]{8})>\]    psr: (?P<psr>[0-9a-f]{8})
sp : (?P<sp>[0-9a-f]{8})  ip : (?P<ip>[0-9a-f]{8})  fp : (?P<fp>[0-9a-f]{8})
r10: (?P<r10>[0-9a-f]{8})  r9 : (?P<r9>[0-9a-f]{8})  r8 : (?P<r8>[0-9a-f]{8})
r7 : (?P<r7>[0-9a-f]{8})  r6 : (?P<r6>[0-9a-f]{8})  r5 : (?P<r5>[0-9a-f]{8})  r4 : (?P<r4>[0-9a-f]{8})
r3 : (?P<r3>[0-9a-f]{8})  r2 : (?P<r2>[0-9a-f]{8})  r1 : (?P<r1>[0-9a-f]{8})  r0 : (?P<r0>[0-9a-f]{8})
Flags: (?P<flags>[Nn][Zz][Cc][Vv])  IRQs on  FIQs off  Mode SVC_32  ISA ARM  Segment user
Control: (?P<control>[0-9a-f]{8})  Table: (?P<table>[0-9a-f]{8})  DAC: (?P<dac>[0-9a-f]{8})
Process kd \(pid: 1, stack limit = 0x(?P<limit>[0-9a-f]{8})\)
Stack: \(0x(?P=sp) to 0x(?P<top>[0-9a-f]{8})\)
(?P<stack>([0-9a-f]{4}:( +[0-9a-f?]{8})+\n)+)"""
        r"""(?P<calls>(\[<\w{8}>\] \(\S+\) from \[<\w{8}>\] \(\S+\)\n)+)"""
        r"""Code: (?P<code>([0-9a-f]{8} ){4})\((?P<instruction>[0-9a-f]{8})\)
---\[ end trace [0-9a-f]{16} \]---""")


def check_words(machine, oops):
    """Memory that the oops shows, as the monitor reads it."""
    pc, sp = int(oops["pc"], 16), int(oops["sp"], 16)
    code = [int(w, 16) for w in oops["code"].split()] + [int(oops["instruction"], 16)]
    assert machine.xp(machine.gva2gpa(pc - 16), count=5, size="w") == code
    assert int(oops["top"], 16) - int(oops["limit"], 16) == 16384
    assert int(oops["limit"], 16) < sp < int(oops["top"], 16)
    first = oops["stack"].splitlines()[0]
    assert first.startswith(f"{sp & 0xffe0:04x}:")
    assert len(first.split()) - 1 == 8 - (sp & 0x1f) // 4


def test_the_oops_of_linux_on_arm(fresh, target):
    machine = fresh_arm(fresh, target)
    answer = machine.cmd("touch f7123450 r")
    oops = re.search(OOPS.lstrip("\n"), answer)
    assert oops, answer
    assert oops["va"] == "f7123450"
    check_pgd(machine, target, answer, 0xf7123450)
    check_words(machine, oops)
    now = registers(machine)
    assert int(oops["control"], 16) == now["sctlr"] and int(oops["table"], 16) == now["ttbr0"] & 0xffffffff
    for name in ("pc", "sp", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "lr", "psr"):
        assert now[name] == int(oops[name], 16), name
    flags = "".join(f if int(oops["psr"], 16) >> bit & 1 else f.lower() for f, bit in zip("NZCV", (31, 30, 29, 28)))
    assert oops["flags"] == flags
    # The chain is one: where a line ends the next begins.
    calls = re.findall(r"\[<([0-9a-f]{8})>\] \(\S+\) from \[<([0-9a-f]{8})>\]", oops["calls"])
    assert calls[0][0] == oops["pc"] and len(calls) > 3
    assert all(a[1] == b[0] for a, b in zip(calls, calls[1:]))
    assert "shell_run+" in oops["calls"]


def test_a_stack_overflow_is_told_on_another_stack(fresh, target):
    machine = fresh_arm(fresh, target)
    answer = machine.cmd("overflow", timeout=60)
    assert "Internal error: data abort without a kernel stack" in answer
    va = int(re.search(r"abort was at address ([0-9a-f]{8})", answer)[1], 16)
    sp = int(re.search(r"^sp : ([0-9a-f]{8})", answer, re.M)[1], 16)
    assert machine.gva2gpa(va) is None and machine.gva2gpa(va + 4096) is not None
    assert sp & ~0xfff == va & ~0xfff or sp < va
    assert "FAIL" not in machine.cmd("test oops; test overflow")


def test_access_flag_by_fault(fresh, target):
    """The CPU sets no access flag: a page that was mapped without it faults once, and has it then."""
    machine = fresh_arm(fresh, target)
    machine.cmd("map f7000000 44000000 rw; map f7001000 44001000 rw; touch f7001000 r")     # the table is in this root
    assert "A" not in re.findall(r"pfn 44000 +(\S+)", machine.cmd("pte f7000000"))[-1]
    assert "access flag fault" in machine.cmd("at f7000000").splitlines()[0]
    machine.cmd("touch f7000000 r")
    assert "access" in machine.cmd("faults").lower()
    assert "A" in re.findall(r"pfn 44000 +(\S+)", machine.cmd("pte f7000000"))[-1]
    assert re.match(r"CPU: .* 44000000 ", machine.cmd("at f7000000"))


# ---- user mode

def test_wrong_accesses_end_the_program_alone(fresh, target):
    machine = fresh_arm(fresh, target)
    answer = machine.cmd("run badaccess", timeout=60)
    verdicts = dict(re.findall(r"^badaccess ([\w-]+) +(\w.*)$", answer, re.M))
    assert len(verdicts) > 30 and not {"survived", "failed"} & set(verdicts.values()), answer
    assert {"ttbr", "dacr", "hvc", "breakpoint", "exclusive", "thumb"} <= set(verdicts)
    # A fault in user memory names the user domain in its status; the kernel's memory is in domain 0.
    code = re.search(r"segfault at 4[0-9a-f]{5} .* error ([0-9a-f]+) ", answer)[1]
    assert int(code, 16) & 0xf0 == (0x10 if target.paging == "short" else 0x00)
    assert "fsck: clean" in machine.cmd("fsck")


def test_system_calls_with_bad_pointers(fresh, target):
    """Copies from and to user memory that fault are told to the program; nothing of it is an oops."""
    machine = fresh_arm(fresh, target)
    answer = machine.cmd("run fuzz", timeout=120)
    assert "Oops" not in machine.text() and "Internal error" not in machine.text(), answer[-2000:]
    assert "fsck: clean" in machine.cmd("fsck")


def test_user_memory_is_closed_while_the_kernel_runs(fresh, target):
    """DACR has one client, or no walks go through TTBR0; in user mode both are open. The monitor walks as the CPU would
    now. Only the way in, the way out and the copies are kernel code that sees user memory."""
    machine = fresh_arm(fresh, target)
    now = registers(machine)
    if target.paging == "short":
        assert now["dacr"] == 1
    else:
        assert now["ttbcr"] & (1 << 7 | 1 << 22) == 1 << 7 | 1 << 22
    doors = [(symbol(machine, "vectors"), symbol(machine, "arm_vectors_init")),
             (symbol(machine, "arch_copy_from_user"), symbol(machine, "arch_probe"))]
    machine.send("run spin\r")
    seen = set()
    for _ in range(60):
        machine.qmp("stop")
        shown = machine.monitor("info registers")
        user = int(re.search(r"PSR=([0-9a-f]{8})", shown)[1], 16) & 0x1f == 0x10
        pc = int(re.search(r"R15=([0-9a-f]{8})", shown)[1], 16)
        state = user, machine.gva2gpa(0x400000) is not None
        # Before the program's first page is there, user mode cannot see it either.
        if (seen or state == (True, True)) and (user or not any(first <= pc < end for first, end in doors)):
            seen.add(state)
        machine.qmp("cont")
        if seen >= {(True, True)} and len(seen) > 1:
            break
    assert (True, True) in seen
    assert (True, False) not in seen and (False, True) not in seen
