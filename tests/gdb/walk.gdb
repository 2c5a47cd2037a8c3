# tests/gdb/walk.gdb - what `make gdb` loads: both sides' symbols and the walk through the MMU switch.
# SPDX-License-Identifier: MIT
set pagination off
set confirm off
set disassembly-flavor att
set print symbol on
set tcp connect-timeout 20
source tools/pagewalk_gdb.py
source tests/gdb/walk.py
