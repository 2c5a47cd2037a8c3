# tests/host/boot/host.mk - parts of the boot stages that know no hardware.
# SPDX-License-Identifier: MIT
HOST_TESTS += boot_dtb
boot_dtb_SRCS := tests/host/boot/test_dtb.c boot/arm/dtb.c boot/arm/fdt.c boot/arm/foreign.c lib/str.c
