# tests/host/arch/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += operand
operand_SRCS := tests/host/arch/test_operand.c arch/x86/x86_64/operand.c lib/str.c
# It divides with an instruction of x86.
ifneq ($(filter x86_64 i%86,$(shell uname -m)),)
HOST_TESTS += divide
endif
divide_SRCS := tests/host/arch/test_divide.c
