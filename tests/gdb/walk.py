# tests/gdb/walk.py - steps through the MMU switch inside gdb and shows what each step changed.
# SPDX-License-Identifier: MIT
"""Adds two commands to gdb. `mmu-walk` goes from reset to the kernel's first C function, one step of
the switch at a time; `mmu-map` draws the map that CR3 points to now. The tables are read as physical
memory and decoded here, from the manual (Intel SDM vol. 3A, chapter 4), not by the kernel's walker."""
import contextlib
import json
import os

import gdb

CR0_PG, CR4_PSE, CR4_PAE = 1 << 31, 1 << 4, 1 << 5
P, W, U, PS, NX = 1, 2, 4, 1 << 7, 1 << 63
ARCH = os.environ.get("ARCH") or "i386"

STEPS = (
    ("mmu_enable_paging", "run", "about to set CR0.PG: the fetch of this instruction is still untranslated"),
    ("mmu_paging_on", "step", "CR0.PG is set: this fetch went through the identity map"),
    ("mmu_jump_high", "run", "about to jump: still at the identity map's address"),
    ("kernel_entry", "step", "the first instruction at the address that the kernel is linked for"),
    ("kmain", "run", "C, with the kernel's own stack; the identity map goes away later, at a named step"),
)


def load_symbols():
    """Two programs: the kernel at C0000000 and up, the boot stage at the physical address it runs at."""
    build = os.path.join(os.environ.get("BUILD") or "build", ARCH)
    gdb.execute(f"file {build}/pageturner.elf")
    gdb.execute(f"add-symbol-file {build}/boot.elf", to_string=True)
    gdb.execute("set architecture i386", to_string=True)


def register(name):
    return int(gdb.parse_and_eval("$" + name)) & 0xffffffffffffffff


@contextlib.contextmanager
def physical_memory():
    """QEMU's stub reads virtual addresses unless it is told otherwise."""
    gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
    try:
        yield
    finally:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)


def table(pa, entries, size):
    data = gdb.selected_inferior().read_memory(pa, entries * size).tobytes()
    return [int.from_bytes(data[i:i + size], "little") for i in range(0, len(data), size)]


def pages_legacy(cr3, pse):
    for i, pde in enumerate(table(cr3 & 0xfffff000, 1024, 4)):
        if pde & P and pde & PS and pse:
            yield i << 22, pde & 0xffc00000 | (pde >> 13 & 0xff) << 32, 4 << 20, pde & W, pde & U, True
        elif pde & P:
            for j, pte in enumerate(table(pde & 0xfffff000, 1024, 4)):
                if pte & P:
                    yield i << 22 | j << 12, pte & 0xfffff000, 4096, pde & pte & W, pde & pte & U, True


def pages_pae(cr3):
    base = 0xffffffffff000
    for h, pdpte in enumerate(table(cr3 & 0xffffffe0, 4, 8)):
        for i, pde in enumerate(table(pdpte & base, 512, 8) if pdpte & P else ()):
            va = h << 30 | i << 21
            if pde & P and pde & PS:
                yield va, pde & base & ~0x1fffff, 2 << 20, pde & W, pde & U, not pde & NX
            elif pde & P:
                for j, pte in enumerate(table(pde & base, 512, 8)):
                    if pte & P:
                        rights = pde & pte
                        yield (va | j << 12, pte & base, 4096, rights & W, rights & U, not (pde | pte) & NX)


def current_map():
    """Merged ranges [first, end, pa, rights] of what CR3 maps; None while translation is off."""
    cr0, cr3, cr4 = register("cr0"), register("cr3"), register("cr4")
    if not cr0 & CR0_PG:
        return None
    ranges = []
    with physical_memory():
        for va, pa, size, w, u, x in pages_pae(cr3) if cr4 & CR4_PAE else pages_legacy(cr3, cr4 & CR4_PSE):
            rights = "r" + ("w" if w else "-") + ("x" if x else "-") + ("u" if u else "-")
            last = ranges[-1] if ranges else None
            if last and last[1] == va and last[2] + va - last[0] == pa and last[3] == rights:
                last[1] = va + size
            else:
                ranges.append([va, va + size, pa, rights])
    return ranges


def show_map(ranges, limit=24):
    if ranges is None:
        print("    map: paging is off, every address is physical")
        return
    for first, end, pa, rights in ranges[:limit]:
        print(f"    map: {first:08x}-{end - 1:08x} -> {pa:08x} {rights}")
    if len(ranges) > limit:
        print(f"    map: and {len(ranges) - limit} more ranges; `mmu-map` shows all")


def place():
    """Where the next instruction comes from, in the words of the symbols and of the source."""
    pc = register("pc")
    line = gdb.find_pc_line(pc)
    text = gdb.execute(f"info symbol {pc:#x}", to_string=True).split(" in section")[0].strip()
    source = f"{line.symtab.filename}:{line.line}" if line.symtab else "?"
    return {"pc": pc, "sp": register("esp"), "symbol": text, "source": source,
            "insn": gdb.execute("x/i $pc", to_string=True).partition(":")[2].strip(),
            "cr0": register("cr0"), "cr3": register("cr3"), "cr4": register("cr4"), "efer": register("efer")}


def go_to(label, how):
    """Runs or steps to a label; a hardware breakpoint also holds where nothing is mapped yet."""
    if how == "step":
        gdb.execute("stepi", to_string=True)
        return
    gdb.execute(f"thbreak *{label}", to_string=True)
    gdb.execute("continue", to_string=True)


class MmuMap(gdb.Command):
    """mmu-map: every range that CR3 maps now."""

    def __init__(self):
        super().__init__("mmu-map", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        show_map(current_map(), 1 << 20)


class MmuWalk(gdb.Command):
    """mmu-walk [FILE]: from reset through the MMU switch to kmain, showing each step.
With FILE, what was seen is also written there as JSON."""

    def __init__(self):
        super().__init__("mmu-walk", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        seen = []
        for label, how, comment in STEPS:
            go_to(label, how)
            now = place()
            expected = int(gdb.parse_and_eval(f"(unsigned long)&{label}"))
            if now["pc"] == expected:       # gdb may know a linker script's name for the same place
                now["symbol"] = label
            now.update(label=label, expected=expected, map=current_map())
            seen.append(now)
            print(f"\n{comment}\n    {now['pc']:08x} <{now['symbol']}> {now['source']}    {now['insn']}")
            print("    cr0 %(cr0)08x  cr3 %(cr3)08x  cr4 %(cr4)08x  efer %(efer)x  esp %(sp)08x" % now)
            show_map(now["map"])
        if argument:
            with open(os.path.expanduser(argument), "w", encoding="utf-8") as f:
                json.dump(seen, f)


class MmuStages(gdb.Command):
    """mmu-stages FILE: stops wherever the boot notes a stage and writes what the CPU held there."""

    def __init__(self):
        super().__init__("mmu-stages", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        seen = []
        for name in ("story_note", "arch_story_note"):
            gdb.execute(f"hbreak *{name}", to_string=True)
        gdb.execute("thbreak shell_run", to_string=True)
        while True:
            gdb.execute("continue", to_string=True)
            now = place()
            if "story_note" not in now["symbol"]:
                break
            stack = gdb.selected_inferior().read_memory(now["sp"], 8).tobytes()
            seen.append({"stage": int.from_bytes(stack[4:], "little"), "pc": int.from_bytes(stack[:4], "little"),
                         **{k: now[k] for k in ("sp", "cr0", "cr3", "cr4", "efer")}})
        with open(os.path.expanduser(argument), "w", encoding="utf-8") as f:
            json.dump(seen, f)


load_symbols()
MmuMap()
MmuWalk()
MmuStages()
print("mmu-walk goes through the MMU switch step by step; mmu-map shows what CR3 maps now.")
