# Makefile - builds, runs and tests Pageturner; `make help` lists what there is.
# SPDX-License-Identifier: MIT
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

ARCH    ?= i386
BUILD   ?= build
PAGING  ?=
MEM     ?= 128M
CMDLINE ?=
FAST    ?=
PAGEFILE ?= 512M
EXCLUDE ?=
PYTHON  ?= /usr/bin/python3

include mk/arch.mk mk/guard.mk
MAKEFLAGS += --no-builtin-rules --no-print-directory
include mk/say.mk mk/kernel.mk mk/user.mk mk/host.mk mk/iso.mk mk/run.mk mk/install.mk mk/check.mk mk/commands.mk

.PHONY: all kernels kernel ports port host-tests setup clean help FORCE
# Every architecture whose sources exist, and the programs that test the same sources on this machine.
all: kernels host-tests ports
kernels: $(ARCHES:%=$(BUILD)/%/pageturner.elf)
kernel port: $(BUILD)/$(ARCH)/pageturner.elf
ports: $(PORTS:%=$(BUILD)/%/pageturner.elf)
host-tests: $(HOST_TESTS:%=$(BUILD)/host/%)

# A make describes one architecture; another one's kernel is another make's work.
OTHERS = $(filter-out $(ARCH),$(ARCHES) $(PORTS))
$(OTHERS:%=$(BUILD)/%/pageturner.elf): $(BUILD)/%/pageturner.elf: FORCE
	@$(MAKE) ARCH=$* $@

setup:
	@tools/setup

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#: \{0,1\}//p' mk/help.txt
