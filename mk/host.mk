# mk/host.mk - the test programs that run on this machine; tests/host/*/host.mk declares them.
# SPDX-License-Identifier: MIT
HOSTCC ?= gcc
HOSTFLAGS = -std=c17 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            $(EXTRA_FLAGS) -I. -MMD -MP
# Programs that are used, not tested: fast, without sanitizers.
TOOLFLAGS = -std=c17 -g -O2 -Wall -Wextra -Werror $(EXTRA_FLAGS) -I. -MMD -MP
# For the library; its functions call each other directly, without the table of the dynamic linker.
PICFLAGS = -fPIC -fno-semantic-interposition

HOST_TESTS :=
include $(wildcard tests/host/*/host.mk) tests/fuzz/host.mk

define host_program
$(BUILD)/host/$(1): $$($(1)_SRCS:%.c=$(BUILD)/host/obj/%.o)
	$$(call say,LD)
	$(Q)$$(HOSTCC) $$(HOSTFLAGS) -o $$@ $$^ $$($(1)_LIBS) -lcmocka
-include $$($(1)_SRCS:%.c=$(BUILD)/host/obj/%.d)
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_program,$(t))))

$(call remember,$(BUILD)/host/flags,$(HOSTCC) $(HOSTFLAGS) $(TOOLFLAGS) $(PICFLAGS))
$(BUILD)/host/obj/%.o: %.c $(BUILD)/host/flags
	$(call say,CC)
	$(Q)$(HOSTCC) $(HOSTFLAGS) -c -o $@ $<
$(BUILD)/host/pic/%.o: %.c $(BUILD)/host/flags
	$(call say,CC)
	$(Q)$(HOSTCC) $(TOOLFLAGS) $(PICFLAGS) -c -o $@ $<
$(BUILD)/host/tool/%.o: %.c $(BUILD)/host/flags
	$(call say,CC)
	$(Q)$(HOSTCC) $(TOOLFLAGS) -c -o $@ $<
