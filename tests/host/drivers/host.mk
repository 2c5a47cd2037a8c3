# tests/host/drivers/host.mk - which test programs there are and what they are made of.
# SPDX-License-Identifier: MIT
HOST_TESTS += block virtio
block_SRCS := tests/host/drivers/test_block.c drivers/block.c lib/str.c lib/printf.c lib/pagefile.c
virtio_SRCS := tests/host/drivers/test_virtio.c drivers/block.c drivers/disk_virtio.c lib/str.c lib/printf.c
# arch/*.h declare inline functions that only an architecture defines.
$(BUILD)/host/obj/drivers/%.o $(BUILD)/host/obj/tests/host/drivers/%.o: HOSTFLAGS += -Itests/host/drivers/arch -Wno-unused-function
