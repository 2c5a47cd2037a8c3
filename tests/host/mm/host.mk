# tests/host/mm/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += mm memmap frame heap
frame_DB := mm/memmap.c mm/frame.c mm/frame_init.c mm/frame_check.c
mm_SRCS := tests/host/mm/test_mm.c $(frame_DB) kernel/err.c kernel/str.c kernel/cmdline.c kernel/printf.c
memmap_SRCS := tests/host/mm/test_memmap.c tests/host/mm/fixture.c $(frame_DB)
frame_SRCS := tests/host/mm/test_frame.c tests/host/mm/fixture.c $(frame_DB)
heap_SRCS := tests/host/mm/test_heap.c tests/host/mm/fixture.c $(frame_DB) mm/slab.c mm/heap.c
