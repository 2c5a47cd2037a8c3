# Makefile - builds and tests Pageturner; `make help` lists what there is.
# SPDX-License-Identifier: MIT
HOSTCC   ?= gcc
PYTHON   ?= /usr/bin/python3
HOSTFLAGS = -std=c17 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -I. -MMD -MP

HOST_TESTS :=
include $(wildcard tests/host/*/host.mk)

.DEFAULT_GOAL := all
.PHONY: all test host-tests setup help clean
all: host-tests

setup:
	@tools/setup

define host_program
build/host/$(1): $$($(1)_SRCS:%.c=build/host/obj/%.o)
	$$(HOSTCC) $$(HOSTFLAGS) -o $$@ $$^ -lcmocka
-include $$($(1)_SRCS:%.c=build/host/obj/%.d)
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_program,$(t))))

build/host/obj/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOSTFLAGS) -c -o $@ $<

host-tests: $(HOST_TESTS:%=build/host/%)

test: setup
	@$(MAKE) --no-print-directory host-tests
	$(PYTHON) -m pytest tests

clean:
	rm -rf build

help:
	@echo 'make test        set up, build, run every test'
	@echo 'make host-tests  the programs that run on this machine'
	@echo 'make clean       remove build/'
