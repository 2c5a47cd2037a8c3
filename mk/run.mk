# mk/run.mk - boots what was built: in QEMU, under gdb, under the benchmark.
# SPDX-License-Identifier: MIT
.PHONY: run gdb bench
export MEM PAGING CMDLINE ARCH BUILD

# The whole command line goes through the environment: it may hold quotes.
WORDS = $(if $(PAGING),paging=$(PAGING) )$(CMDLINE)
export WORDS
QEMU = $($(ARCH)_QEMU) -m $(MEM) -display none -no-reboot
IMAGE = pageturner.$(or $($(ARCH)_IMAGE),elf)
BY_KERNEL = -kernel $(BUILD)/$(ARCH)/$(IMAGE) -initrd $(BUILD)/$(ARCH)/initrd.tar -append "$$WORDS"
BY_ISO = -cdrom $(ISO) -boot d
RUN_BY = $(if $(FAST)$(filter armv7,$(ARCH)),KERNEL,ISO)

run:
	@tools/setup run
	@$(MAKE) $(JOBS) $(if $(filter ISO,$(RUN_BY)),iso,kernel)
	@echo 'Leave with poweroff at the prompt, or with Ctrl-A X.'
	@$(QEMU) -serial mon:stdio $(BY_$(RUN_BY))

# QEMU waits before the first instruction; gdb has the symbols of the boot stage and of the kernel.
gdb:
	@tools/setup run
	@$(MAKE) $(JOBS) kernel
	@PYTHON='$(PYTHON)' GDB='$($(ARCH)_GDB)' tests/gdb/run $(QEMU) $(BY_KERNEL)

bench:
	@test -x tests/bench/run || { echo 'tests/bench/run does not exist'; exit 1; }
	@tools/setup run
	@$(MAKE) $(JOBS) kernel
	tests/bench/run
