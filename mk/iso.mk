# mk/iso.mk - one ISO that boots under BIOS and UEFI, with a menu entry for each way to boot.
# SPDX-License-Identifier: MIT
.PHONY: iso
GRUB_MKRESCUE ?= $(firstword $(foreach p,grub-mkrescue grub2-mkrescue i686-elf-grub-mkrescue,$(shell command -v $(p))) grub-mkrescue)
# What the menu, the two multiboot loaders and a UEFI machine need; all modules would make the ISO three times as large.
GRUB_MODULES = normal multiboot multiboot2 serial terminal terminfo echo test configfile search search_label \
               part_gpt part_msdos iso9660 fat all_video
# The PC kernels that go on it, the one for ARCH first: it is what boots.
ISO_ARCHES ?= $(filter $(ARCH),i386 x86_64) $(filter-out $(ARCH),$(filter i386 x86_64,$(ARCHES)))
ISO = $(BUILD)/$(ARCH)/pageturner.iso

iso: $(if $(filter armv7,$(ARCH)),no-iso,$(ISO))
.PHONY: no-iso
no-iso:
	@echo 'There is no ISO for $(ARCH): its machine has no GRUB. `make run ARCH=$(ARCH)` boots the kernel directly.'; exit 1

ifneq ($(filter iso run bench test $(ISO),$(MAKECMDGOALS)),)
$(call remember,$(BUILD)/$(ARCH)/iso.options,$(ISO_ARCHES) $(PAGING) $(CMDLINE))
endif
$(BUILD)/$(ARCH)/iso.options: ;
$(ISO): iso/grub.cfg tools/grubcfg $(BUILD)/$(ARCH)/iso.options $(ISO_ARCHES:%=$(BUILD)/%/pageturner.elf)
	$(call say,ISO $@)
	@rm -rf $(@D)/iso && mkdir -p $(@D)/iso/boot/grub
	@$(foreach a,$(ISO_ARCHES),cp $(BUILD)/$(a)/pageturner.elf $(@D)/iso/boot/pageturner.$(a) &&) true
	@PAGING='$(PAGING)' CMDLINE="$$CMDLINE" tools/grubcfg $(ISO_ARCHES) <$< >$(@D)/iso/boot/grub/grub.cfg
	$(Q)$(GRUB_MKRESCUE) --fonts= --themes= --locales= --compress=xz --install-modules='$(GRUB_MODULES)' \
		-o $@.new $(@D)/iso 2>$(@D)/iso.log || { cat $(@D)/iso.log; exit 1; }
	@mv $@.new $@
