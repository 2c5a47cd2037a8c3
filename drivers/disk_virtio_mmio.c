/* drivers/disk_virtio_mmio.c - virtio block devices in the slots of QEMU's `virt` machine, both versions of the registers.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/trap.h"
#include "drivers/disk_virtio.h"
#include "hw/arm/virt_regs.h"
#include "lib/out.h"
#include "lib/string.h"

#define LEGACY_PAGE PAGE_SIZE

static volatile uint32_t *reg(const struct virtio_disk *d, unsigned offset)
{
	return (volatile uint32_t *)(d->base + offset);
}

static uint32_t features(struct virtio_disk *d, unsigned word)
{
	*reg(d, VIRTIO_MMIO_FEATURES_SEL) = word;
	return *reg(d, VIRTIO_MMIO_FEATURES);
}

static void accept(struct virtio_disk *d, unsigned word, uint32_t accepted)
{
	*reg(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL) = word;
	*reg(d, VIRTIO_MMIO_DRIVER_FEATURES) = accepted;
}

static uint8_t status(struct virtio_disk *d)
{
	return (uint8_t)*reg(d, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_disk *d, uint8_t value)
{
	*reg(d, VIRTIO_MMIO_STATUS) = value;
}

static unsigned queue_size(struct virtio_disk *d, bool *fixed)
{
	*fixed = false;
	*reg(d, VIRTIO_MMIO_QUEUE_SEL) = 0;
	return *reg(d, VIRTIO_MMIO_QUEUE_NUM_MAX);
}

static void set_legacy_queue(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used)
{
	(void)avail;
	(void)used;
	*reg(d, VIRTIO_MMIO_GUEST_PAGE_SIZE) = LEGACY_PAGE;
	*reg(d, VIRTIO_MMIO_QUEUE_NUM) = size;
	*reg(d, VIRTIO_MMIO_QUEUE_ALIGN) = LEGACY_PAGE;
	*reg(d, VIRTIO_MMIO_QUEUE_PFN) = (uint32_t)(desc.v / LEGACY_PAGE);
}

static void set_address(struct virtio_disk *d, unsigned offset, paddr_t pa)
{
	*reg(d, offset) = (uint32_t)pa.v;
	*reg(d, offset + sizeof(uint32_t)) = (uint32_t)(pa.v >> 32);
}

static void set_queue(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used)
{
	*reg(d, VIRTIO_MMIO_QUEUE_NUM) = size;
	set_address(d, VIRTIO_MMIO_QUEUE_DESC, desc);
	set_address(d, VIRTIO_MMIO_QUEUE_DRIVER, avail);
	set_address(d, VIRTIO_MMIO_QUEUE_DEVICE, used);
	*reg(d, VIRTIO_MMIO_QUEUE_READY) = 1;
}

static void notify(struct virtio_disk *d)
{
	*reg(d, VIRTIO_MMIO_QUEUE_NOTIFY) = 0;
}

static void acknowledge(struct virtio_disk *d)
{
	*reg(d, VIRTIO_MMIO_INTERRUPT_ACK) = *reg(d, VIRTIO_MMIO_INTERRUPT_STATUS);
	arch_dma_barrier();
}

static uint32_t config(struct virtio_disk *d, unsigned offset)
{
	return *reg(d, VIRTIO_MMIO_CONFIG + offset);
}

#define COMMON \
	.features = features, .accept = accept, .status = status, .set_status = set_status, .queue_size = queue_size, \
	.notify = notify, .acknowledge = acknowledge, .config = config
/* Index: version register - 1. */
static const struct virtio_transport transports[] = {
	{ .name = "virtio-blk, MMIO version 1", .set_queue = set_legacy_queue, COMMON },
	{ .name = "virtio-blk, MMIO version 2", .set_queue = set_queue, .modern = true, COMMON },
};

static struct virtio_disk virtio_disks[BLOCK_DEVICES];
static unsigned virtio_disk_count;

/* Another machine with the same UART may have no device at this address: reads that abort are caught. */
static bool is_block(uintptr_t base)
{
	uint64_t magic, id;

	return arch_read_device((const void *)base, 4, &magic) && magic == VIRTIO_MMIO_MAGIC_VALUE &&
	       arch_read_device((const void *)(base + VIRTIO_MMIO_DEVICE_ID), 4, &id) && id == VIRTIO_ID_BLOCK;
}

static void try_slot(unsigned slot)
{
	struct virtio_disk *d = &virtio_disks[virtio_disk_count];
	uint32_t version;
	err_t err = ERR_UNSUPPORTED;

	memset(d, 0, sizeof(*d));
	d->base = VIRTIO_VA + slot * VIRTIO_SLOT_BYTES;
	if (!is_block(d->base))
		return;
	d->line = VIRTIO_IRQ + slot;
	str_printf(d->block.where, sizeof(d->block.where), "%x, id %u", VIRTIO_PA + slot * VIRTIO_SLOT_BYTES, d->line);
	version = *reg(d, VIRTIO_MMIO_VERSION);
	if (version >= 1 && version <= ARRAY_LEN(transports)) {
		d->transport = &transports[version - 1];
		err = virtio_disk_start(d);
	}
	if (err == OK)
		virtio_disk_count++;
	else
		block_refused("virtio-blk, MMIO", d->block.where, err);
}

/* QEMU gives its first device the last slot. */
static void probe(void)
{
	for (unsigned slot = VIRTIO_SLOTS; slot > 0 && virtio_disk_count < BLOCK_DEVICES; slot--)
		try_slot(slot - 1);
}
DISK_DRIVER(virtio_mmio) = { "virtio-blk, MMIO", probe };
