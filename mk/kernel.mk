# mk/kernel.mk - one kernel image: boot stage, its bytes, the kernel around it, its symbol table.
# SPDX-License-Identifier: MIT
#
#   boot.elf        boot/<family> and the table builder, linked at the physical address where it runs
#   boot.bin        its bytes, .bss included, put at the front of the image by boot_blob.S
#   pass1.elf       the image with an empty symbol table
#   pageturner.elf  the same with the table, which is the last section so that nothing else moves

LINK_FLAGS = -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
             -Wl,--no-warn-rwx-segments -Wl,-z,noexecstack -Wl,--orphan-handling=error
BASE_SRCS := kernel/printf.c kernel/string.c kernel/str.c kernel/err.c kernel/cmdline.c $(wildcard mm/pt/*.c)

# `make V=1` shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)')

# Objects depend on a file that changes when the compiler or its flags do: $(call remember,FILE,TEXT)
remember = $(shell mkdir -p $(dir $(1)); printf '%s\n' '$(2)' | cmp -s - $(1) || printf '%s\n' '$(2)' >$(1))

# $(1) architecture, $(2) family
define kernel_rules
$(1)_OUT := $(BUILD)/$(1)
$(1)_BOOT_SRCS := $$(wildcard boot/$(2)/*.c boot/$(2)/*.S boot/$(2)/$(1)/*.c boot/$(2)/$(1)/*.S) $(BASE_SRCS)
$(1)_SRCS := $$(wildcard arch/$(2)/*.c arch/$(2)/*.S arch/$(2)/$(1)/*.c arch/$(2)/$(1)/*.S kernel/*.c \
	kernel/inspect/*.c kernel/shell/*.c mm/*.c mm/pt/*.c tests/kernel/*.c) \
	$$(filter $$($(1)_DEV:%=kernel/dev/%.c),$$(wildcard kernel/dev/*.c))
$(1)_SRCS := $$(filter-out $(EXCLUDE),$$($(1)_SRCS))
$(1)_BOOT_OBJS := $$(patsubst %,$$($(1)_OUT)/boot/%.o,$$(basename $$($(1)_BOOT_SRCS)))
$(1)_OBJS := $$(patsubst %,$$($(1)_OUT)/obj/%.o,$$(basename $$($(1)_SRCS)))
# A kernel may mean what it says when it uses a small number as an address; older compilers do not ask.
$(1)_EXTRA := $$(shell $$(CROSS_$(1))gcc --param=min-pagesize=0 -E -x c /dev/null >/dev/null 2>&1 && echo --param=min-pagesize=0)
$(1)_CC = $$(CROSS_$(1))gcc $(COMMON_FLAGS) $$($(1)_EXTRA) $$($(1)_FLAGS) -Iarch/$(2)/$(1)
$(1)_BOOT_CC = $$($(1)_BOOT_CROSS)gcc $(COMMON_FLAGS) $$($(1)_BOOT_FLAGS) -Os -Iarch/$(2)/$(1)
$(1)_LINK = $$(CROSS_$(1))gcc $$($(1)_LDFLAGS) $(LINK_FLAGS)
$$(call remember,$$($(1)_OUT)/flags,$$($(1)_CC) $$($(1)_BOOT_CC) $$($(1)_LINK))

$$($(1)_OUT)/boot/%.o: %.c $$($(1)_OUT)/flags
	$$(call say,CC  $$@)
	@mkdir -p $$(@D)
	$(Q)$$($(1)_BOOT_CC) -c -o $$@ $$<
$$($(1)_OUT)/boot/%.o: %.S $$($(1)_OUT)/flags
	$$(call say,CC  $$@)
	@mkdir -p $$(@D)
	$(Q)$$($(1)_BOOT_CC) -c -o $$@ $$<
$$($(1)_OUT)/obj/%.o: %.c $$($(1)_OUT)/flags
	$$(call say,CC  $$@)
	@mkdir -p $$(@D)
	$(Q)$$($(1)_CC) -c -o $$@ $$<
$$($(1)_OUT)/obj/%.o: %.S $$($(1)_OUT)/flags
	$$(call say,CC  $$@)
	@mkdir -p $$(@D)
	$(Q)$$($(1)_CC) -DBOOT_BLOB='"$$($(1)_OUT)/boot.bin"' -c -o $$@ $$<
$$(filter %/boot_blob.o,$$($(1)_OBJS)): $$($(1)_OUT)/boot.bin

# Linker scripts go through the preprocessor: the addresses come from the headers that C and assembly read.
$$($(1)_OUT)/%.ld: linker/%.ld linker/common.ld.h $$($(1)_OUT)/flags
	$$(call say,CPP  $$@)
	$(Q)$$(CROSS_$(1))gcc -E -P -undef -x c -I. -Iarch/$(2)/$(1) -MMD -MP -MT $$@ -MF $$@.d -o $$@ $$<
$$($(1)_OUT)/boot.ld: boot/$(2)/boot.ld linker/common.ld.h $$($(1)_OUT)/flags
	$$(call say,CPP  $$@)
	$(Q)$$(CROSS_$(1))gcc -E -P -undef -x c -I. -Iarch/$(2)/$(1) -MMD -MP -MT $$@ -MF $$@.d -o $$@ $$<

$$($(1)_OUT)/boot.elf: $$($(1)_BOOT_OBJS) $$($(1)_OUT)/boot.ld
	$$(call say,LD  $$@)
	$(Q)$$($(1)_BOOT_CROSS)gcc $$($(1)_BOOT_LDFLAGS) $(LINK_FLAGS) -T $$($(1)_OUT)/boot.ld -o $$@ $$($(1)_BOOT_OBJS) -lgcc
# .bss goes into the blob as zeroes: the loader sees one stretch of bytes, of whole pages.
$$($(1)_OUT)/boot.bin: $$($(1)_OUT)/boot.elf
	$$(call say,BIN  $$@)
	$(Q)$$($(1)_BOOT_CROSS)objcopy -O binary --set-section-flags .bss=alloc,load,contents $$< $$@
	@$(PYTHON) tools/pad $$@ 4096
	@$$($(1)_BOOT_CROSS)nm $$< | sed -n 's/^\([0-9a-f]*\) . boot_entry$$$$/-Wl,--defsym=BOOT_ENTRY=0x\1/p; \
		s/^\([0-9a-f]*\) . boot_end$$$$/-Wl,--defsym=BOOT_END=0x\1/p' >$$($(1)_OUT)/boot.defs

$$($(1)_OUT)/symbols%.o: $$($(1)_OUT)/symbols%.S
	$$(call say,CC  $$@)
	$(Q)$$($(1)_CC) -c -o $$@ $$<
$$($(1)_OUT)/symbols1.S: tools/symtab
	$$(call say,GEN  $$@)
	$(Q)tools/symtab </dev/null >$$@
$$($(1)_OUT)/symbols2.S: $$($(1)_OUT)/pass1.elf tools/symtab
	$$(call say,NM  $$@)
	$(Q)$$(CROSS_$(1))nm $$< | tools/symtab >$$@
$$($(1)_OUT)/pass1.elf: $$($(1)_OBJS) $$($(1)_OUT)/symbols1.o $$($(1)_OUT)/$(1).ld
	$$(call say,LD  $$@)
	$(Q)$$($(1)_LINK) -T $$($(1)_OUT)/$(1).ld -o $$@ $$($(1)_OBJS) $$($(1)_OUT)/symbols1.o -lgcc @$$($(1)_OUT)/boot.defs
$$($(1)_OUT)/pageturner.elf: $$($(1)_OUT)/pass1.elf $$($(1)_OUT)/symbols2.o
	$$(call say,LD  $$@)
	$(Q)$$($(1)_LINK) -T $$($(1)_OUT)/$(1).ld -o $$@.new $$($(1)_OBJS) $$($(1)_OUT)/symbols2.o -lgcc @$$($(1)_OUT)/boot.defs
	@$$(CROSS_$(1))nm $$@.new | tools/symtab --check $$($(1)_OUT)/symbols2.S
	@mv $$@.new $$@
-include $$($(1)_BOOT_OBJS:.o=.d) $$($(1)_OBJS:.o=.d) $$($(1)_OUT)/$(1).ld.d $$($(1)_OUT)/boot.ld.d
endef
$(foreach a,$(ARCHES),$(eval $(call kernel_rules,$(a),$($(a)_FAMILY))))
