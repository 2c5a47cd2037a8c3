# tests/qemu/test_machines.py - machines and CPUs beyond the usual ones, and what comes from outside at any time: NMI.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess
import tarfile
import time

import pytest
from machine import ROOT, MachineError, built, defaults


def symbol(arch, name):
    """The address of a kernel symbol, from its ELF."""
    names = subprocess.run(["nm", built("pageturner.elf", arch)], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \w {name}$", names, re.M)[1], 16)


# ---- before the kernel has started

# A read of an address that nothing maps, in each instruction set; the address.
BAD_READ = {"i386": (bytes.fromhex("a0785634f2"), 0xf2345678),
            "x86_64": (bytes.fromhex("8a042578563412"), 0x12345678),
            "armv7": (bytes.fromhex("0f02a0e3780690e5"), 0xf0000678)}


@pytest.mark.parametrize("target", defaults(), ids=str)
@pytest.mark.parametrize("where", ["live_init", "start_memory", "proc_init"])
def test_a_fault_before_the_prompt_says_where_it_is(fresh, target, where):
    """The first instructions of an early function are replaced by a read that faults."""
    code, va = BAD_READ[target.arch]
    machine = fresh(target, wait=False, extra=("-S",))
    with machine.stub() as stub:
        stub.until(symbol(target.arch, "kmain"), 4 if target.arch == "armv7" else 1)
        stub.write(symbol(target.arch, where), code)
    pc = symbol(target.arch, where) + (4 if target.arch == "armv7" else 0)
    machine.expect(rf"BugCheck 8E while the kernel starts: pc {pc:x} \({where}\S*\), fault address {va:x}, ")
    machine.expect("The machine is stopped")
    assert machine.alive()


# ---- the machine

def check_alive(machine):
    """The prompt answers what is typed, the timer runs, programs run."""
    assert "Evaluate expression: 3 = " in machine.cmd("? 1+2")
    assert "20 processes came and went" in machine.cmd("run forks 20", timeout=60)
    assert machine.cmd("fsck") == "fsck: clean"


@pytest.mark.targets("armv7")
@pytest.mark.parametrize("options, smp", [("gic-version=2", 1), ("gic-version=3", 1), ("gic-version=3", 4),
                                          ("gic-version=3,virtualization=on", 1), ("gic-version=3,secure=on", 1)])
def test_interrupt_controllers(fresh, target, options, smp):
    machine = fresh(target, extra=("-machine", options, "-smp", str(smp)))
    check_alive(machine)
    # The monitor's own view: the distributor at 8000000 is of that version (PIDR2, bits 7:4).
    version = int(options[12])
    assert machine.xp(0x08000000 + (0xffe8 if version == 3 else 0xfe8), size="w")[0] >> 4 & 15 == version


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_a_firmware_that_leaves_the_local_apic_alone(fresh, target):
    """microvm's: LINT0 stays masked, and with it the 8259s."""
    check_alive(fresh(target, extra=("-M", "microvm")))


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
@pytest.mark.parametrize("options", [("-smp", "2"), ("-smp", "4")], ids=" ".join)
def test_more_cpus_differ_from_the_manual_elsewhere(fresh, target, options):
    """With several CPUs the emulator reads and writes in one step where it otherwise does in two."""
    answer = fresh(target, extra=options).cmd("test access_quick", timeout=240)
    assert "TEST access_quick ... ok" in answer, answer


@pytest.mark.targets("x86_64")
@pytest.mark.parametrize("bits", [36, 52])
def test_physical_addresses_of(fresh, target, bits):
    """With 52 bits no address bit above a page's size is reserved; below it they still are."""
    answer = fresh(target, cpu=f"max,phys-bits={bits}").cmd("test access_quick", timeout=240)
    assert "TEST access_quick ... ok" in answer, answer


@pytest.mark.targets("x64")
def test_a_cpu_without_syscall(fresh, target):
    machine = fresh(target, cpu="max,-syscall")
    assert "no SYSCALL" in machine.boot_text
    assert "hello from pid" in machine.cmd("run hello")
    check_alive(machine)
    # What is undefined everywhere still is, in a program and in the kernel.
    assert "invalid opcode ip" in machine.cmd("run badaccess undefined")
    assert "FAIL" not in machine.cmd("test access_quick", timeout=240)


# ---- machines that are not `virt`

def fdt(tree):
    """A device tree as bytes (Devicetree Specification 0.4, chapter 5); tree: {name: node or property}."""
    structure, strings = b"", b""

    def text(s):
        data = s.encode() + b"\0"
        return data + bytes(-len(data) % 4)

    def value(v):
        if isinstance(v, (list, tuple)):
            return b"".join(n.to_bytes(4, "big") for n in v)
        return v.encode() + b"\0" if v else b""

    def walk(name, node):
        nonlocal structure, strings
        structure += (1).to_bytes(4, "big") + text(name)
        for key, v in node.items():
            if not isinstance(v, dict):
                data = value(v)
                structure += b"".join(n.to_bytes(4, "big") for n in (3, len(data), len(strings)))
                structure += data + bytes(-len(data) % 4)
                strings += key.encode() + b"\0"
        for key, v in node.items():
            if isinstance(v, dict):
                walk(key, v)
        structure += (2).to_bytes(4, "big")

    walk("", tree)
    structure += (9).to_bytes(4, "big")
    at = 40 + 16
    words = (0xd00dfeed, at + len(structure) + len(strings), at, at + len(structure), 40, 17, 16, 0, len(strings),
             len(structure))
    return b"".join(n.to_bytes(4, "big") for n in words) + bytes(16) + structure + strings


def uart(at, **more):
    return {"compatible": "arm,pl011\0arm,primecell", "reg": [at, 0x1000], **more}


def vexpress(chosen):
    """Its UARTs are behind two buses, whose addresses are chip selects and offsets."""
    return {"#address-cells": [2], "#size-cells": [2], "model": "V2P-CA15", "compatible": "arm,vexpress",
            "chosen": chosen, "memory@80000000": {"device_type": "memory", "reg": [0, 0x80000000, 0, 0x8000000]},
            "aliases": {"serial0": "/smb@8000000/motherboard/iofpga@3,00000000/uart@90000"},
            "smb@8000000": {
                "compatible": "simple-bus", "#address-cells": [2], "#size-cells": [1],
                "ranges": [0, 0, 0, 0x08000000, 0x04000000, 3, 0, 0, 0x1c000000, 0x03000000],
                "motherboard": {
                    "#address-cells": [2], "#size-cells": [1], "ranges": "",
                    "iofpga@3,00000000": {
                        "#address-cells": [1], "#size-cells": [1], "ranges": [0, 3, 0, 0x200000],
                        "uart@a0000": uart(0xa0000), "uart@90000": uart(0x90000), "uart@b0000": uart(0xb0000)}}}}


def raspi(chosen):
    return {"#address-cells": [1], "#size-cells": [1], "model": "Raspberry Pi 2 Model B", "chosen": chosen,
            "aliases": {"serial0": "/soc/serial@7e201000"}, "memory@0": {"reg": [0, 0x3b400000]},
            "soc": {"#address-cells": [1], "#size-cells": [1],
                    "ranges": [0x7e000000, 0x3f000000, 0x1000000, 0x40000000, 0x40000000, 0x1000],
                    "serial@7e201000": uart(0x7e201000)}}


PATH = "/smb@8000000/motherboard/iofpga@3,00000000/uart@90000"
FOREIGN = {
    "vexpress-path": ("vexpress-a15", vexpress({"stdout-path": PATH + ":115200n8"}), "V2P-CA15"),
    "vexpress-alias": ("vexpress-a15", vexpress({"stdout-path": "serial0:115200n8"}), "V2P-CA15"),
    "raspi-alias": ("raspi2b", raspi({"stdout-path": "serial0"}), "Raspberry Pi 2 Model B"),
    "raspi-no-path": ("raspi2b", raspi({}), "Raspberry Pi 2 Model B"),
}


@pytest.mark.targets("short")
@pytest.mark.parametrize("name", FOREIGN)
def test_another_machine_is_refused_on_its_own_uart(fresh, target, tmp_path, name):
    machine_name, tree, model = FOREIGN[name]
    (tmp_path / "dtb").write_bytes(fdt(tree))
    machine = fresh(target, wait=False, mem="1G", extra=("-M", machine_name, "-cpu", ARM_CPU[machine_name],
                                                         "-dtb", str(tmp_path / "dtb")))
    machine.expect(rf"boot: this kernel is for QEMU's `virt` machine.*\s+boot: .*: {model}\s+boot: stopped")
    assert machine.alive()


ARM_CPU = {"vexpress-a15": "cortex-a15", "raspi2b": "cortex-a7"}


@pytest.mark.targets("short")
@pytest.mark.parametrize("name", ARM_CPU)
def test_without_a_device_tree_nothing_can_be_printed(fresh, target, name):
    """No address of a UART is known; only that the machine does not reset is seen."""
    machine = fresh(target, wait=False, mem="1G", extra=("-M", name, "-cpu", ARM_CPU[name]))
    with pytest.raises(MachineError):
        machine.expect(".", timeout=3)
    assert machine.process.poll() is None and not machine.text()


# ---- NMI

NMI = r"NMI (\d+) at ([0-9a-f]+)(?: \((\w+)\+\S+\))? in (kernel|user) mode: .*; execution continues"


def without_reports(machine):
    """The text without the lines of NMIs: a tick can print one between any two characters of another line."""
    return re.sub(rf"\n{NMI}\n", "", machine.text())


def settle(machine):
    """Reads up to a prompt behind which nothing more is to come. The report of an NMI may wait for a tick; then it is out of
    the way of the answer."""
    time.sleep(0.5)
    machine.send("? 0n987654\r")
    machine.expect("000f1206")
    machine.wait_prompt()


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_nmi_while_idle(fresh, target):
    machine = fresh(target)
    settle(machine)
    time.sleep(1)
    places = set()
    for n in range(1, 6):
        machine.monitor("nmi")
        found = machine.expect(NMI)[1]
        assert (int(found[1]), found[4]) == (n, "kernel")
        places.add(found[3])
    assert "arch_wait" in places        # but for one that meets a tick's own code
    settle(machine)
    check_alive(machine)
    assert "Oops" not in machine.text() and "BugCheck" not in machine.text()


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_nmi_in_user_mode(fresh, target):
    machine = fresh(target)
    machine.send("run spin\r")
    for _ in range(20):
        machine.monitor("nmi")
        if machine.expect(NMI)[1][4] == "user":
            break
    else:
        pytest.fail("never in user mode")
    machine.send("\x03")
    settle(machine)
    check_alive(machine)


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_nmi_anywhere_in_the_kernel(fresh, target):
    """Many of them while processes fault, fork and call: none is lost but those that merge, and nothing else changes."""
    machine = fresh(target)
    machine.send("run forks 60\r")
    for _ in range(150):
        machine.monitor("nmi")
    settle(machine)
    assert re.search(r"^60 processes came and went$", without_reports(machine), re.M)
    numbers = [int(m[0]) for m in re.findall(NMI, machine.text())]
    assert numbers and numbers == sorted(numbers)
    check_alive(machine)
    assert "Oops" not in machine.text() and "BugCheck" not in machine.text() and "ended" not in machine.text()


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_nmi_at_the_entry_of_a_system_call(fresh, target):
    """On x86_64 rsp is the program's there: NMI needs a stack of its own."""
    entry = "x86_syscall_entry" if target.arch == "x86_64" else "trap_stub_syscall"
    machine = fresh(target)
    with machine.stub() as stub:
        machine.send("run hello\r")
        stub.until(symbol(target.arch, entry))
        machine.monitor("nmi")
    found = machine.expect(NMI)[1]
    assert int(found[2], 16) - symbol(target.arch, entry) < 64 and found[4] == "kernel"
    settle(machine)
    assert "hello from pid" in without_reports(machine)
    check_alive(machine)


def static_function(arch, file, name):
    """The address of a function whose name others have too."""
    gdb = subprocess.run([ROOT / "tests/gdb/find", arch], capture_output=True, text=True, check=True).stdout.strip()
    said = subprocess.run([gdb, "-nx", "-batch", "-ex", f"print &'{file}'::{name}", built("pageturner.elf", arch)],
                          capture_output=True, text=True, check=True).stdout
    return int(re.search(r"0x([0-9a-f]+) <", said)[1], 16)


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_two_nmis_within_the_console(fresh, target):
    """The second comes before the tick that would report the first; a byte has been given to the UART and is still in the
    ring, whose ends a report would move past each other."""
    machine = fresh(target)
    settle(machine)
    with machine.stub() as stub:
        stub.until(static_function(target.arch, "uart_16550.c", "put"), start=lambda: machine.send("? 0n55\r"))
        machine.monitor("nmi")
        stub.until(symbol(target.arch, "nmi"))
        machine.monitor("nmi")
    assert machine.expect(NMI)[1][1] == "2"
    settle(machine)
    assert without_reports(machine).count("Evaluate expression: 55 = ") == 1
    check_alive(machine)


# ---- archives

def archive(files, number):
    """A ustar archive whose numeric fields are written by number(value, bytes)."""
    data = b""
    for name, content in files:
        head = bytearray(512)
        head[0:len(name)] = name.encode()
        for at, size, v in ((100, 8, 0o644), (108, 8, 0), (116, 8, 0), (124, 12, len(content)), (136, 12, 1353251798)):
            head[at:at + size] = number(v, size)
        head[148:156] = b" " * 8
        head[156:157] = b"0"
        head[257:265] = b"ustar\x0000"
        head[148:156] = number(sum(head), 8)
        data += bytes(head) + content + bytes(-len(content) % 512)
    return data + bytes(1024)


def blanks(v, size):
    return f"{v:>{size - 1}o} ".encode()


NUMBERS = {"blanks": blanks, "blanks-nul": lambda v, size: f"{v:>{size - 1}o}\0".encode(),
           "zeros": lambda v, size: f"{v:0{size - 1}o}\0".encode(), "full": lambda v, size: f"{v:>{size}o}".encode()}


@pytest.mark.targets("i386")
@pytest.mark.parametrize("form", NUMBERS)
def test_archives_of_other_writers(fresh, target, tmp_path, form):
    files = [("text", b"what is in it\n" * 50), ("empty", b""),
             ("hello", built("user/hello").read_bytes())]
    (tmp_path / "tar").write_bytes(archive(files, NUMBERS[form]))
    with tarfile.open(tmp_path / "tar") as tar:         # another reader finds the same
        assert [(m.name, m.size) for m in tar] == [(n, len(c)) for n, c in files]
    machine = fresh(target, initrd=False, extra=("-initrd", str(tmp_path / "tar")))
    assert "initrd:" not in machine.boot_text
    assert "hello from pid" in machine.cmd("run hello")


@pytest.mark.targets("i386")
@pytest.mark.parametrize("size", [b"        -12 ", b"000000zzz00\0", b"77777777777\0", b"           9"])
def test_malformed_archives_are_told_and_left(fresh, target, tmp_path, size):
    good = archive([("hello", built("user/hello").read_bytes())], blanks)[:-1024]
    bad = bytearray(archive([("second", b"x")], blanks))
    bad[124:136] = size
    (tmp_path / "tar").write_bytes(good + bad)
    machine = fresh(target, initrd=False, extra=("-initrd", str(tmp_path / "tar")))
    assert re.search(r"^initrd: .*; the files before the error can be used", machine.boot_text, re.M)
    files = machine.cmd("run")
    assert "hello" in files and "second" not in files
    assert "hello from pid" in machine.cmd("run hello")
