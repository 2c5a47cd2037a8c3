# tests/host/base/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += base_printf base_string base_tar
base_printf_SRCS := tests/host/base/test_printf.c kernel/printf.c kernel/str.c kernel/err.c
base_string_SRCS := tests/host/base/test_string.c kernel/str.c
base_tar_SRCS := tests/host/base/test_tar.c kernel/tar.c kernel/str.c
