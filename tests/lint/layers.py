# tests/lint/layers.py - the layers as data: which file belongs where, and what it may know of.
# SPDX-License-Identifier: MIT
"""Each row is a folder and the folders whose headers its files may include, beside its own. The rows stand in the order of
the layers: a folder's row names only folders above it in the table. The row of a file is the one of its folder or of the nearest
folder above that has one."""
import fnmatch

BASE = {"lib", "hw"}
PURE = {"lib", "paging", "isa", "inspect"}
MACHINE = BASE | PURE | {"boot", "arch"}
MEMORY = {"mm/phys", "mm/space", "mm/backing", "mm/reclaim", "mm"}
KERNEL = MACHINE | MEMORY | {"drivers", "kernel"}

MAY = {
    # layer 0: no state; constants and instructions of the hardware
    "linker": set(),
    "lib": set(),
    "hw": {"lib"},
    # layers 1 and 2: pure, also built for the host
    "paging": {"lib"},
    "isa": {"lib", "paging"},
    "inspect": PURE,
    "scenario": PURE,
    # layer 3: the first instruction to kmain()
    "boot": BASE | {"paging"},
    "boot/*": BASE | {"paging", "boot"},
    # layer 4: the contract, and what fulfils it
    "arch": BASE | {"paging", "isa"},
    "arch/*": BASE | {"paging", "isa", "boot", "boot/*", "arch"},
    # layer 5
    "mm/phys": MACHINE - {"hw", "inspect", "isa"},
    "mm/space": MACHINE - {"hw", "inspect"} | {"mm/phys"},
    "mm/backing": MACHINE - {"hw", "inspect"} | {"mm/phys", "mm/space"},
    "mm/reclaim": MACHINE - {"hw", "inspect"} | {"mm/phys", "mm/space", "mm/backing", "mm"},
    "mm": MACHINE - {"hw", "inspect"} | MEMORY,
    # layers 6 and 7
    "drivers": BASE | {"arch"},
    "kernel": KERNEL - {"hw"},
    # layer 8
    "shell/line": {"lib"},
    "shell/picture": {"lib"},
    "shell": KERNEL - {"hw"} | {"shell/line"},
    # also built for the host: no live machine, no mm, no kernel
    "shell/look": PURE | {"shell/line", "shell"},
    "lessons": KERNEL - {"hw"} | {"shell"},
    "tests/kernel": KERNEL - {"hw"} | {"shell"},
    "shell/live": KERNEL - {"hw"} | {"shell/line", "shell/picture", "shell", "shell/look", "tests/kernel", "lessons", "scenario"},
    # programs of their own
    "user": {"lib"},
    "arch/*/user": {"lib", "user"},
    "arch/*/*/user": {"lib", "user", "arch/*/user"},
    "tests/bench": {"lib", "user"},
    "tests/systems": set(),
    "tools": KERNEL | {"scenario", "shell/line", "shell", "shell/look"},
    "tests/fuzz": PURE | {"shell/line", "shell", "tools"},
    "tests/host": KERNEL | {"shell/line", "shell/picture", "shell", "shell/look", "shell/live", "boot/*", "arch/*",
                            "tools", "scenario"},
}
CONTRACT = "arch"

# The headers whose place depends on the architecture that is built; the build adds its directory.
LAYOUT = {"hw", "boot", "boot/*", "arch", "arch/*", "user", "arch/*/user", "arch/*/*/user", "linker"}
INLINE = {CONTRACT, "arch/*"}     # what a contract header declares inline, its architecture defines
BARE = {"arch_layout.h": LAYOUT, "arch_context.h": INLINE, "arch_cpu.h": INLINE, "arch_mmu.h": INLINE, "arch_trap.h": INLINE,
        "syscall.h": {"user", "arch/*/user", "arch/*/*/user"}, "bad.h": {"user"}, "hostile.h": {"user"}, "bytes.h": {"user"}}

# Symbols that a layer may reference upwards: declared below, defined above.
UPWARD_SYMBOLS = {
    "assert_failed": "declared in lib/assert.h; boot, kernel and host each bring their own",
    "kmain": "entry.S hands over to C",
    "trap": "the stubs hand every trap to kernel/trap.c",
    "syscall": "and every system call of user mode to kernel/syscall.c",
    "nmi": "and every non-maskable interrupt to kernel/nmi.c",
    "console": "declared in kernel/console.h; arch_poweroff says when it cannot",
    "boot_info": "declared in kernel/main.h; assembly reserves its room",
    "shell_run": "declared in kernel/shell.h; the last thing that main.c does",
    "shell_execute": "the same",
    "boot_format_names": "declared in boot/stage.h: the values of paging=, from the stage of the port",
    "backing_anon": "declared in mm/space/aspace.h: the backing of the kernel's own ranges",
    # What the compiler calls for 64-bit division on i386, in any layer.
    **{name: "hw/x86/i386/divide.c" for name in ("__udivdi3", "__umoddi3", "__udivmoddi4")},
    # pt_format.isa: a format names the row of its CPU family, which is all that it knows of isa/.
    **{f"isa_{row}": "declared in paging/format.h" for row in (
        "x86", "x86_pae", "x86_64", "arm_short", "arm_lpae", "arm64", "riscv32", "riscv64", "ept", "npt", "arm64_s2", "riscv32_g",
        "riscv64_g")},
}


def layer_of(path):
    """The row of a file: the pattern with the most parts that matches the first parts of its path."""
    parts = path.split("/")[:-1]
    for n in range(len(parts), 0, -1):
        for row in MAY:
            if len(row.split("/")) == n and all(map(fnmatch.fnmatch, parts, row.split("/"))):
                return row
    return None


def may_include(path, header):
    mine, theirs = layer_of(path), layer_of(header)
    return mine is not None and (theirs == mine or theirs in MAY[mine])
