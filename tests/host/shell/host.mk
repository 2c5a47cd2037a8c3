# tests/host/shell/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += lineedit
lineedit_SRCS := tests/host/shell/test_lineedit.c tests/host/shell/model.c tests/host/shell/terminal.c \
	kernel/shell/lineedit.c kernel/shell/row.c kernel/shell/keys.c kernel/shell/history.c \
	kernel/shell/complete.c kernel/printf.c kernel/str.c

HOST_TESTS += parse
parse_SRCS := tests/host/shell/test_parse.c kernel/shell/parse.c kernel/inspect/eval.c kernel/inspect/target.c \
	kernel/printf.c kernel/str.c kernel/err.c $(wildcard mm/pt/*.c isa/*.c)
# Nine rows of 64 bytes: test_parse.c asserts it.
parse_LIBS := -Wl,--defsym=commands_end=commands_start+576
