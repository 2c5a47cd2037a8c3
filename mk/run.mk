# mk/run.mk - boots what was built: in QEMU, under gdb, under the benchmark.
# SPDX-License-Identifier: MIT
.PHONY: run gdb bench
export MEM PAGING CMDLINE ARCH BUILD

# The whole command line goes through the environment: it may hold quotes.
WORDS = $(if $(PAGING),paging=$(PAGING) )$(CMDLINE)
export WORDS
# EXIT gives the kernel a way to end QEMU with a status; the terminal's escape is Ctrl-], since Ctrl-A is a key of the shell.
QEMU = $($(ARCH)_QEMU) $($(ARCH)_EXIT) -m $(MEM) -display none -no-reboot
IMAGE = pageturner.$(or $($(ARCH)_IMAGE),elf)
BY_KERNEL = -kernel $(BUILD)/$(ARCH)/$(IMAGE) -initrd $(BUILD)/$(ARCH)/initrd.tar -append "$$WORDS"
BY_ISO = -cdrom $(ISO) -boot d
RUN_BY = $(if $(FAST)$(filter-out $(PC_ARCHES),$(ARCH)),KERNEL,ISO)
ON_TERMINAL = -serial mon:stdio -echr 29
ON_PIPE = -serial stdio -monitor none
IS_TERMINAL = $(shell test -t 0 && echo yes)

# Page files: sparse images that the kernel recognises by their header. An image belongs to one machine, so a second `make run`
# at the same time uses images of its own. make -n writes nothing and prints the names of the first.
PAGEFILE_SIZES = $(filter-out none,$(subst $(comma), ,$(PAGEFILE)))
PAGEFILE_NUMBERS = $(wordlist 1,$(words $(PAGEFILE_SIZES)),0 1 2 3)
PAGEFILE_DIR = $(BUILD)/$(ARCH)
claim = $(if $(DRY),,$(shell tools/mkpagefile --claim $(PAGEFILE_DIR) $$PPID))
PAGEFILE_TAG = $(eval PAGEFILE_TAG := $(claim))$(PAGEFILE_TAG)
pagefile = $(PAGEFILE_DIR)/pagefile$(1)$(PAGEFILE_TAG).img
MAKE_DISKS = $(join $(foreach n,$(PAGEFILE_NUMBERS),$(call pagefile,$(n)):),$(PAGEFILE_SIZES))
DISKS = $(foreach n,$(PAGEFILE_NUMBERS),-drive if=none$(comma)id=page$(n)$(comma)format=raw$(comma)file=$(subst \
	$(comma),$(comma)$(comma),$(call pagefile,$(n))) -device $($(ARCH)_DISK)$(comma)drive=page$(n))

# Commands may come from a pipe or a file: only the machine reads them.
run:
	@tools/setup run </dev/null
	@$(MAKE) $(JOBS) $(if $(filter ISO,$(RUN_BY)),iso,kernel) </dev/null
	$(if $(PAGEFILE_NUMBERS),@tools/mkpagefile $(MAKE_DISKS) </dev/null)
ifneq ($(IS_TERMINAL),)
	@echo 'Leave with poweroff at the prompt, or with Ctrl-] X.'
	@$(QEMU) $(BY_$(RUN_BY)) $(DISKS) $(ON_TERMINAL)
else
	@tools/feed $(QEMU) $(BY_$(RUN_BY)) $(DISKS) $(ON_PIPE)
endif

# QEMU waits before the first instruction; gdb has the symbols of the boot stage and of the kernel, and pagewalk's commands where
# there is a compiler for this machine.
gdb:
	@tools/setup run
	@$(MAKE) $(JOBS) kernel
	@$(MAKE) $(BUILD)/host/libpagewalk.so >/dev/null 2>&1 || echo "gdb without pt, pte and vtop: \`make pagewalk' says why"
	@STEP='$(STEP)' PYTHON='$(PYTHON)' GDB='$($(ARCH)_GDB)' tests/gdb/run $(QEMU) $(BY_KERNEL)

bench:
	@test -x tests/bench/run || { echo 'tests/bench/run does not exist'; exit 1; }
	@tools/setup run
	@$(MAKE) $(JOBS) kernel
	tests/bench/run $(if $(COMPARE),--compare '$(COMPARE)')
