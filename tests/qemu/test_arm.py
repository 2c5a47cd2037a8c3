# tests/qemu/test_arm.py - what only ARM has: two images, HYP mode, fault status, its oops, the CPU as witness.
# SPDX-License-Identifier: MIT
"""What every target has is in test_boot.py, test_oracle.py, test_faults.py, test_process.py. Oracles: the monitor's
gva2gpa (QEMU's own table walk), physical memory and registers as QEMU has them, and what the CPU's translation
instructions leave in PAR."""
import random
import re

import oracle
import pytest
from machine import built, targets

pytestmark = pytest.mark.targets("armv7")

ARM = targets("armv7")

RAM = 0x40000000
LINKED = 0x40200000
BASE = 0xc0000000
UART, UART_VA = 0x09000000, 0xffe00000
ENTRY = {"short": 4, "lpae": 8}


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


# ---- the boot

@for_format("cpu, options", [("cortex-a15", "virtualization=on"), ("cortex-a15", "secure=on"), ("cortex-a7", "")])
def test_other_cpus_and_modes(fresh, target, cpu, options):
    """HYP mode is left at once; secure mode and other cores are the same."""
    machine = fresh(target, cpu=cpu, extra=("-machine", options) if options else ())
    assert "hello from pid" in machine.cmd("run hello")
    machine.send("poweroff\r")
    assert machine.wait_exit() == 0


@for_format("image, loaded", [("pageturner.bin", RAM + 0x10000), ("pageturner.elf", LINKED)], only=("short",))
def test_the_stub_runs_anywhere(fresh, target, image, loaded):
    """A raw image is loaded below its place and moves itself there; an ELF is loaded where it is linked."""
    machine = fresh(target, initrd=image.endswith("bin"), extra=("-kernel", str(built(image, "armv7"))))
    told = machine.cmd("mmu")
    moved = f"loaded at {loaded:08x} and moved there" if loaded != LINKED else "loaded there"
    assert f"boot stage linked at {LINKED:08x}, {moved};" in told
    text, pa = re.search(r"kernel linked at ([0-9a-f]+), loaded at ([0-9a-f]+)", told).groups()
    assert int(text, 16) - int(pa, 16) == BASE - RAM
    assert machine.xp(int(pa, 16), size="w") == machine.xp(machine.gva2gpa(int(text, 16)), size="w")


# ---- translation: the kernel's walker, the monitor's, the CPU's

@pytest.mark.parametrize("access", ["r", "w", "ru", "wu"])
def test_the_cpu_is_a_witness(kd, target, access):
    """ATS1CPR, ATS1CPW, ATS1CUR and ATS1CUW walk the tables in hardware: same addresses and rights as the walker."""
    answers = set()
    for va in oracle.interesting(kd, target, random.Random(f"{target} {access}")):
        cpu, walker = kd.cmd(f"at {va:x} {access}").splitlines()
        cpu = re.fullmatch(r"CPU: +\w+ \w+ of [0-9a-f]+: (?:([0-9a-f]+)|fault) \(PAR .*\)", cpu)[1]
        walker = re.fullmatch(r"walker: +\w+ \w+ of [0-9a-f]+: (?:([0-9a-f]+)|fault)", walker)[1]
        assert cpu == walker, f"{va:x}"
        if cpu and access == "r":
            assert int(cpu, 16) == kd.gva2gpa(va)
        answers.add(cpu is None)
    assert answers == ({True} if "u" in access else {True, False})     # kd has no user memory


def test_devices_are_device_memory(kd, target):
    """The UART's page is not cacheable and never executable; the monitor finds it at its bus address."""
    assert kd.gva2gpa(UART_VA) == UART
    letters = re.findall(r"pfn 9000 +(\S+)", kd.cmd(f"pte {UART_VA:x}"))[-1]
    assert "N" in letters and "E" not in letters and "X" not in letters


@pytest.mark.targets("lpae")
def test_lpae_shares_the_kernels_directory(fresh, target):
    """Every root's fourth entry names the directory that TTBR1 has."""
    machine = fresh(target)
    directory = machine.system_registers(["ttbr1"])["ttbr1"]
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
    machine = fresh(target)
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
    at = oracle.root(machine)
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
PC is at touch\w*\+0x[0-9a-f]+/0x[0-9a-f]+
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
    machine = fresh(target)
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


def test_access_flag_by_fault(fresh, target):
    """The CPU sets no access flag: a page that was mapped without it faults once, and has it then."""
    machine = fresh(target)
    machine.cmd("map f7000000 44000000 rw; map f7001000 44001000 rw; touch f7001000 r")     # the table is in this root
    assert "A" not in re.findall(r"pfn 44000 +(\S+)", machine.cmd("pte f7000000"))[-1]
    assert "access flag fault" in machine.cmd("at f7000000").splitlines()[0]
    machine.cmd("touch f7000000 r")
    assert "access" in machine.cmd("faults").lower()
    assert "A" in re.findall(r"pfn 44000 +(\S+)", machine.cmd("pte f7000000"))[-1]
    assert re.match(r"CPU: .* 44000000 ", machine.cmd("at f7000000"))


# ---- user mode

def test_a_fault_in_user_memory_names_its_domain(kd, target):
    """In the short format; the kernel's memory is in domain 0. Which accesses are wrong, test_process.py asks."""
    answer = kd.cmd("run badaccess", timeout=60)
    code = re.search(r"unhandled page fault \(11\) at 0x004[0-9a-f]{5}, code 0x([0-9a-f]{3})", answer)[1]
    assert int(code, 16) & 0xf0 == (0x10 if target.paging == "short" else 0x00)


def test_user_memory_is_closed_while_the_kernel_runs(fresh, target):
    """DACR has one client, or no walks go through TTBR0; in user mode both are open. The monitor walks as the CPU would
    now. Only the way in, the way out and the copies are kernel code that sees user memory."""
    machine = fresh(target)
    now = machine.registers()
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
