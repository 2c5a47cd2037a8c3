# tests/host/shell/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += lineedit
lineedit_SRCS := tests/host/shell/test_lineedit.c tests/host/shell/model.c tests/host/shell/terminal.c \
	kernel/shell/lineedit.c kernel/shell/row.c kernel/shell/keys.c kernel/shell/history.c \
	kernel/shell/complete.c kernel/printf.c kernel/str.c
