# tests/host/paging/host.mk - the walker's tests: every test under every variant of every format.
# SPDX-License-Identifier: MIT
HOST_TESTS += pt_bulk pt_decode pt_model pt_change pt_repeated pt_vectors
pt_PARTS := $(addprefix tests/host/paging/,sim.c variants.c fmt_sv39.c hw.c hw_x86.c hw_arm.c hw_riscv.c) $(wildcard paging/*.c isa/*.c) \
            lib/printf.c lib/str.c lib/err.c
pt_bulk_SRCS := tests/host/paging/test_bulk.c $(pt_PARTS)
pt_decode_SRCS := tests/host/paging/test_decode.c $(pt_PARTS)
pt_model_SRCS := tests/host/paging/test_model.c $(pt_PARTS)
pt_change_SRCS := tests/host/paging/test_change.c $(pt_PARTS)
pt_repeated_SRCS := tests/host/paging/test_repeated.c $(pt_PARTS)
pt_vectors_SRCS := tests/host/paging/test_vectors.c $(pt_PARTS)

# Speed, not a test: `make bench_walk` prints JSON.
.PHONY: bench_walk
bench_walk: $(BUILD)/host/bench_walk
	$<
bench_walk_SRCS := tests/host/paging/bench_walk.c $(wildcard paging/*.c isa/*.c) lib/printf.c lib/str.c lib/err.c
$(BUILD)/host/bench_walk: $(bench_walk_SRCS) $(wildcard paging/*.h)
	@mkdir -p $(@D)
	$(HOSTCC) -std=c17 -O2 -g -Wall -Wextra -Werror -I. -o $@ $(bench_walk_SRCS)

# The walker as a program: pagewalk is what tools/pagewalk runs, pagewalk_checked the same with sanitizers, for the tests.
.PHONY: pagewalk pagewalk_checked
pagewalk host-tests: $(BUILD)/host/pagewalk
pagewalk_checked host-tests: $(BUILD)/host/pagewalk_checked
pagewalk_SRCS := tools/pagewalk.c tools/pagewalk_folds.c tools/pagewalk_memory.c tools/pagewalk_number.c \
                 $(wildcard inspect/*.c paging/*.c isa/*.c) \
                 lib/printf.c lib/str.c lib/err.c
$(BUILD)/host/pagewalk: $(pagewalk_SRCS:%.c=$(BUILD)/host/tool/%.o)
	$(call say,LD)
	$(Q)$(HOSTCC) $(TOOLFLAGS) -o $@ $^
$(BUILD)/host/pagewalk_checked: $(pagewalk_SRCS:%.c=$(BUILD)/host/obj/%.o)
	$(call say,LD)
	$(Q)$(HOSTCC) $(HOSTFLAGS) -o $@ $^
-include $(pagewalk_SRCS:%.c=$(BUILD)/host/obj/%.d) $(pagewalk_SRCS:%.c=$(BUILD)/host/tool/%.d)
