# tests/host/inspect/host.mk - the renderers' test programs.
# SPDX-License-Identifier: MIT
HOST_TESTS += inspect_windbg inspect_vtop inspect_ptov inspect_eval inspect_linux inspect_dump
HOST_TESTS += inspect_formats inspect_fields inspect_predict inspect_creg inspect_explain inspect_linux_arm
HOST_TESTS += inspect_process
inspect_PARTS := tests/host/inspect/fixture.c $(filter-out %/ptdump.c,$(wildcard kernel/inspect/*.c)) \
                 $(wildcard mm/pt/*.c) kernel/printf.c kernel/str.c kernel/err.c
inspect_linux_EXTRA := kernel/inspect/ptdump.c
$(foreach t,$(patsubst tests/host/inspect/test_%.c,%,$(wildcard tests/host/inspect/test_*.c)),$(eval \
	inspect_$(t)_SRCS := tests/host/inspect/test_$(t).c $(inspect_PARTS) $(inspect_$(t)_EXTRA)))
