# tests/host/scenario/host.mk - the parser of scenarios: mistakes, memory that is exhausted, random changes.
# SPDX-License-Identifier: MIT
HOST_TESTS += scenario_parse
scenario_parse_SRCS := tests/host/scenario/test_scenario.c $(wildcard scenario/*.c paging/*.c isa/*.c) \
                       $(filter-out %/ptdump.c,$(wildcard inspect/*.c)) lib/printf.c lib/str.c lib/err.c
