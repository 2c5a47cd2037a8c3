# tests/lint/layers.py - the layers as data: which file belongs where, and what it may know of.
# SPDX-License-Identifier: MIT
"""A file includes downwards only. The first row whose pattern matches a path decides its layer."""
import fnmatch

BASE, TABLES, LOOKING, BOOT, CONTRACT, ARCH, MM, DEVICES, KERNEL, TOP, HOST = (
    "base", "tables", "looking", "boot", "contract", "arch", "mm", "devices", "kernel", "top", "host")

WHERE = (
    (HOST, ("tests/host/*", "tools/*")),
    (TOP, ("kernel/shell/*", "tests/kernel/*")),
    (BASE, ("mm/addr.h", "boot/boot_info.h", "boot/record.h", "arch/fault.h", "arch/*/regs.h", "arch/*/io.h",
            "kernel/err.*", "kernel/assert.h", "kernel/list.h", "kernel/string.*", "kernel/str.c",
            "kernel/printf.*", "kernel/out.h", "kernel/cmdline.*", "kernel/dev/*_regs.h")),
    (TABLES, ("mm/pt/*",)),
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
    LOOKING: {BASE, TABLES, LOOKING},
    BOOT: {BASE, TABLES, BOOT},
    CONTRACT: {BASE, TABLES, CONTRACT},
    ARCH: {BASE, TABLES, CONTRACT, ARCH},
    MM: {BASE, TABLES, MM},
    DEVICES: {BASE, CONTRACT, DEVICES},
    KERNEL: {BASE, TABLES, LOOKING, CONTRACT, MM, DEVICES, KERNEL},
    TOP: {BASE, TABLES, LOOKING, CONTRACT, MM, DEVICES, KERNEL, TOP},
    HOST: {BASE, TABLES, LOOKING, BOOT, CONTRACT, MM, DEVICES, KERNEL, TOP, HOST},
}

# Single headers that a layer may include beyond its row, and why.
ALSO = {
    (MM, "arch/cpu.h"): "interrupt state",
    (MM, "arch/mmu.h"): "flush, load a root",
    (MM, "kernel/dev/block.h"): "the block device struct, handed over by main.c",
    (DEVICES, "kernel/irq.h"): "drivers register their handlers",
}

# Symbols that a layer may reference upwards: the one way in, called from assembly.
UPWARD_SYMBOLS = {
    (BASE, "assert_failed"): "declared in kernel/assert.h; boot, kernel and host each bring their own",
    (TABLES, "assert_failed"): "the same",
    (LOOKING, "assert_failed"): "the same",
    (MM, "assert_failed"): "the same",
    (ARCH, "assert_failed"): "the same",
    (DEVICES, "assert_failed"): "the same",
    (ARCH, "kmain"): "entry.S hands over to C",
    (ARCH, "trap"): "trap.S hands every trap to kernel/trap.c",
}


def layer_of(path):
    for layer, patterns in WHERE:
        if any(fnmatch.fnmatch(path, p) for p in patterns):
            return layer
    return None


def may_include(path, header):
    mine, theirs = layer_of(path), layer_of(header)
    return theirs in MAY.get(mine, ()) or (mine, header) in ALSO
