# Makefile - builds and tests Pageturner; `make help` lists what there is.
# SPDX-License-Identifier: MIT
HOSTCC   ?= gcc
PYTHON   ?= /usr/bin/python3
HOSTFLAGS = -std=c17 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -I. -MMD -MP

HOST_TESTS :=
include $(wildcard tests/host/*/host.mk)

.DEFAULT_GOAL := all
.PHONY: all kernel run test host-tests setup help clean

# ---- the kernel ----
CROSS ?= $(firstword $(foreach p,i686-elf- i686-linux-gnu-,$(if $(shell command -v $(p)gcc),$(p))))
MEM ?= 128M
PAGING ?= pae
CMDLINE ?=
OUT = build/i386
KFLAGS = -std=c17 -m32 -march=i486 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -g -O2 \
         -fno-asynchronous-unwind-tables -fno-omit-frame-pointer -ffunction-sections -fdata-sections -Wall -Wextra -Werror -MMD -MP -I. -Iarch/x86/i386
KLINK = $(CROSS)gcc -m32 -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack
BASE_SRCS = kernel/printf.c kernel/string.c kernel/str.c kernel/err.c kernel/cmdline.c $(wildcard mm/pt/*.c)
BOOT_SRCS = $(wildcard boot/x86/*.c boot/x86/*.S) $(BASE_SRCS)
KERN_SRCS = $(wildcard arch/x86/i386/*.c arch/x86/i386/*.S kernel/*.c kernel/dev/*.c kernel/inspect/*.c mm/pt/*.c) \
            $(filter-out kernel/shell/lineedit% kernel/shell/complete%,$(wildcard kernel/shell/*.c)) mm/memmap.c
BOOT_OBJS = $(patsubst %,$(OUT)/boot/%.o,$(basename $(BOOT_SRCS)))
KERN_OBJS = $(patsubst %,$(OUT)/obj/%.o,$(basename $(KERN_SRCS)))

all: kernel host-tests
kernel: $(OUT)/pageturner.elf

$(OUT)/boot/%.o: %.c
	@mkdir -p $(@D)
	$(CROSS)gcc $(KFLAGS) -Os -c -o $@ $<
$(OUT)/boot/%.o: %.S
	@mkdir -p $(@D)
	$(CROSS)gcc $(KFLAGS) -c -o $@ $<
$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CROSS)gcc $(KFLAGS) -c -o $@ $<
$(OUT)/obj/%.o: %.S
	@mkdir -p $(@D)
	$(CROSS)gcc $(KFLAGS) -DBOOT_BLOB='"$(OUT)/boot.bin"' -c -o $@ $<
$(OUT)/obj/arch/x86/i386/boot_blob.o: $(OUT)/boot.bin

$(OUT)/boot.elf: $(BOOT_OBJS) boot/x86/boot.ld
	$(KLINK) -T boot/x86/boot.ld -o $@ $(BOOT_OBJS) -lgcc
# .bss goes into the blob as zeroes: the loader sees one stretch of bytes.
$(OUT)/boot.bin: $(OUT)/boot.elf
	$(CROSS)objcopy -O binary --set-section-flags .bss=alloc,load,contents $< $@
	truncate -s %4096 $@
$(OUT)/pageturner.elf: $(KERN_OBJS) linker/i386.ld
	$(KLINK) -T linker/i386.ld -o $@ $(KERN_OBJS) -lgcc \
		-Wl,--defsym=BOOT_ENTRY=0x`$(CROSS)nm $(OUT)/boot.elf | sed -n 's/ . boot_entry$$//p'` \
		-Wl,--defsym=BOOT_END=0x`$(CROSS)nm $(OUT)/boot.elf | sed -n 's/ . boot_end$$//p'`
-include $(BOOT_OBJS:.o=.d) $(KERN_OBJS:.o=.d)

run: setup
	@$(MAKE) --no-print-directory kernel
	@echo 'Leave with poweroff at the prompt, or Ctrl-A X.'
	qemu-system-i386 -cpu max -m $(MEM) -display none -serial mon:stdio -no-reboot -kernel $(OUT)/pageturner.elf \
		-append 'paging=$(PAGING) $(CMDLINE)'

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
	@$(MAKE) --no-print-directory all
	$(PYTHON) -m pytest tests

clean:
	rm -rf build

help:
	@echo 'make test        set up, build, run every test'
	@echo 'make run         boot in QEMU; MEM=128M PAGING=pae|legacy CMDLINE=... CROSS=prefix-'
	@echo 'make host-tests  the programs that run on this machine'
	@echo 'make clean       remove build/'
