# tests/host/paging/host.mk - the walker's tests: every test under every variant of every format.
# SPDX-License-Identifier: MIT
HOST_TESTS += pt_bulk pt_decode pt_model pt_change pt_repeated pt_vectors pt_soft pt_halves
pt_PARTS := $(addprefix tests/host/paging/,sim.c variants.c hw.c hw_x86.c hw_arm.c hw_riscv.c) \
            $(wildcard paging/*.c isa/*.c) lib/printf.c lib/str.c lib/err.c
pt_bulk_SRCS := tests/host/paging/test_bulk.c $(pt_PARTS)
pt_decode_SRCS := tests/host/paging/test_decode.c $(pt_PARTS)
pt_model_SRCS := tests/host/paging/test_model.c $(pt_PARTS)
pt_change_SRCS := tests/host/paging/test_change.c $(pt_PARTS)
pt_repeated_SRCS := tests/host/paging/test_repeated.c $(pt_PARTS)
pt_soft_SRCS := tests/host/paging/test_soft.c $(pt_PARTS)
pt_halves_SRCS := tests/host/paging/test_halves.c $(pt_PARTS)
pt_vectors_SRCS := tests/host/paging/test_vectors.c $(pt_PARTS)

# The same with every format under another name: the rule is in tests/host/inspect/host.mk.
pt_NAMED := decode model change repeated vectors soft halves bulk
pt_MADE := $(addprefix tests/host/paging/,hw.c hw_x86.c hw_arm.c hw_riscv.c)
HOST_TESTS += renamed_pt_decode renamed_pt_model renamed_pt_change renamed_pt_repeated renamed_pt_vectors
HOST_TESTS += renamed_pt_soft renamed_pt_halves renamed_pt_bulk
$(foreach t,$(pt_NAMED),$(eval renamed_pt_$(t)_SRCS := \
	$(addprefix renamed/tests/host/,paging/test_$(t).c paging/sim.c paging/variants.c inspect/renamed.c) \
	$(pt_MADE) $(wildcard paging/*.c isa/*.c) lib/printf.c lib/str.c lib/err.c))

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
# The shell's commands that read what they are handed, and rows without a function for those that need the live machine.
look_SRCS := shell/parse.c shell/option.c shell/command_name.c shell/glob.c \
             $(wildcard shell/look/*.c scenario/*.c inspect/*.c paging/*.c isa/*.c) \
             lib/printf.c lib/str.c lib/err.c
live_SRCS := $(filter-out $(wildcard $(patsubst tools/walker/cmd_%.c,shell/live/%.c,$(wildcard tools/walker/cmd_*.c))),\
             $(wildcard shell/live/*.c))
COMMANDS_LINK := -Wl,-T,tools/commands.ld
pagewalk_SRCS := tools/pagewalk.c $(wildcard tools/walker/*.c tools/image/*.c tools/live/*.c) $(look_SRCS)
# Libraries that the program does without where they are missing; the sources ask for the same headers.
has_header = $(shell printf '\#include <stdio.h>\n\#include <%s>\n' $(1) | $(HOSTCC) -E - >/dev/null 2>&1 && echo yes)
pagewalk_LIBS = $(if $(call has_header,zlib.h),-lz) -ldl
# Addresses are fixed at link time: a process that answers one question has no time to relocate its tables.
FIXED := $(shell echo 'int main(void) { return 0; }' | $(HOSTCC) -x c - -no-pie -o /dev/null 2>/dev/null && echo -no-pie)
TOOLFLAGS += $(FIXED:-no-pie=-fno-pie)
$(BUILD)/host/absent.c: $(live_SRCS) $(wildcard tools/walker/cmd_*.c) tools/absent $(BUILD)/host/flags
	$(call say,GEN)
	$(Q)$(HOSTCC) -E -P $(TOOLFLAGS:-M%=) -Iarch/x86/i386 -Iarch/x86 -Ihw/x86/i386 $(live_SRCS) >$@.i
	$(Q)tools/absent <$@.i >$@.new && mv $@.new $@ && rm $@.i
$(BUILD)/host/obj/absent.o: $(BUILD)/host/absent.c shell/command.h
	$(call say,CC)
	$(Q)$(HOSTCC) $(HOSTFLAGS) -c -o $@ $<
$(BUILD)/host/tool/absent.o: $(BUILD)/host/absent.c shell/command.h
	$(call say,CC)
	$(Q)$(HOSTCC) $(TOOLFLAGS) -c -o $@ $<
$(BUILD)/host/pagewalk: $(pagewalk_SRCS:%.c=$(BUILD)/host/tool/%.o) $(BUILD)/host/tool/absent.o tools/commands.ld
	$(call say,LD)
	$(Q)$(HOSTCC) $(TOOLFLAGS) $(FIXED) -o $@ $(filter %.o,$^) $(COMMANDS_LINK) $(pagewalk_LIBS)
$(BUILD)/host/pagewalk_checked: $(pagewalk_SRCS:%.c=$(BUILD)/host/obj/%.o) $(BUILD)/host/obj/absent.o tools/commands.ld
	$(call say,LD)
	$(Q)$(HOSTCC) $(HOSTFLAGS) -o $@ $(filter %.o,$^) $(COMMANDS_LINK) $(pagewalk_LIBS)
# The same as a library, for programs and debuggers. Only the names of pagewalk.h are visible.
pagewalk host-tests: $(BUILD)/host/libpagewalk.so
library_SRCS := $(filter-out tools/pagewalk.c,$(pagewalk_SRCS)) $(wildcard tools/library/*.c)
$(BUILD)/host/pic/absent.o: $(BUILD)/host/absent.c shell/command.h
	$(call say,CC)
	$(Q)$(HOSTCC) $(TOOLFLAGS) $(PICFLAGS) -c -o $@ $<
EXPORTS := tools/library/exports.map
$(BUILD)/host/libpagewalk.so: $(library_SRCS:%.c=$(BUILD)/host/pic/%.o) $(BUILD)/host/pic/absent.o tools/commands.ld $(EXPORTS)
	$(call say,LD)
	$(Q)$(HOSTCC) $(TOOLFLAGS) -shared -o $@ $(filter %.o,$^) $(COMMANDS_LINK) -Wl,--version-script=$(EXPORTS) $(pagewalk_LIBS)
-include $(pagewalk_SRCS:%.c=$(BUILD)/host/obj/%.d) $(pagewalk_SRCS:%.c=$(BUILD)/host/tool/%.d)
-include $(library_SRCS:%.c=$(BUILD)/host/pic/%.d)
# Its test is linked with the same sources under sanitizers.
HOST_TESTS += pagewalk_library
pagewalk_library_SRCS := tests/host/paging/test_library.c $(library_SRCS)
pagewalk_library_LIBS = $(BUILD)/host/obj/absent.o $(COMMANDS_LINK) $(pagewalk_LIBS)
$(BUILD)/host/pagewalk_library: | $(BUILD)/host/obj/absent.o tools/commands.ld
