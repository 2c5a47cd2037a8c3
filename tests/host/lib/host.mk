# tests/host/lib/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += lib_printf lib_string lib_tar lib_lz4
lib_lz4_SRCS := tests/host/lib/test_lz4.c lib/lz4.c lib/str.c
lib_printf_SRCS := tests/host/lib/test_printf.c lib/printf.c lib/str.c lib/err.c
lib_string_SRCS := tests/host/lib/test_string.c lib/str.c
lib_tar_SRCS := tests/host/lib/test_tar.c kernel/tar.c lib/str.c
