# mk/user.mk - user programs, each from one file of user/ and the runtime, and the initrd that carries them.
# SPDX-License-Identifier: MIT
#
#   user/NAME      user/NAME.c + user/lib + arch/<family>/<arch>/user, static, linked by user/user.ld
#   initrd.tar     the programs without debugging information, and a file of numbers; the same bytes every time

USER_OUT := $(OUT)/user
USER_PROGRAMS := $(patsubst user/%.c,%,$(wildcard user/*.c))
# The last three are shared with the kernel and do not depend on it.
USER_LIB_SRCS := $(wildcard arch/$(FAMILY)/$(ARCH)/user/*.S user/lib/*.c) lib/printf.c lib/string.c lib/str.c
USER_LIB := $(patsubst %,$(USER_OUT)/obj/%.o,$(basename $(USER_LIB_SRCS)))
USER_ELFS := $(USER_PROGRAMS:%=$(USER_OUT)/%)
# Scenarios for the shell's `load`.
SCENARIOS := $(wildcard docs/sessions/*.walk)
# The date of every file in the initrd, which `peb` shows; seconds since 1970.
SOURCE_DATE_EPOCH ?= 1353251798

x86_64_USER_FLAGS = -m64 -mgeneral-regs-only
USER_FLAGS = $(or $($(ARCH)_USER_FLAGS),$($(ARCH)_FLAGS))
USER_CC = $(call compiler,$(CC_PREFIX),$($(ARCH)_CLANG),$(FLAGS) $(USER_FLAGS) -Iarch/$(FAMILY)/$(ARCH)/user)
USER_LINK = $(CC_PREFIX)gcc $($(ARCH)_LDFLAGS) $(filter-out %rwx-segments,$(LINK_FLAGS)) -T $(USER_OUT)/user.ld
# What one program is linked with: NAME_LINK_FLAGS.
jit_LINK_FLAGS = -Wl,--defsym=executable_stack=1
$(call remember,$(USER_OUT)/flags,$(USER_CC) $(USER_LINK) $(SOURCE_DATE_EPOCH) $(USER_PROGRAMS) $(SCENARIOS))

$(USER_OUT)/obj/%.o: %.c $(USER_OUT)/flags
	$(call say,CC)
	$(Q)$(USER_CC) -c -o $@ $<
$(USER_OUT)/obj/%.o: %.S $(USER_OUT)/flags
	$(call say,AS)
	$(Q)$(USER_CC) -c -o $@ $<
$(USER_OUT)/user.ld: user/user.ld $(USER_OUT)/flags
	$(preprocess_script)
$(USER_ELFS): $(USER_OUT)/%: $(USER_OUT)/obj/user/%.o $(USER_LIB) $(USER_OUT)/user.ld
	$(call say,LD)
	$(Q)$(USER_LINK) $($*_LINK_FLAGS) -o $@ $< $(USER_LIB) -lgcc

# Plain names, sorted, without an owner, with one date.
TAR_PLAIN = --format=ustar --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 \
            --numeric-owner --mode=u=rwX,go=rX
$(OUT)/initrd.tar: $(USER_ELFS) $(SCENARIOS) $(USER_OUT)/flags
	$(call say,TAR)
	$(Q)rm -rf $(USER_OUT)/root && mkdir -p $(USER_OUT)/root
	$(Q)set -e; for p in $(USER_PROGRAMS); do $(CC_PREFIX)objcopy -S $(USER_OUT)/$$p $(USER_OUT)/root/$$p; done
	$(Q)seq 3000 >$(USER_OUT)/root/lines
	$(Q)$(if $(SCENARIOS),cp $(SCENARIOS) $(USER_OUT)/root)
	$(Q)cd $(USER_OUT)/root && tar $(TAR_PLAIN) -cf ../initrd.new -- *
	$(Q)mv $(USER_OUT)/initrd.new $@

.PHONY: initrd
initrd kernel: $(OUT)/initrd.tar
kernels: $(ARCHES:%=$(BUILD)/%/initrd.tar)
$(filter-out $(OUT)/initrd.tar,$(ARCHES:%=$(BUILD)/%/initrd.tar)): $(BUILD)/%/initrd.tar: FORCE
	@$(MAKE) ARCH=$* $@

.SECONDARY: $(USER_LIB) $(USER_PROGRAMS:%=$(USER_OUT)/obj/user/%.o)
-include $(USER_OUT)/user.ld.d $(USER_LIB:.o=.d) $(USER_PROGRAMS:%=$(USER_OUT)/obj/user/%.d)
