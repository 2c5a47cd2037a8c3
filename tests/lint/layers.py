# tests/lint/layers.py - the layers as data: which file belongs where, and what it may know of.
# SPDX-License-Identifier: MIT
"""A file includes downwards only. The first row whose pattern matches a path decides its layer."""
import fnmatch

BASE, TABLES, ISA, LOOKING, BOOT, CONTRACT, ARCH, MM, DEVICES, KERNEL, TOP, HOST, USER = (
    "base", "tables", "isa", "looking", "boot", "contract", "arch", "mm", "devices", "kernel", "top", "host", "user")

WHERE = (
    (HOST, ("tests/host/*", "tools/*")),
    (USER, ("user/*", "arch/*/user/*", "tests/bench/*")),
    (TOP, ("kernel/shell/*", "tests/kernel/*")),
    (BASE, ("mm/addr.h", "boot/boot_info.h", "boot/record.h", "boot/*/image.h", "linker/*.h", "arch/fault.h",
            "arch/*/regs.h", "arch/*/*_regs.h", "arch/*/io.h", "arch/*/image.h", "arch/*/cp15.h",
            "arch/*/arch_layout.h", "arch/*/divide.c",  # the compiler calls the latter, in any layer
            "kernel/err.*", "kernel/assert.h", "kernel/abi.h", "kernel/list.h", "kernel/string.*", "kernel/str.c",
            "kernel/printf.*", "kernel/out.h", "kernel/cmdline.*", "kernel/dev/*_regs.h")),
    (TABLES, ("mm/pt/*",)),
    (ISA, ("isa/*",)),
    (LOOKING, ("kernel/inspect/*",)),
    (BOOT, ("boot/*",)),
    (ARCH, ("arch/*/*",)),
    (CONTRACT, ("arch/*.h",)),
    (MM, ("mm/*",)),
    (DEVICES, ("kernel/dev/*",)),
    (KERNEL, ("kernel/*",)),
)

MAY = {
    BASE: {BASE},
    TABLES: {BASE, TABLES},
    ISA: {BASE, TABLES, ISA},
    LOOKING: {BASE, TABLES, ISA, LOOKING},
    BOOT: {BASE, TABLES, BOOT},
    CONTRACT: {BASE, TABLES, CONTRACT},
    ARCH: {BASE, TABLES, CONTRACT, ARCH},
    MM: {BASE, TABLES, MM},
    DEVICES: {BASE, CONTRACT, DEVICES},
    KERNEL: {BASE, TABLES, ISA, LOOKING, CONTRACT, MM, DEVICES, KERNEL},
    TOP: {BASE, TABLES, ISA, LOOKING, CONTRACT, MM, DEVICES, KERNEL, TOP},
    HOST: {BASE, TABLES, ISA, LOOKING, BOOT, CONTRACT, MM, DEVICES, KERNEL, TOP, HOST},
    USER: {BASE, USER},
}

# Single headers that a layer may include beyond its row, and why.
ALSO = {
    (MM, "arch/cpu.h"): "interrupt state",
    (MM, "arch/mmu.h"): "flush, load a root",
    (DEVICES, "kernel/console.h"): "a UART is a struct that the console is handed",
}

# The headers whose place depends on the architecture that is built; the build adds its directory.
INLINE = {CONTRACT}     # what a contract header declares inline, its architecture defines
BARE = {"arch_layout.h": {CONTRACT, ARCH, BOOT, BASE, USER}, "arch_context.h": INLINE, "arch_cpu.h": INLINE, "arch_mmu.h": INLINE,
        "arch_trap.h": INLINE, "syscall.h": {USER}, "bad.h": {USER}, "hostile.h": {USER}, "bytes.h": {USER}}

# Symbols that a layer may reference upwards: declared below, defined above.
UPWARD_SYMBOLS = {
    "assert_failed": "declared in kernel/assert.h; boot, kernel and host each bring their own",
    "kmain": "entry.S hands over to C",
    "trap": "the stubs hand every trap to kernel/trap.c",
    "syscall": "and every system call of user mode to kernel/syscall.c",
    "nmi": "and every non-maskable interrupt to kernel/nmi.c",
    "console": "declared in kernel/console.h; arch_poweroff says when it cannot",
    "boot_info": "declared in kernel/kernel.h; assembly reserves its room",
    "shell_run": "declared in kernel/kernel.h; the last thing that main.c does",
    "shell_execute": "the same",
    # pt_format.isa: a format names the row of its CPU family, which is all that it knows of isa/.
    **{f"isa_{row}": "declared in mm/pt/format.h" for row in ("x86", "x86_pae", "x86_64", "arm_short", "arm_lpae", "arm64")},
}


def layer_of(path):
    for layer, patterns in WHERE:
        if any(fnmatch.fnmatch(path, p) for p in patterns):
            return layer
    return None


def may_include(path, header):
    mine, theirs = layer_of(path), layer_of(header)
    return theirs in MAY.get(mine, ()) or (mine, header) in ALSO
