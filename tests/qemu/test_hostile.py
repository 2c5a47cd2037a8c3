# tests/qemu/test_hostile.py - programs that try to reach ring 0, the machine, or what another program left in the CPU.
# SPDX-License-Identifier: MIT
import os
import re

import hostile
import pytest
from machine import defaults
from process import clean, run, settle, symbols

X86 = pytest.mark.targets("i386", "x86_64")


@pytest.fixture
def control(kd):
    """The control registers are the same before and after."""
    def now():
        return {name: value for name, value in kd.registers().items() if name not in ("pc", "sp", "cr2")}
    before = now()
    yield
    assert now() == before


def test_every_hostile_instruction(kd, target, control):
    seen = hostile.try_everything(kd)
    assert len(seen) > 80
    if target.arch != "armv7":
        # QEMU reads the stack of a far return with the kernel's rights, which SMAP forbids.
        assert seen["far-return-own"] == seen["iret-own"] == "died"
        # UMIP, where the CPU has it.
        assert {seen[name] for name in ("sgdt", "sidt", "sldt", "str", "smsw")} == {"died"}


@pytest.mark.targets("i386", "x64")
@pytest.mark.parametrize("cpu", ["without SMAP", "without anything"])
def test_every_hostile_instruction_on_older_cpus(fresh, target, cpu):
    """There far returns work, and QEMU's IRET lets CPL 3 enter virtual-8086 mode."""
    old = {"i386": "qemu32" if target.paging == "legacy" else "coreduo", "x86_64": "qemu64"}[target.arch]
    machine = fresh(target, cpu="max,-smap" if cpu == "without SMAP" else old)
    assert hostile.try_everything(machine)["far-return-own"] == "lived"


@pytest.mark.targets("legacy")
def test_every_hostile_instruction_on_a_486(fresh, target):
    hostile.try_everything(fresh(target, cpu="486"))


@X86
def test_every_vector(kd, control):
    answer = run(kd, "hostile series", timeout=150)
    hostile.no_mistake(answer)
    assert re.findall(r"^hostile (\S+) +lived$", answer, re.M) == ["int-80"]
    assert answer.endswith("hostile: 256 tried, 0 not as the manual says")
    clean(kd)


# First bits of MRC and MCR as hostile numbers them: cp15 with op1 0, reads and writes; cp14 with op1 0 (debug) and 6 (ThumbEE).
ENCODINGS = ((0, 0x800), (0x4000, 0x4800), (0x8000, 0x8100), (0xc000, 0xc100), (0xb000, 0xb100), (0xf000, 0xf100))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.targets("short")
def test_every_coprocessor_register(kd):
    """LONG: all 65,536."""
    for first, end in ((0, 0x10000),) if os.environ.get("LONG") else ENCODINGS:
        answer = run(kd, f"hostile series 0x{first:x} 0x{end:x}", timeout=800)
        hostile.no_mistake(answer)
        assert answer.endswith(f"hostile: {end - first} tried, 0 not as the manual says"), answer[-2000:]
    clean(kd)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_code(fresh, target):
    """The seed is fixed; NOISE chooses others and how many. A child that forks leaves processes behind."""
    machine = fresh(target)
    first, count = map(int, os.environ.get("NOISE", "1 200").split())
    answer = run(machine, f"hostile noise {first} {first + count}", timeout=800)
    hostile.no_mistake(machine.text())
    assert f"hostile: random code {first} to {first + count}" in answer
    assert machine.cmd("fsck", 60).endswith("fsck: clean")


@pytest.mark.targets("armv7")
@pytest.mark.parametrize("length", ["narrow", "wide"])
def test_an_undefined_thumb_instruction_is_named_by_its_own_address(kd, target, length):
    at = symbols(target.arch, "user/hostile")[f"undefined_{length}"] & ~1
    assert f": undefined instruction: pc={at:08x}" in run(kd, f"hostile undefined-{length}")


# ---- registers

def test_registers_stay_with_their_program(kd):
    assert run(kd, "keeps") == "every register stayed with its program"


CORE = {
    "i386": ("eax ecx edx ebx esp ebp esi edi eip eflags cs ss ds es fs gs".split(), [4] * 16),
    "x86_64": ("rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags cs ss ds es fs gs "
               "fs_base gs_base k_gs_base".split(), [8] * 17 + [4] * 7 + [8] * 3),
    "armv7": ([f"r{n}" for n in range(13)] + ["sp", "lr", "pc"], [4] * 16),
}
# What the first instruction finds that is not zero, and its value where the program cannot choose it.
FIRST = {
    "i386": {"eax": None, "esp": None, "eip": hostile.IMAGE, "eflags": 0x202, "cs": 0x1b, "ss": 0x23, "ds": 0x23,
             "es": 0x23, "fs": 0x23, "gs": 0x23},
    "x86_64": {"rdi": None, "rsp": None, "rip": hostile.IMAGE, "eflags": 0x202, "cs": 0x2b, "ss": 0x23},
    "armv7": {"r0": None, "sp": None, "pc": hostile.IMAGE},
}


@pytest.mark.parametrize("line", ["keeps", "keeps first"])
def test_a_program_begins_with_no_register_of_another(kd, target, line):
    """The first instruction of the next program, whatever the last one has left behind."""
    assert "exit" not in run(kd, "keeps leave")
    with kd.stub() as stub:
        stub.until(hostile.IMAGE, 4 if target.arch == "armv7" else 1, lambda: kd.send(f"run {line}\r"))
        found = stub.core_registers(*CORE[target.arch])
        if target.arch == "armv7":
            found.update(stub.system_registers(["tpidrurw", "tpidruro"]))
    for name, value in FIRST[target.arch].items():
        got = found.pop(name)
        assert value in (None, got), (name, hex(got))
    assert not {name: hex(value) for name, value in found.items() if value}
    kd.wait_prompt()


@X86
def test_registers_that_reset_leaves_open(kd, target):
    """As QEMU shows them: LDTR is null, no breakpoint is set, the IDT ends behind the system call's vector, the task
    register and both tables have addresses of the kernel's."""
    shown = kd.monitor("info registers")
    segment = {name: [int(word, 16) for word in words.split()[:4]] for name, words in
               re.findall(r"^(LDT|TR|GDT|IDT) *= *([0-9a-f ]+)", shown, re.M)}
    assert segment["LDT"][:3] == [0, 0, 0]
    assert segment["IDT"][1] == 0x81 * (16 if target.arch == "x86_64" else 8) - 1
    assert segment["TR"][2] == 103 and min(segment[name][-3 if name == "TR" else 0] for name in ("TR", "GDT", "IDT")) > 1 << 31
    debug = {name: int(value, 16) for name, value in re.findall(r"\b(DR\d)=([0-9a-f]+)", shown)}
    debug.pop("DR6")        # what the last debug exception was
    assert debug == {"DR0": 0, "DR1": 0, "DR2": 0, "DR3": 0, "DR7": 0x400}


# Breakpoint 0 on, CR4.PCE, SYSENTER with a selector, and on x86_64 a base for SWAPGS; the pushed registers come back.
LEFT = {"i386": "60 b800100000 0f23c0 b801040000 0f23f8 0f20e0 80cc01 0f22e0 b974010000 b808000000 31d2 0f30 61 90",
        "x86_64": "505152 b800100000 0f23c0 b801040000 0f23f8 0f20e0 80cc01 0f22e0 b974010000 b808000000 31d2 0f30 "
                  "b9020100c0 b800500000 31d2 0f30 5a5958 90"}
PC = {"i386": (8, 4), "x86_64": (16, 8)}        # gdb's number of the register, and its bytes
K_GS_BASE = 26


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_registers_that_a_loader_leaves_set(fresh, target):
    """The kernel begins after code that sets them, in the place of a function that runs later."""
    code = bytes.fromhex(LEFT[target.arch])
    names = symbols(target.arch, "pageturner.elf")
    at, (number, size) = names["shell_run"], PC[target.arch]
    machine = fresh(target, wait=False, extra=("-S",))

    def go_to(address):
        assert stub.ask(f"P{number:x}={address.to_bytes(size, 'little').hex()}") == "OK"

    with machine.stub() as stub:
        stub.ask("qXfer:features:read:target.xml:0,100")        # QEMU knows P and p only then
        stub.until(names["kmain"])
        old = bytes.fromhex(stub.ask(f"m{at:x},{len(code):x}"))
        stub.write(at, code)
        go_to(at)
        stub.until(at + len(code) - 1)
        shown = machine.monitor("info registers")
        stub.write(at, old)
        go_to(names["kmain"])
    assert "DR0=" in shown and re.search(r"DR7=0*401\b", shown)
    machine.wait_prompt(60)
    shown = machine.monitor("info registers")
    assert re.search(r"DR0=0+ ", shown) and re.search(r"DR7=0*400\b", shown)
    assert not int(re.search(r"CR4=([0-9a-f]+)", shown)[1], 16) & 0x100
    if target.arch == "x86_64":
        with machine.stub() as stub:
            stub.ask("qXfer:features:read:target.xml:0,100")
            assert int(stub.ask(f"p{K_GS_BASE:x}"), 16) == 0
    answer = run(machine, "hostile sysenter")
    hostile.no_mistake(answer)
    assert "ended by an invalid access" in answer


# ---- the way back to user mode

def test_the_last_page_is_never_mapped(kd, target):
    """A system call in the last bytes that a program may have returns to an address that is a page fault, no more."""
    answer = run(kd, "edge")
    hostile.no_mistake(answer)
    ways = {"i386": ["int"], "x86_64": ["int", "syscall"], "armv7": ["svc", "svc in Thumb state"]}[target.arch]
    assert re.findall(r"^edge: (.*) there died$", answer, re.M) == ways
    end = target.facts.user_end - 0x1000
    line = rf"unhandled page fault \(11\) at 0x{end:x}, code 0x[0-9a-f]+$" if target.arch == "armv7" else \
        rf"segfault at {end:x} ip 0*{end:x} "
    assert len(re.findall(line, answer, re.M)) == len(ways), answer
    clean(kd)


@pytest.fixture
def alone(fresh, target):
    return fresh(target)


def test_a_program_begins_in_its_own_text(alone, target):
    """An entry point anywhere else is no program, and no fault of the kernel's."""
    facts, data = target.facts, symbols(target.arch, "user/hostile")["code"]
    entries = [0, 1, 0x300000, facts.user_end - 1, facts.user_end - 4, facts.user_end, facts.direct + 0x100000, data,
               hostile.IMAGE - 4, hostile.IMAGE + 0x100000, (1 << facts.bits) - 4]
    entries += [1 << 62, 1 << 47, 1 << 63] if facts.bits == 64 else []
    entries += [hostile.IMAGE + 1, hostile.IMAGE + 2] if target.arch == "armv7" else []
    for entry in entries:
        answer = hostile.begin_at(alone, target, "hostile", entry)
        assert "this file is not a program for this CPU" in answer, (hex(entry), answer)
    assert "hostile: there is no such" in run(alone, "hostile such")
    clean(alone)


@X86
def test_a_fault_of_iret_ends_the_program(alone, target):
    """Nothing that a program can do makes one; a changed frame does. QEMU does not ask whether the address is canonical,
    tests/bochs does."""
    for field, value in (("cs", 0xfffb), ("cs", 0x13), ("ss", 0xfffb)):
        hostile.spoil_return(alone, target, field, value)
        alone.expect(r"spin\[\d+\]: general protection fault ip [0-9a-f]+ sp [0-9a-f]+ error 0[\r\n]")
        settle(alone)
        assert "spin" not in alone.cmd("ps")
    hostile.no_mistake(alone.text())
    assert "hello from pid" in run(alone, "hello")
    clean(alone)
