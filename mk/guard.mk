# mk/guard.mk - refuses an ARCH or a BUILD that no rule may use, before any rule or $(shell ...) has written a file.
# SPDX-License-Identifier: MIT

# A space, and a value as one word of the shell.
empty :=
space := $(empty) $(empty)
comma := ,
quoted = '$(subst ','\'',$(1))'

# -n, -q and -t: nothing is written. The first word of MAKEFLAGS has the one-letter options, if there are any.
DRY := $(strip $(foreach o,n q t,$(findstring $(o),$(filter-out --%,$(firstword -$(MAKEFLAGS))))))

# One word of the table.
ARCH_FAULT := $(findstring $(space),$(ARCH))$(filter-out $(ARCHES) $(PORTS),$(or $(ARCH),nothing))
ifneq ($(ARCH_FAULT),)
$(error ARCH=$(ARCH) is not an architecture of this tree. There are: $(ARCHES); only to be compiled: $(PORTS))
endif

BUILD_FAULT := $(filter-out ok,$(or $(shell tools/buildcheck $(call quoted,$(BUILD))),is not checked))
ifneq ($(BUILD_FAULT),)
$(error BUILD=$(BUILD) $(BUILD_FAULT): it must be a new directory, an empty one, or one that this Makefile filled)
endif
