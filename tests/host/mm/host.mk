HOST_TESTS += mm
mm_SRCS := tests/host/mm/test_mm.c mm/memmap.c mm/frame.c mm/frame_init.c mm/frame_check.c kernel/err.c kernel/str.c kernel/cmdline.c kernel/printf.c
