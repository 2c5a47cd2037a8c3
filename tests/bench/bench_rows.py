# tests/bench/bench_rows.py - the rows of `make bench`: names, words, budgets, and what other kernels need for the same.
# SPDX-License-Identifier: MIT
"""Instructions. A dash in the table, None here: there is no such figure.

Linux is 6.1. Debian: Debian's 686-pae and amd64 kernels with mitigations=off; leanest: the same source as a tinyconfig. Floor: a
program in assembly that does only that. docs/performance.md says how they were measured."""
import collections

# budget: of i386 PAE and x86_64. debian, leanest: of the 32-bit and the 64-bit kernel.
Row = collections.namedtuple("Row", "key words budget debian leanest floor", defaults=[(None, None)] * 3 + [None])

ROWS = (
    Row("boot", "power-on to prompt, -kernel, 128 MiB", (8_300_000, 8_500_000), (6_837_000_000, 1_560_000_000),
        (302_000_000, None), 7_720_000),
    Row("demand-zero", "demand-zero fault, per page", (1_300, 830), (4_096, 3_372), (2_532, 1_774), 1_043),
    Row("demand-zero-pool", "the same, frame from the zeroed pool", (250, 250), floor=11),
    Row("demand-zero-around16", "demand-zero, fault-around 16", (1_120, 640), floor=1_030),
    Row("zero-read", "read of untouched memory", (210, 210), (1_401, 1_300), (825, 696), 11),
    Row("zero-read-around16", "the same, fault-around 16", (40, 40), floor=1),
    Row("zero-read-65536-vmas", "zero read, 65,536 VMAs"),
    Row("zero-replace", "first write after a read"),
    Row("copy-on-write", "copy-on-write fault, copy included", (1_390, 900), (6_022, 4_551), (2_984, 2_042), 1_047),
    Row("reuse", "copy-on-write, last owner reuses", (265, 265), (1_413, 1_419), (912, 790), 11),
    Row("page-cache", "page-cache fault, page in memory", (400, 400), floor=11),
    Row("unmap", "unmap of a range, per page", (90, 90), (1_490, 1_299), (633, 562)),
    # Linux: int 0x80 on i386, syscall on x86_64.
    Row("syscall", "null system call", (60, 70), (395, 381), (290, 221), 2),
    # Linux: one way through a pipe.
    Row("switch", "switch to another process", (150, 160), (8_168, 6_354), (3_788, 2_785), 15),
    Row("fork-exit-wait", "fork + exit + wait, small", (12_000, 12_000), (114_000, 84_600), (70_600, 49_300)),
    Row("fork-exit-wait-16MiB", "fork + exit + wait, 16 MiB touched", (35_000, 35_000), (1_869_000, 1_716_000),
        (1_296_000, 1_101_000)),
    Row("fork-exit-wait-16MiB-first", "the same, the first fork", (60_000, 60_000)),
    Row("first-write-below-shared", "first write below a shared table", (12_000, 12_000)),
    Row("kernel-null-fault", "fault in the kernel, fixed up"),
    Row("kernel-demand-zero", "demand-zero in the kernel"),
    Row("kernel-demand-zero-pool", "the same, frame from the zeroed pool"),
    Row("kernel-zero-read", "zero-page read in the kernel", (700, 500)),
    Row("kernel-zero-replace", "first write after a read, kernel"),
    Row("kernel-unmap", "unmap in the kernel, per page"),
    Row("vmalloc-sync", "vmalloc range synced into a root"),
    Row("pte-walk", "pt_walk of a kernel address"),
    # Without the trap and without the wait for the disk (shell/live/bench_pageout.c). Linux: MADV_PAGEOUT, swap-in, virtio.
    Row("page-out", "page out, per page", (2_000, 2_000), (9_728, 8_448)),
    Row("page-in", "page in, per page", (4_000, 4_000), (29_770, 28_529)),
    Row("soft-fault", "page in from a list, per page"),
)

# Costs that must not grow: the same operation with more VMAs, processes or memory. `sizes` are in the names of the rows.
Growth = collections.namedtuple("Growth", "key words sizes extra")
GROWTH = (
    Growth("zero-read-{}-vmas", "zero read, number of VMAs", (1, 1_000, 65_536), 80),
    Growth("zero-read-{}-processes", "zero read, number of processes", (1, 50, 250), None),
    Growth("switch-{}-processes", "switch, number of processes", (1, 50, 250), None),
    Growth("fork-exit-wait-{}-processes", "fork + exit + wait, processes", (1, 50, 250), None),
    Growth("zero-read-{}-MiB", "zero read, MiB of RAM", (128, 1_024, 8_192), None),
    Growth("demand-zero-{}-MiB", "demand-zero fault, MiB of RAM", (128, 1_024, 8_192), None),
    Growth("fork-exit-wait-{}-MiB", "fork + exit + wait, MiB of RAM", (128, 1_024, 8_192), None),
    Growth("boot-{}-MiB", "power-on to prompt, MiB of RAM", (128, 1_024, 8_192), None),
)
