# mk/iso.mk - one ISO that boots under BIOS and under UEFI of 64 and of 32 bits, with a menu entry for each way to boot.
# SPDX-License-Identifier: MIT
.PHONY: iso
GRUB_NAMES = grub-mkrescue grub2-mkrescue i686-elf-grub-mkrescue
GRUB_MKRESCUE ?= $(firstword $(foreach p,$(GRUB_NAMES),$(shell command -v $(p))) grub-mkrescue)
# The menu, the two multiboot loaders and the modules for UEFI; with all modules the ISO is three times as large.
GRUB_MODULES = normal multiboot multiboot2 serial terminal terminfo echo test configfile search search_label \
               part_gpt part_msdos iso9660 fat all_video
# The PC kernels that go on it, the one for ARCH first: it is what boots.
PC_ARCHES := $(filter i386 x86_64,$(ARCHES))
ISO_ARCHES ?= $(filter $(ARCH),$(PC_ARCHES)) $(filter-out $(ARCH),$(PC_ARCHES))
ISO := $(BUILD)/$(ARCH)/pageturner.iso
# The volume's name: PAGETURNER_1_0 for version 1.0.
VOLUME := PAGETURNER_$(subst .,_,$(shell sed -n 's/^\#define VERSION "\(.*\)"$$/\1/p' lib/version.h))

iso: $(if $(filter $(ARCH),$(PC_ARCHES)),$(ISO),no-iso)
.PHONY: no-iso
no-iso:
	@echo 'There is no ISO for $(ARCH): GRUB is for the PC. `make run ARCH=$(ARCH)` boots the kernel by itself.'
	@exit 1

$(call remember,$(ISO).options,$(ISO_ARCHES) $(PAGING) $(CMDLINE) $(VOLUME))
$(ISO): iso/grub.cfg tools/grubcfg $(ISO).options $(ISO_ARCHES:%=$(BUILD)/%/pageturner.elf) \
	$(ISO_ARCHES:%=$(BUILD)/%/initrd.tar)
	$(call say,ISO)
	@rm -rf $(@D)/iso && mkdir -p $(@D)/iso/boot/grub
	@$(foreach a,$(ISO_ARCHES),$(CROSS_$(a))objcopy -S $(BUILD)/$(a)/pageturner.elf $(@D)/iso/boot/pageturner.$(a) &&) true
	@$(foreach a,$(ISO_ARCHES),cp $(BUILD)/$(a)/initrd.tar $(@D)/iso/boot/initrd.$(a) &&) true
	@tools/grubcfg $(ISO_ARCHES) <$< >$(@D)/iso/boot/grub/grub.cfg
	$(Q)$(GRUB_MKRESCUE) --fonts= --themes= --locales= --compress=xz --install-modules='$(GRUB_MODULES)' \
		-o $@.new $(@D)/iso -- -volid $(VOLUME) 2>$(@D)/iso.log || { cat $(@D)/iso.log; exit 1; }
	@mv $@.new $@
