# tests/host/inspect/host.mk - the renderers' test programs, each also with every format under another name.
# SPDX-License-Identifier: MIT
HOST_TESTS += inspect_windbg inspect_vtop inspect_ptov inspect_eval inspect_linux inspect_dump
HOST_TESTS += inspect_formats inspect_fields inspect_predict inspect_creg inspect_explain inspect_linux_arm
HOST_TESTS += inspect_process inspect_isa inspect_soft inspect_entries
HOST_TESTS += renamed_windbg renamed_vtop renamed_ptov renamed_eval renamed_linux renamed_dump
HOST_TESTS += renamed_formats renamed_fields renamed_predict renamed_creg renamed_explain renamed_linux_arm
HOST_TESTS += renamed_process renamed_isa renamed_soft renamed_entries
inspect_FIXTURE := tests/host/inspect/fixture.c tests/host/inspect/renamed.c
inspect_PARTS := $(filter-out %/ptdump.c,$(wildcard inspect/*.c)) $(wildcard paging/*.c isa/*.c) \
                 lib/printf.c lib/str.c lib/err.c
inspect_linux_EXTRA := inspect/ptdump.c
inspect_TESTS := $(patsubst tests/host/inspect/test_%.c,%,$(wildcard tests/host/inspect/test_*.c))
$(foreach t,$(inspect_TESTS),$(eval \
	inspect_$(t)_SRCS := tests/host/inspect/test_$(t).c $(inspect_FIXTURE) $(inspect_PARTS) $(inspect_$(t)_EXTRA)))
# The files of the tests are compiled again, what they test is not.
$(foreach t,$(inspect_TESTS),$(eval \
	renamed_$(t)_SRCS := $(patsubst %,renamed/%,tests/host/inspect/test_$(t).c $(inspect_FIXTURE)) \
		$(inspect_PARTS) $(inspect_$(t)_EXTRA)))
$(BUILD)/host/obj/renamed/%.o: %.c $(BUILD)/host/flags
	$(call say,CC)
	$(Q)$(HOSTCC) $(HOSTFLAGS) -DRENAMED -c -o $@ $<
