# tests/host/shell/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += lineedit
lineedit_SRCS := tests/host/shell/test_lineedit.c tests/host/shell/model.c tests/host/shell/terminal.c \
	shell/line/lineedit.c shell/line/row.c shell/line/keys.c shell/line/history.c \
	shell/line/complete.c lib/printf.c lib/str.c

HOST_TESTS += parse
parse_SRCS := tests/host/shell/test_parse.c shell/parse.c shell/option.c shell/command_name.c inspect/eval.c inspect/target.c \
	lib/printf.c lib/str.c lib/err.c $(wildcard paging/*.c isa/*.c)
# Ten rows of 72 bytes: test_parse.c asserts it.
parse_LIBS := -Wl,--defsym=commands_end=commands_start+720

HOST_TESTS += picture
picture_SRCS := tests/host/shell/test_picture.c $(wildcard shell/picture/*.c) lib/printf.c lib/str.c

HOST_TESTS += palette
palette_SRCS := tests/host/shell/test_palette.c shell/picture/palette.c
palette_LIBS := -lm
