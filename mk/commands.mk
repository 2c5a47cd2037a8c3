# mk/commands.mk - compile_commands.json: how each source is compiled, for clangd and other tools that read C.
# SPDX-License-Identifier: MIT
#
# One entry a line, one for each file. A source of several images has the command of the first of them: the kernel of
# ARCH, its boot stage, its user programs, the programs of the host, the other architectures. Nothing is compiled.
.PHONY: compile_commands.json

json = "$(subst ",\",$(subst \,\\,$(1)))"
# $(1) the source, $(2) the command that compiles it
entry = $(file >>$@,{"file": $(call json,$(1))$(comma) "directory": $(call json,$(CURDIR))$(comma) "command": $(call \
        json,$(2) -c -o $(basename $(1)).o $(1))})
comma := ,
kernel_entries = $(foreach s,$(KERN_SRCS),$(call entry,$(s),$(KERN_CC) $(call optimise,$(s)) -DBOOT_BLOB='"$(OUT)/boot.bin"'))
boot_entries = $(foreach s,$(BOOT_SRCS),$(call entry,$(s),$(BOOT_CC)))
user_entries = $(foreach s,$(USER_LIB_SRCS) $(USER_PROGRAMS:%=user/%.c),$(call entry,$(s),$(USER_CC)))
# Files that exist: some programs are made of copies that their rules write.
HOST_SRCS = $(wildcard $(sort $(foreach t,$(HOST_TESTS) pagewalk bench_walk fuzz,$($(t)_SRCS))))
host_entries = $(foreach s,$(HOST_SRCS),$(call entry,$(s),$(HOSTCC) $(HOSTFLAGS))) \
               $(call entry,tests/systems/init.c,$(HOSTCC) -std=c17 -ffreestanding -Itests/systems/amd64)

# The recipe is expanded, and so the file written, even with -n.
$(OUT)/commands: FORCE
	@: $(if $(DRY),,$(file >$@)$(kernel_entries)$(boot_entries)$(user_entries)$(host_entries))
$(filter-out $(OUT)/commands,$(patsubst %,$(BUILD)/%/commands,$(ARCHES) $(PORTS))): $(BUILD)/%/commands: FORCE
	@$(MAKE) ARCH=$* $@

compile_commands.json: $(OUT)/commands $(patsubst %,$(BUILD)/%/commands,$(ARCHES) $(PORTS))
	@awk -F '"' 'BEGIN { print "[" } !seen[$$4]++ { if (last) print last ","; last = $$0 } END { print last "\n]" }' $^ >$@
