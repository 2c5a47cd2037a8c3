# tests/host/mm/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += mm memmap frame heap
frame_DB := mm/phys/memmap.c mm/phys/frame.c mm/phys/frame_init.c mm/phys/frame_check.c
mm_SRCS := tests/host/mm/test_mm.c $(frame_DB) lib/err.c lib/str.c lib/cmdline.c lib/printf.c
memmap_SRCS := tests/host/mm/test_memmap.c tests/host/mm/fixture.c $(frame_DB)
frame_SRCS := tests/host/mm/test_frame.c tests/host/mm/fixture.c $(frame_DB)
heap_SRCS := tests/host/mm/test_heap.c tests/host/mm/fixture.c $(frame_DB) mm/phys/slab.c mm/phys/heap.c
# The tree alone: it needs nothing of mm.
HOST_TESTS += vma_tree
vma_tree_SRCS := tests/host/mm/test_vma_tree.c mm/space/vma_tree.c

# Replacement policies and their simulator, without memory to manage. The lists of simulated pages are theirs.
HOST_TESTS += policy
policy_SRCS := tests/host/mm/test_policy.c $(wildcard mm/reclaim/policy*.c) $(addprefix mm/reclaim/,simulate.c references.c)

# Address spaces: the whole of mm but its start, over a simulated machine and a CPU of the tests' own.
HOST_TESTS += space_model space_rules space_rights space_failure space_tlb space_pageout space_section_pageout space_policy
HOST_TESTS += space_compressed space_asleep space_share
HOST_TESTS += space_recorder renamed_space_recorder
HOST_TESTS += space_fast space_around
space_WORLD := $(addprefix tests/host/mm/,world.c cpu.c disk.c fixture.c) tests/host/inspect/renamed.c
space_UNDER := $(filter-out mm/init.c mm/phys/direct.c,$(wildcard mm/*.c mm/*/*.c)) $(wildcard paging/*.c isa/*.c) \
               $(addprefix tests/host/paging/,hw.c hw_x86.c hw_arm.c hw_riscv.c) lib/err.c lib/str.c lib/printf.c lib/lz4.c
space_PARTS := $(space_WORLD) $(space_UNDER)
space_model_SRCS := tests/host/mm/test_space_model.c $(space_PARTS)
space_rules_SRCS := tests/host/mm/test_space_rules.c $(space_PARTS)
space_rights_SRCS := tests/host/mm/test_space_rights.c $(space_PARTS)
space_failure_SRCS := tests/host/mm/test_space_failure.c $(space_PARTS)
space_tlb_SRCS := tests/host/mm/test_space_tlb.c $(space_PARTS)
space_pageout_SRCS := tests/host/mm/test_space_pageout.c $(space_PARTS)
space_section_pageout_SRCS := tests/host/mm/test_space_section_pageout.c $(space_PARTS)
space_compressed_SRCS := tests/host/mm/test_space_compressed.c $(space_PARTS)
space_asleep_SRCS := tests/host/mm/test_space_asleep.c $(space_PARTS)
space_share_SRCS := tests/host/mm/test_space_share.c $(space_PARTS)
space_policy_SRCS := tests/host/mm/test_space_policy.c $(space_PARTS)
space_recorder_SRCS := tests/host/mm/test_space_recorder.c $(space_PARTS)
space_fast_SRCS := tests/host/mm/test_space_fast.c $(space_PARTS)
space_around_SRCS := tests/host/mm/test_space_around.c $(space_PARTS)
space_WRAP := $(addprefix -Wl$(comma)--wrap=,frame_put frame_free_run frame_alloc frame_alloc_run)
space_model_LIBS := $(space_WRAP)
space_fast_LIBS := $(space_WRAP)
space_share_LIBS := $(space_WRAP)
space_around_LIBS := $(space_WRAP)
space_rules_LIBS := $(space_WRAP)
space_rights_LIBS := $(space_WRAP)
space_failure_LIBS := $(space_WRAP)
space_tlb_LIBS := $(space_WRAP)
space_pageout_LIBS := $(space_WRAP)
space_asleep_LIBS := $(space_WRAP)
space_section_pageout_LIBS := $(space_WRAP)
space_compressed_LIBS := $(space_WRAP) $(addprefix -Wl$(comma)--wrap=,kvzalloc kvfree vmalloc vfree)
space_policy_LIBS := $(space_WRAP) -Wl$(comma)--wrap=kvzalloc$(comma)--wrap=kvfree
space_recorder_LIBS := $(space_WRAP) -Wl$(comma)--wrap=kvzalloc$(comma)--wrap=kvfree
# The same with every format under another name: the rule is in tests/host/inspect/host.mk.
HOST_TESTS += renamed_space_model renamed_space_rules renamed_space_rights renamed_space_failure renamed_space_tlb
HOST_TESTS += renamed_space_pageout renamed_space_section_pageout renamed_space_policy renamed_space_asleep renamed_space_share
$(foreach t,model rules rights failure tlb pageout section_pageout policy asleep recorder share,$(eval renamed_space_$(t)_SRCS := \
	$(patsubst %,renamed/%,tests/host/mm/test_space_$(t).c $(space_WORLD)) $(space_UNDER)) \
	$(eval renamed_space_$(t)_LIBS := $(space_$(t)_LIBS)))
$(BUILD)/host/obj/renamed/tests/host/mm/%.o: HOSTFLAGS += -Itests/host/mm/arch
$(BUILD)/host/obj/mm/%.o $(BUILD)/host/obj/tests/host/mm/%.o: HOSTFLAGS += -Itests/host/mm/arch
