# tests/host/lib/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += base_printf base_string base_tar
base_printf_SRCS := tests/host/lib/test_printf.c lib/printf.c lib/str.c lib/err.c
base_string_SRCS := tests/host/lib/test_string.c lib/str.c
base_tar_SRCS := tests/host/lib/test_tar.c kernel/tar.c lib/str.c
