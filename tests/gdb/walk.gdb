# tests/gdb/walk.gdb - what `make gdb` loads: both sides' symbols and the walk through the MMU switch.
# SPDX-License-Identifier: MIT
set pagination off
set confirm off
set disassembly-flavor att
set print symbol on
set tcp connect-timeout 20
# Two programs: the kernel at C0000000 and up, the boot stage at the physical address it runs at.
file build/i386/pageturner.elf
add-symbol-file build/i386/boot.elf
set architecture i386
source tests/gdb/walk.py
