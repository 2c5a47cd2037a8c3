# tests/gdb/walk.py - steps through the MMU switch inside gdb and shows what each step changed.
# SPDX-License-Identifier: MIT
"""Adds commands to gdb. `mmu-walk` goes from reset to the kernel's first C function and shows each step of the switch; `mmu-next`
stops at each; `mmu-map` draws the map that the CPU uses now; `mmu-stages` is for the tests."""
import json
import os
import struct
import sys
import tempfile

import gdb

sys.path.insert(0, "tests/gdb")
from pagemap import arm_pages, merged, register, x86_pages  # noqa: E402

ARCH = os.environ.get("ARCH") or "i386"
SHF_ALLOC = 2
ON = "translation is on: this fetch went through the identity map"
JUMP = "about to jump: still at the identity map's address"
HIGH = "the first instruction at the address that the kernel is linked for"
KMAIN = "C, with the kernel's own stack; the identity map goes away later, at a named step"


class X86:
    control = ("cr0", "cr3", "cr4", "efer")
    pages = staticmethod(x86_pages)
    first = ("mmu_enable_paging", "run", "about to set CR0.PG: the fetch of this instruction is still untranslated")
    steps = (first, ("mmu_paging_on", "step", ON), ("mmu_jump_high", "run", JUMP), ("kernel_entry", "step", HIGH),
             ("kmain", "run", KMAIN))
    sp = "esp"

    @staticmethod
    def call():
        """(return address, first argument) at the first instruction of a function."""
        stack = gdb.selected_inferior().read_memory(register("esp") & 0xffffffff, 8).tobytes()
        boot = register("pc") & 0xffffffff < 0xc0000000      # its arguments are on the stack, the kernel's in eax
        return int.from_bytes(stack[:4], "little"), int.from_bytes(stack[4:], "little") if boot else register("eax")


class X8664(X86):
    steps = (X86.first, ("mmu_paging_on", "step", ON + ", in compatibility mode"),
             ("mmu_long_mode", "run", "about to load a 64-bit code segment"), ("mmu_jump_high", "run", JUMP),
             ("kernel_entry", "step", HIGH), ("kmain", "run", KMAIN))
    sp = "rsp"

    @staticmethod
    def call():
        if register("pc") < 1 << 32:        # the boot stage is a 32-bit program
            stack = gdb.selected_inferior().read_memory(register("rsp") & 0xffffffff, 8).tobytes()
            return int.from_bytes(stack[:4], "little"), int.from_bytes(stack[4:], "little")
        stack = gdb.selected_inferior().read_memory(register("rsp"), 8).tobytes()
        return int.from_bytes(stack, "little"), register("rdi") & 0xffffffff


class Arm:
    control = ("SCTLR", "TTBR0", "TTBCR", "DACR")
    pages = staticmethod(arm_pages)
    steps = (("mmu_enable", "run", "about to set SCTLR.M: the fetch of this instruction is still untranslated"),
             ("mmu_paging_on", "run", ON), ("mmu_jump_high", "run", JUMP), ("kernel_entry", "step", HIGH),
             ("kmain", "run", KMAIN))
    sp = "sp"

    @staticmethod
    def call():
        return register("lr"), register("r0") & 0xffffffff


CPU = {"i386": X86, "x86_64": X8664, "armv7": Arm}[ARCH]


def without_boot(path, copy):
    """Writes a copy of the kernel's ELF for its symbols alone, in which the sections that carry the boot stage's bytes
are not allocated. gdb looks up an address in one section only, and these have no symbols."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    wide = data[4] == 2                     # EI_CLASS
    word = "<Q" if wide else "<I"
    table = struct.unpack_from(word, data, 40 if wide else 32)[0]
    size, count, names = struct.unpack_from("<HHH", data, 58 if wide else 46)
    place = struct.unpack_from(word, data, table + names * size + (24 if wide else 16))[0]
    for at in range(table, table + count * size, size):
        name = place + struct.unpack_from("<I", data, at)[0]
        if data[name:data.index(0, name)] in (b".boot", b".boot_bss"):
            flags = struct.unpack_from(word, data, at + 8)[0]
            struct.pack_into(word, data, at + 8, flags & ~SHF_ALLOC)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(copy), delete=False) as f:
        f.write(data)
    os.replace(f.name, copy)
    return copy


def load_symbols():
    """Two programs: the kernel, and the boot stage at the physical address it runs at."""
    build = os.path.join(os.environ.get("BUILD") or "build", ARCH)
    gdb.execute(f"file {without_boot(build + '/pageturner.elf', build + '/gdb.elf')}")
    gdb.execute(f"add-symbol-file {build}/boot.elf", to_string=True)
    if ARCH == "i386":
        gdb.execute("set architecture i386", to_string=True)


def line_of(r):
    first, end, pa, rights = r
    return f"{first:08x}-{end - 1:08x} -> {pa:08x} {rights}"


def show_map(ranges, limit=24, **places):
    """The first ranges, and behind them those that hold one of the places (name=address)."""
    if ranges is None:
        print("    map: translation is off, every address is physical")
        return
    left = 0
    for i, r in enumerate(ranges):
        held = [name for name, va in places.items() if r[0] <= va < r[1]]
        if i >= limit and not held:
            left += 1
            continue
        print(f"    map: {line_of(r)}{''.join(f'  <- {name}' for name in held)}")
    if left:
        print(f"    map: and {left} more ranges; `mmu-map` shows all")


def show_changes(before, now, **places):
    """What the last step changed, then the ranges that hold the places. After the first step with a map: all of it."""
    if before is None or now is None:
        show_map(now, **places)
        return
    gone, new = [r for r in before if r not in now], [r for r in now if r not in before]
    for sign, r in sorted([("-", r) for r in gone] + [("+", r) for r in new], key=lambda c: (c[1][0], c[0] == "+")):
        print(f"    map: {sign} {line_of(r)}")
    if not gone and not new:
        print("    map: as before")
    show_map([r for r in now if any(r[0] <= va < r[1] for va in places.values())], **places)


def place():
    """Where the next instruction comes from, in the words of the symbols and of the source."""
    pc = register("pc")
    line = gdb.find_pc_line(pc)
    text = gdb.execute(f"info symbol {pc:#x}", to_string=True).split(" in section")[0].strip()
    source = f"{line.symtab.filename}:{line.line}" if line.symtab else "?"
    return {"pc": pc, "sp": register(CPU.sp), "symbol": text, "source": source,
            "insn": gdb.execute("x/i $pc", to_string=True).partition(":")[2].strip(),
            **{name.lower(): register(name) for name in CPU.control}}


def go_to(label, how):
    """Runs or steps to a label; a hardware breakpoint also holds where nothing is mapped yet."""
    if how == "step":
        gdb.execute("stepi", to_string=True)
        return
    gdb.execute(f"thbreak *{label}", to_string=True)
    gdb.execute("continue", to_string=True)


class MmuMap(gdb.Command):
    """mmu-map: every range that the CPU's tables map now."""

    def __init__(self):
        super().__init__("mmu-map", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        show_map(merged(CPU.pages()), 1 << 20, pc=register("pc"), sp=register(CPU.sp))


SEEN = []                   # the steps of the switch that were shown


def show_step():
    """Goes to the next step and shows it; False at the end."""
    if len(SEEN) == len(CPU.steps):
        return False
    label, how, comment = CPU.steps[len(SEEN)]
    go_to(label, how)
    now = place()
    expected = int(gdb.parse_and_eval(f"(unsigned long)&{label}"))
    if now["pc"] == expected:       # gdb may know a linker script's name for the same place
        now["symbol"] = label
    now.update(label=label, expected=expected, map=merged(CPU.pages()))
    print(f"\n{comment}\n    {now['pc']:08x} <{now['symbol']}> {now['source']}    {now['insn']}")
    control = "".join(f"{name.lower()} {now[name.lower()]:08x}  " for name in CPU.control)
    print(f"    {control}sp {now['sp']:08x}")
    show_changes(SEEN[-1]["map"] if SEEN else None, now["map"], pc=now["pc"], sp=now["sp"])
    SEEN.append(now)
    return True


class MmuWalk(gdb.Command):
    """mmu-walk [FILE]: from reset through the MMU switch to kmain, showing each step and what it changed in the map.
With FILE, what was seen is also written there as JSON."""

    def __init__(self):
        super().__init__("mmu-walk", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        while show_step():
            pass
        if argument:
            with open(os.path.expanduser(argument), "w", encoding="utf-8") as f:
                json.dump(SEEN, f)


class MmuNext(gdb.Command):
    """mmu-next: stops before the next step of the MMU switch; an empty line repeats it. Between two steps everything can be
looked at: registers, `x`, `mmu-map`, and pagewalk's `pt`, `pte` and `vtop`."""

    def __init__(self):
        super().__init__("mmu-next", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        if not show_step():
            raise gdb.GdbError("the switch is done: this is C, at the kernel's own addresses; `continue` runs it")
        left = len(CPU.steps) - len(SEEN)
        print(f"    steps left: {left}; mmu-next" if left else "    the last step; `continue` runs the kernel")


class MmuStages(gdb.Command):
    """mmu-stages FILE: stops wherever the boot notes a stage and writes what the CPU held there."""

    def __init__(self):
        super().__init__("mmu-stages", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        seen, stops = [], ("boot_trace_note", "kernel_boot_stage")
        for name in stops:
            gdb.execute(f"hbreak *{name}", to_string=True)
        gdb.execute("thbreak shell_run", to_string=True)
        while True:
            gdb.execute("continue", to_string=True)
            now = place()
            if not any(name in now["symbol"] for name in stops):
                break
            now["pc"], now["stage"] = CPU.call()
            seen.append(now)
        with open(os.path.expanduser(argument), "w", encoding="utf-8") as f:
            json.dump(seen, f)


load_symbols()
MmuMap()
MmuWalk()
MmuNext()
MmuStages()
print("mmu-next goes to the next step of the MMU switch, mmu-walk through all of them; mmu-map shows what the CPU maps now.")
