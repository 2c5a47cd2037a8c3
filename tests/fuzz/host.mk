# tests/fuzz/host.mk - the program that libFuzzer runs; only Clang has libFuzzer.
# SPDX-License-Identifier: MIT
#
# Without red zones around variables: the rows of the table of commands must follow each other.
FUZZCC ?= clang
FUZZFLAGS = -std=c17 -g -O1 -w -I. -MMD -MP -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
            -mllvm -asan-globals=0
fuzz_SRCS := tests/fuzz/fuzz_pagewalk.c $(filter-out tools/pagewalk.c,$(pagewalk_SRCS))

$(call remember,$(BUILD)/host/fuzz.flags,$(FUZZCC) $(FUZZFLAGS))

.PHONY: fuzz
fuzz: $(BUILD)/host/fuzz_pagewalk
$(BUILD)/host/fuzz/%.o: %.c $(BUILD)/host/fuzz.flags
	$(call say,CC)
	$(Q)$(FUZZCC) $(FUZZFLAGS) -c -o $@ $<
$(BUILD)/host/fuzz/absent.o: $(BUILD)/host/absent.c shell/command.h $(BUILD)/host/fuzz.flags
	$(call say,CC)
	$(Q)$(FUZZCC) $(FUZZFLAGS) -c -o $@ $<
$(BUILD)/host/fuzz_pagewalk: $(fuzz_SRCS:%.c=$(BUILD)/host/fuzz/%.o) $(BUILD)/host/fuzz/absent.o tools/commands.ld
	$(call say,LD)
	$(Q)$(FUZZCC) $(patsubst -fsanitize=fuzzer-no-link%,-fsanitize=fuzzer%,$(FUZZFLAGS)) -o $@ $(filter %.o,$^) \
		$(COMMANDS_LINK) $(pagewalk_LIBS)
-include $(fuzz_SRCS:%.c=$(BUILD)/host/fuzz/%.d)
