# mk/kernel.mk - the kernel image of ARCH: boot stage, its bytes, the kernel around it, its symbol table.
# SPDX-License-Identifier: MIT
#
#   boot.elf        boot/<family> and the table builder, linked at the physical address where it runs
#   boot.bin        its bytes, put at the front of the image by boot/blob.S; its .bss is room behind them
#   pass1.elf       the image with an empty symbol table
#   pageturner.elf  the same with the table, which is the last section so that nothing else moves
#   pageturner.bin  its bytes as they lie in memory, for loaders that want no ELF: QEMU gives an ARM ELF no initrd

OUT    := $(BUILD)/$(ARCH)
FAMILY := $($(ARCH)_FAMILY)
DIRS   := arch/$(FAMILY) arch/$(FAMILY)/$(ARCH)
# Headers that are included by name alone belong to the architecture that is built.
INCLUDES := $(DIRS:%=-I%) -Ihw/$(FAMILY)/$(ARCH)
DIRS   += hw/$(FAMILY)/$(ARCH)

BASE_SRCS := lib/printf.c lib/string.c lib/str.c lib/err.c lib/cmdline.c $(wildcard paging/*.c)
BOOT_SRCS := $(wildcard boot/*.c boot/$(FAMILY)/*.[cS] boot/$(FAMILY)/$(ARCH)/*.[cS]) $(BASE_SRCS)
# The folders of the kernel, lowest layer first; arch/, drivers/ and the boot stage are chosen by architecture.
MM_FOLDERS := mm/phys mm/space mm/backing mm/reclaim mm
FOLDERS := lib paging isa inspect scenario $(MM_FOLDERS) kernel \
           shell/line shell/picture shell shell/look lessons shell/live tests/kernel
KERN_SRCS := $(filter-out $(EXCLUDE),$(wildcard $(DIRS:%=%/*.[cS]) \
             $(FOLDERS:%=%/*.c)) \
             $(filter $($(ARCH)_DEV:%=drivers/%.c),$(wildcard drivers/*.c)) boot/blob.S)
BOOT_OBJS := $(patsubst %,$(OUT)/boot/%.o,$(basename $(BOOT_SRCS)))
KERN_OBJS := $(patsubst %,$(OUT)/obj/%.o,$(basename $(KERN_SRCS)))

CC_PREFIX   = $(CROSS_$(ARCH))
BOOT_PREFIX = $($(ARCH)_BOOT_CROSS)
# The kernel uses small numbers as addresses on purpose; older compilers have no such warning.
LOW := $(shell $(CC_PREFIX)gcc --param=min-pagesize=0 -E -x c /dev/null >/dev/null 2>&1 && echo --param=min-pagesize=0)

FLAGS = -std=c17 -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
        -fno-omit-frame-pointer -fno-strict-aliasing -ffunction-sections -fdata-sections -fno-common $(LOW) \
        -g -O2 -Wall -Wextra -Werror $(EXTRA_FLAGS) -MMD -MP -I. $(INCLUDES)
KERN_CC = $(call compiler,$(CC_PREFIX),$($(ARCH)_CLANG),$(FLAGS) $($(ARCH)_FLAGS))
# Code of faults, switches and system calls is built for speed; code that waits for the serial line or runs once, and formats
# that this machine's MMU does not have, for size.
HOT = $(filter-out mm/init.c mm/phys/memmap.c mm/check.c paging/fmt_%,$(wildcard $(MM_FOLDERS:%=%/*.c) paging/*.c)) \
      $($(ARCH)_FORMATS:%=paging/fmt_%.c) arch/% \
      $(patsubst %,kernel/%.c,trap syscall sys_memory user_trap uaccess proc sched exec handle) lib/string.c
optimise = $(if $(filter $(HOT),$(1)),,-Os)
BOOT_CC = $(call compiler,$(BOOT_PREFIX),$($(ARCH)_BOOT_CLANG),$(FLAGS) $($(ARCH)_BOOT_FLAGS) -Os -DPT_WITHOUT_ISA)
LINK_FLAGS = -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
             -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack -Wl,--orphan-handling=error
KERN_LINK = $(CC_PREFIX)gcc $($(ARCH)_LDFLAGS) $(LINK_FLAGS)
BOOT_LINK = $(BOOT_PREFIX)gcc $($(ARCH)_BOOT_LDFLAGS) $(LINK_FLAGS)
# Every flag of every file, and what each image is linked from: an object that goes away is a change, too.
$(call remember,$(OUT)/flags,$(KERN_CC) $(BOOT_CC); fast: $(filter $(HOT),$(KERN_SRCS)); key: $(LESSON_KEY))
$(call remember,$(OUT)/link.flags,$(KERN_LINK) $(BOOT_LINK) $($(ARCH)_LIBS) $(BOOT_OBJS) $(KERN_OBJS))
# The key of the hash that `grade` prints; letters and digits.
$(OUT)/obj/lessons/ticket.o: KERN_CC += $(if $(LESSON_KEY),-DLESSON_KEY='"$(LESSON_KEY)"')
# What runs before the ARM image has moved to where it is linked.
$(addprefix $(OUT)/boot/boot/arm/,foreign.o refuse.o fdt.o): BOOT_CC += -fpie

$(OUT)/boot/%.o: %.c $(OUT)/flags
	$(call say,CC)
	$(Q)$(BOOT_CC) -c -o $@ $<
$(OUT)/boot/%.o: %.S $(OUT)/flags
	$(call say,AS)
	$(Q)$(BOOT_CC) -c -o $@ $<
$(OUT)/obj/%.o: %.c $(OUT)/flags
	$(call say,CC)
	$(Q)$(KERN_CC) $(call optimise,$<) -c -o $@ $<
$(OUT)/obj/%.o: %.S $(OUT)/flags
	$(call say,AS)
	$(Q)$(KERN_CC) -DBOOT_BLOB='"$(OUT)/boot.bin"' -c -o $@ $<
$(OUT)/obj/boot/blob.o: $(OUT)/boot.bin

# Linker scripts go through the preprocessor: the addresses come from the headers that C and assembly read.
define preprocess_script
	$(call say,LDS)
	$(Q)$(CC_PREFIX)gcc -E -P -undef -x c -I. $(INCLUDES) -MMD -MP -MT $@ -MF $@.d -o $@ $<
endef
$(OUT)/kernel.ld: linker/$(ARCH).ld $(OUT)/flags
	$(preprocess_script)
$(OUT)/boot.ld: boot/$(FAMILY)/boot.ld $(OUT)/flags
	$(preprocess_script)

$(OUT)/boot.elf: $(BOOT_OBJS) $(OUT)/boot.ld $(OUT)/link.flags
	$(call say,LD)
	$(Q)$(BOOT_LINK) -T $(OUT)/boot.ld -o $@ $(BOOT_OBJS) -lgcc
$(OUT)/boot.bin: $(OUT)/boot.elf
	$(call say,BIN)
	$(Q)$(BOOT_PREFIX)objcopy -O binary $< $@
# Where the boot stage begins and ends, for the kernel's linker script.
$(OUT)/boot.defs: $(OUT)/boot.elf
	$(Q)$(BOOT_PREFIX)nm $< | sed -n -e 's/^\([0-9a-f]*\) . boot_entry$$/-Wl,--defsym=BOOT_ENTRY=0x\1/p' \
		-e 's/^\([0-9a-f]*\) . boot_end$$/-Wl,--defsym=BOOT_END=0x\1/p' >$@

KERN_PARTS = $(KERN_OBJS) $(OUT)/kernel.ld $(OUT)/boot.defs $(OUT)/link.flags
kernel_link = $(Q)$(KERN_LINK) -T $(OUT)/kernel.ld -o $(1) $(KERN_OBJS) $(2) $($(ARCH)_LIBS) @$(OUT)/boot.defs

$(OUT)/symbols%.o: $(OUT)/symbols%.S
	$(Q)$(KERN_CC) -c -o $@ $<
$(OUT)/symbols1.S: tools/symtab
	$(Q)mkdir -p $(@D) && tools/symtab </dev/null >$@
$(OUT)/symbols2.S: $(OUT)/pass1.elf tools/symtab
	$(call say,SYM)
	$(Q)$(CC_PREFIX)nm $< | tools/symtab >$@
$(OUT)/pass1.elf: $(KERN_PARTS) $(OUT)/symbols1.o
	$(call say,LD)
	$(call kernel_link,$@,$(OUT)/symbols1.o)
$(OUT)/pageturner.elf: $(KERN_PARTS) $(OUT)/symbols2.o
	$(call say,LD)
	$(call kernel_link,$@.new,$(OUT)/symbols2.o)
	$(Q)$(CC_PREFIX)nm $@.new | tools/symtab --check $(OUT)/symbols2.S
	$(if $(filter bin,$($(ARCH)_IMAGE)),$(Q)$(CC_PREFIX)objcopy -O binary $@.new $(@:.elf=.bin))
	$(Q)mv $@.new $@

.SECONDARY: $(OUT)/symbols1.S $(OUT)/symbols2.S $(OUT)/symbols1.o $(OUT)/symbols2.o
-include $(BOOT_OBJS:.o=.d) $(KERN_OBJS:.o=.d) $(OUT)/kernel.ld.d $(OUT)/boot.ld.d
