# tests/qemu/test_pagewalk_guests.py - pagewalk's walks of RISC-V and AArch64 tables against QEMU's own: the monitor's gva2gpa.
# SPDX-License-Identifier: MIT
"""A guest of a few instructions, made here as words, loads the registers and turns translation on; its tables are random ones, or a
guest's behind a second stage. What `predict` says of a read must be what the emulated MMU does."""
import json
import pathlib
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import time

import limits
import pytest
from test_pagewalk_dump import PROGRAM, built  # noqa: F401: a fixture

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "host" / "paging"))
import test_pagewalk_formats as formats  # noqa: E402: its images
import test_pagewalk_second as second  # noqa: E402

LIMIT = 120
# QEMU puts the tree of devices at the beginning of an AArch64 machine's RAM.
RISCV_RAM, ARM_RAM = 0x80000000, 0x42000000
TABLES = 1 << 20          # from the beginning of RAM


# ---- instructions ----

def riscv_code(registers, target, wide):
    """csrw of each register, then mret to `target`: wfi and a jump to itself stand behind the code. The values are literals."""
    size = 8 if wide else 4
    count = 3 * len(registers)
    literals = count + 4          # the words before them: those, mret, wfi, j, and one to align
    words = []
    for n, (csr, _) in enumerate(registers):
        offset = 4 * literals + size * n - 4 * len(words)
        words += [0x297,                                                       # auipc t0, 0
                  0x03 | 6 << 7 | (3 if wide else 2) << 12 | 5 << 15 | offset << 20,   # ld or lw t1, offset(t0)
                  0x73 | 1 << 12 | 6 << 15 | csr << 20]                        # csrw csr, t1
    words += [0x30200073, 0x10500073, 0xFFDFF06F, 0x13]                        # mret; wfi; j -4; nop
    assert len(words) == literals
    values = [target(4 * (count + 1)) if value is None else value for _, value in registers]
    return struct.pack(f"<{literals}I", *words) + struct.pack(f"<{len(values)}{'Q' if wide else 'I'}", *values)


SYSTEM = {  # MSR <register>, x0
    "mair_el1": 0xD518A200, "tcr_el1": 0xD5182040, "ttbr0_el1": 0xD5182000, "ttbr1_el1": 0xD5182020, "sctlr_el1": 0xD5181000,
    "vbar_el1": 0xD518C000, "hcr_el2": 0xD51C1100, "vtcr_el2": 0xD51C2140, "vttbr_el2": 0xD51C2100, "spsr_el2": 0xD51C4000,
    "elr_el2": 0xD51C4020,
}


def arm_code(registers, last, target=None):
    """ldr x0, literal; msr register, x0. `last` goes on: isb alone, or eret to wfi and a jump to itself."""
    literals = 2 * len(registers) + 4
    words = []
    for n, (name, _) in enumerate(registers):
        offset = literals + 2 * n - len(words)
        words += [0x58000000 | offset << 5, SYSTEM[name]]
    words += [last, 0xD503207F, 0x17FFFFFF, 0xD503201F]                        # ...; wfi; b -4; nop
    values = [target(4 * (2 * len(registers) + 1)) if value is None else value for _, value in registers]
    return struct.pack(f"<{literals}I", *words) + struct.pack(f"<{len(values)}Q", *values)


ISB, ERET = 0xD5033FDF, 0xD69F03E0


# ---- the machine ----

class Emulator:
    """One QEMU with the code at the beginning of RAM and an image behind it."""

    def __init__(self, tmp_path, command, ram, code, image, at):
        self.socket = tmp_path / "qmp"
        (tmp_path / "code").write_bytes(code)
        (tmp_path / "image").write_bytes(image)
        self.child = subprocess.Popen(
            [*command, "-m", "64M", "-display", "none", "-serial", "none", "-monitor", "none", "-S", "-qmp",
             f"unix:{self.socket},server=on,wait=off", "-device",
             f"loader,file={tmp_path / 'code'},addr={ram:#x},cpu-num=0,force-raw=on",
             "-device", f"loader,file={tmp_path / 'image'},addr={at:#x},force-raw=on"], stdin=subprocess.DEVNULL)
        self.watch = limits.Stopwatch(self.child.pid)
        self.connection = socket.socket(socket.AF_UNIX)
        self.until(self.connect)
        self.file = self.connection.makefile("rw", encoding="ascii")
        self.file.readline()
        self.execute("qmp_capabilities")

    def until(self, done):
        while not done():
            assert self.child.poll() is None, "QEMU has ended"
            assert self.watch.seconds() < LIMIT
            time.sleep(0.05)

    def connect(self):
        try:
            self.connection.connect(str(self.socket))
            return True
        except OSError:
            return False

    def execute(self, name, **arguments):
        self.file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "event" not in answer:
                return answer["return"]

    def monitor(self, line):
        return self.execute("human-monitor-command", **{"command-line": line})

    def run_until(self, done):
        self.execute("cont")
        self.until(lambda: done(self.monitor("info registers")))
        self.execute("stop")

    def gva2gpa(self, va):
        found = re.search(r"gpa: (0x[0-9a-f]+|0)", self.monitor(f"gva2gpa {va:#x}"))
        return int(found[1], 16) if found else None

    def end(self):
        self.child.kill()
        self.child.wait()


@pytest.fixture
def emulator(tmp_path):
    started = []

    def start(*words):
        started.append(Emulator(tmp_path, *words))
        return started[-1]

    yield start
    for one in started:
        one.end()


def predicted(tmp_path, image, settings, addresses, command="predict {:x} r"):
    """{address: physical address or None} by pagewalk."""
    (tmp_path / "raw").write_bytes(image)
    (tmp_path / "script").write_text("".join(command.format(va) + "\n" for va in addresses))
    done = limits.run([PROGRAM, tmp_path / "raw", *settings, "-f", tmp_path / "script"], LIMIT)
    assert done.returncode in (0, 1), done.stderr
    lines = re.findall(r"^(?:kernel read of .*|Virtual address .*)$", done.stdout, re.M)
    assert len(lines) == len(addresses)
    found = [re.search(r"physical address ([0-9a-f]+)\.?$", line) for line in lines]
    return {va: int(m[1], 16) if m and "allowed" in line or m and "translates" in line else None
            for va, m, line in zip(addresses, found, lines)}


def compare(machine, expected, least):
    wrong = {f"{va:x}": (machine.gva2gpa(va), pa) for va, pa in expected.items() if machine.gva2gpa(va) != pa}
    assert not wrong, f"{len(wrong)} of {len(expected)}: {list(wrong.items())[:5]}"
    assert sum(pa is not None for pa in expected.values()) >= least


def random_case(m, seed, code):
    """An image of random tables, a root below which something is mapped but the code, and addresses."""
    rng = random.Random(seed)
    while True:
        entries = [formats.random_entry(rng, m) for _ in range(formats.PAGES * 4096 // m.size)]
        image = formats.pack(m, entries)
        addresses = [formats.some_address(rng, m) for _ in range(400)]
        root = formats.some_root(rng, m, image, addresses[:60])
        # The CPU would execute whatever stands there.
        if m.walk(formats.reader(m, image), root, code).pa is None:
            return image, root, sorted(set(addresses))


def comparable(m, image, root, va):
    """False where a table is outside the RAM: devices may answer there. And for a block at a level that has none (DDI 0487 table
    D8-15): QEMU takes it for a page."""
    steps = m.walk(formats.reader(m, image), root, va).steps
    kind, entry = (steps[-1][2], steps[-1][1]) if steps else (None, None)
    return kind != "unreadable" and not (m.table == 3 and kind == "bad" and entry & 3 == 1)


# ---- RISC-V ----

MSTATUS_S, MSTATUS_SUM = 1 << 11, 1 << 18
PMPCFG0, PMPADDR0, MEDELEG, MENVCFG, SATP, MSTATUS, MEPC = 0x3A0, 0x3B0, 0x302, 0x30A, 0x180, 0x300, 0x341
VSATP, HGATP = 0x280, 0x680


def is_below_machine_mode(registers):
    """mret was executed: MPP is clear and MPIE is set."""
    return int(re.search(r"mstatus\s+([0-9a-f]+)", registers)[1], 16) & 0x1880 == 0x80


def start_riscv(emulator, mode, number, extensions):
    """A machine with random tables; (machine, its settings for pagewalk, addresses)."""
    wide, on = mode != "sv32", extensions == "on"
    program = f"qemu-system-riscv{64 if wide else 32}"
    m = next(x for x in formats.riscv_machines() if x.name == f"{mode}-{'all' if on or not wide else 'plain'}")
    m.base = RISCV_RAM + TABLES
    image, root, addresses = random_case(m, f"qemu {mode}", 0)
    if on:
        # QEMU 7.2 ignores bits 60:54 with one of the extensions, and does not know that PBMT 3 is reserved.
        words = struct.unpack(f"<{len(image) // 8}Q", image)
        image = struct.pack(f"<{len(words)}Q", *(w & ~(0x7F << 54) & ~((w >> 61 & 1) << 62) for w in words))
    addresses = [va for va in addresses if comparable(m, image, root, va)]
    satp = (number << 60 if wide else number << 31) | root >> 12
    registers = [(PMPADDR0, (1 << 54) - 1 if wide else (1 << 32) - 1), (PMPCFG0, 0x1F), (MEDELEG, 0xB1FF),
                 *([(MENVCFG, 1 << 62)] if on else []), (SATP, satp), (MSTATUS, MSTATUS_S | MSTATUS_SUM), (MEPC, 0)]
    cpu = f"rv64,svpbmt={extensions},svnapot={extensions}" if wide else "rv32"
    machine = emulator([shutil.which(program) or program, "-M", "virt", "-cpu", cpu, "-bios", "none"], RISCV_RAM,
                       riscv_code(registers, None, wide), image, m.base)
    machine.run_until(is_below_machine_mode)
    return machine, [f"satp={satp:x}", f"pbmt={on:d}", f"napot={on:d}", "ha=1"], addresses, (image, m.base)


@pytest.mark.parametrize("mode, number", [("sv32", 1), ("sv39", 8), ("sv48", 9), ("sv57", 10)])
@pytest.mark.parametrize("extensions", ["off", "on"])
def test_riscv(emulator, tmp_path, mode, number, extensions):
    if mode == "sv32" and extensions == "on":
        pytest.skip("Sv32 has neither Svpbmt nor Svnapot")
    machine, settings, addresses, (image, base) = start_riscv(emulator, mode, number, extensions)
    compare(machine, predicted(tmp_path, image, [*settings, f"base={base:x}"], addresses), 15)


# ---- AArch64 ----

def arm_command(*more):
    return ["qemu-system-aarch64", "-M", f"virt{''.join(',' + word for word in more)}", "-cpu", "max"]


NOWHERE = 1 << 54         # in neither half
ARM = [m for m in formats.arm_machines() if not m.upper]


def start_aarch64(emulator, m):
    """A machine with random tables in both halves: the same granule, width and tables; addresses are of both."""
    m.base = ARM_RAM + TABLES
    image, root, low = random_case(m, f"qemu {m.name}", ARM_RAM)
    low = [va for va in low if comparable(m, image, root, va)]
    high = [va | (1 << 64) - (1 << m.va_bits) for va in low if not va >> m.va_bits]
    # HA: the monitor's walk sets no access flag, and does not fault for it either.
    tcr = int(m.settings[1].split("=")[1], 16) | 1 << 39
    registers = [("mair_el1", 0x0444BBFF), ("vbar_el1", NOWHERE), ("tcr_el1", tcr), ("ttbr0_el1", root),
                 ("ttbr1_el1", root), ("sctlr_el1", 0x30D00801)]
    machine = emulator(arm_command(), ARM_RAM, arm_code(registers, ISB), image, m.base)
    # The code is not mapped, and the vector has no translation: its fetch faults.
    machine.run_until(lambda text: int(re.search(r"PC=([0-9a-f]+)", text)[1], 16) == NOWHERE + 0x200)
    return machine, [f"tcr={tcr:x}", f"root={root:x}", f"ttbr1={root:x}"], low + high, (image, m.base)


@pytest.mark.parametrize("m", ARM, ids=lambda m: m.name)
def test_aarch64(emulator, tmp_path, m):
    machine, settings, addresses, (image, base) = start_aarch64(emulator, m)
    compare(machine, predicted(tmp_path, image, ["format=a64", *settings, f"base={base:x}"], addresses), 15)


# ---- two stages ----

def guest_with_code(name, ram):
    """A guest whose page of code is mapped to itself by both stages."""
    first, settings, _, stage2, more, _, register = second.GUESTS[name]
    second.BASE = ram + TABLES
    guest = second.Guest(random.Random(f"qemu {name}"), first, stage2)
    first.map(guest.put, guest.get, lambda: next(guest.guest_next), guest.first_root, ram, ram)
    stage2.map(guest.put_machine, guest.get_machine, lambda: second.BASE + (guest.free.pop() << 12), guest.second_root, ram, ram)
    return guest, settings, more, register(guest.second_root)


def nested_addresses(guest, ram):
    rng = random.Random(7)
    return [va + rng.randrange(4096) for va in guest.pages] + [rng.randrange(1 << 38) for _ in range(20)] + [ram + 8]


@pytest.fixture
def base_restored():
    before = second.BASE
    yield
    second.BASE = before


def test_riscv_two_stages(emulator, tmp_path, base_restored):
    guest, settings, _, hgatp = guest_with_code("sv39 sv39x4", RISCV_RAM)
    vsatp = 8 << 60 | guest.first_root >> 12
    registers = [(PMPADDR0, (1 << 54) - 1), (PMPCFG0, 0x1F), (HGATP, hgatp), (VSATP, vsatp), (MEPC, None),
                 (MSTATUS, MSTATUS_S | MSTATUS_SUM | 1 << 39)]
    code = riscv_code(registers, lambda offset: RISCV_RAM + offset, True)
    machine = emulator(["qemu-system-riscv64", "-M", "virt", "-cpu", "rv64,h=on", "-bios", "none"], RISCV_RAM, code,
                       bytes(guest.memory), second.BASE)
    machine.run_until(is_below_machine_mode)
    expected = predicted(tmp_path, bytes(guest.memory), [*settings, f"root={guest.first_root:x}", f"base={second.BASE:x}"],
                         nested_addresses(guest, RISCV_RAM), f"vtop --second {hgatp:x} {{:x}}")
    compare(machine, expected, 15)


def test_aarch64_two_stages(emulator, tmp_path, base_restored):
    guest, settings, more, vttbr = guest_with_code("a64 s2_a64", ARM_RAM)
    registers = [("mair_el1", 0xFF), ("tcr_el1", second.TCR), ("ttbr0_el1", guest.first_root), ("ttbr1_el1", guest.first_root),
                 ("vtcr_el2", second.VTCR | 1 << 31), ("vttbr_el2", vttbr), ("hcr_el2", 1 << 31 | 1), ("sctlr_el1", 0x30D00801),
                 ("spsr_el2", 0x3C5), ("elr_el2", None)]
    code = arm_code(registers, ERET, lambda offset: ARM_RAM + offset)
    machine = emulator(arm_command("virtualization=on"), ARM_RAM, code, bytes(guest.memory), second.BASE)
    machine.run_until(lambda text: "EL1h" in text)
    expected = predicted(tmp_path, bytes(guest.memory), [*settings, *more, f"root={guest.first_root:x}", f"base={second.BASE:x}"],
                         nested_addresses(guest, ARM_RAM), f"vtop --second {vttbr:x} {{:x}}")
    compare(machine, expected, 15)
