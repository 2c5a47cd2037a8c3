/* drivers/disk_virtio_modern.c - virtio on PCI, modern interface: structures in memory BARs, found by capabilities.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/disk_virtio_pci.h"
#include "hw/x86/pci_regs.h"
#include "lib/out.h"

static uint8_t read8(uintptr_t at)
{
	return *(volatile uint8_t *)at;
}

static uint16_t read16(uintptr_t at)
{
	return *(volatile uint16_t *)at;
}

static uint32_t read32(uintptr_t at)
{
	return *(volatile uint32_t *)at;
}

static void write8(uintptr_t at, uint8_t value)
{
	*(volatile uint8_t *)at = value;
}

static void write16(uintptr_t at, uint16_t value)
{
	*(volatile uint16_t *)at = value;
}

static void write32(uintptr_t at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

/* 4.1.3.1: a 64-bit field is written as two 32-bit ones. */
static void write64(uintptr_t at, uint64_t value)
{
	write32(at, (uint32_t)value);
	write32(at + sizeof(uint32_t), (uint32_t)(value >> 32));
}

static uintptr_t common(const struct virtio_disk *d, unsigned offset)
{
	return d->structure[VIRTIO_PCI_CAP_COMMON] + offset;
}

static uint32_t features(struct virtio_disk *d, unsigned word)
{
	write32(common(d, VIRTIO_COMMON_DEVICE_FEATURE_SELECT), word);
	return read32(common(d, VIRTIO_COMMON_DEVICE_FEATURE));
}

static void accept(struct virtio_disk *d, unsigned word, uint32_t accepted)
{
	write32(common(d, VIRTIO_COMMON_DRIVER_FEATURE_SELECT), word);
	write32(common(d, VIRTIO_COMMON_DRIVER_FEATURE), accepted);
}

static uint8_t status(struct virtio_disk *d)
{
	return read8(common(d, VIRTIO_COMMON_STATUS));
}

static void set_status(struct virtio_disk *d, uint8_t value)
{
	write8(common(d, VIRTIO_COMMON_STATUS), value);
}

static unsigned queue_size(struct virtio_disk *d, bool *fixed)
{
	*fixed = false;
	write16(common(d, VIRTIO_COMMON_QUEUE_SELECT), 0);
	return read16(common(d, VIRTIO_COMMON_QUEUE_SIZE));
}

/* The last step of 4.1.5.1.3 enables the queue: the device ignores later changes of its fields. */
static void set_queue(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used)
{
	write16(common(d, VIRTIO_COMMON_QUEUE_SIZE), (uint16_t)size);
	write64(common(d, VIRTIO_COMMON_QUEUE_DESC), desc.v);
	write64(common(d, VIRTIO_COMMON_QUEUE_DRIVER), avail.v);
	write64(common(d, VIRTIO_COMMON_QUEUE_DEVICE), used.v);
	write16(common(d, VIRTIO_COMMON_QUEUE_ENABLE), 1);
}

static void notify(struct virtio_disk *d)
{
	write16(d->doorbell, 0);
}

/* Reading clears the register and lowers the interrupt line (4.1.4.5). */
static void acknowledge(struct virtio_disk *d)
{
	(void)read8(d->structure[VIRTIO_PCI_CAP_ISR]);
}

static uint32_t config(struct virtio_disk *d, unsigned offset)
{
	return read32(d->structure[VIRTIO_PCI_CAP_DEVICE] + offset);
}

static const struct virtio_transport virtio_modern = {
	.name = "virtio-blk, modern PCI", .modern = true, .features = features, .accept = accept, .status = status,
	.set_status = set_status, .queue_size = queue_size, .set_queue = set_queue, .notify = notify, .acknowledge = acknowledge,
	.config = config,
};

/* ---- finding the structures ---- */

/* Bytes that the driver accesses, by type; 0: it does not use this structure. */
static const uint8_t bytes_used[VIRTIO_PCI_CAPS] = {
	[VIRTIO_PCI_CAP_COMMON] = VIRTIO_COMMON_BYTES, [VIRTIO_PCI_CAP_NOTIFY] = sizeof(uint16_t),
	[VIRTIO_PCI_CAP_ISR] = 1, [VIRTIO_PCI_CAP_DEVICE] = VIRTIO_BLK_CAPACITY + sizeof(uint64_t),
};

/* The capability at `cap` in the device's configuration space describes one structure (4.1.4). */
static void map_structure(const struct pci_device *p, struct virtio_disk *d, unsigned cap)
{
	unsigned type = pci_read(p, cap) >> 24, bar = pci_read(p, cap + VIRTIO_CAP_BAR) & 0xFF;
	uint32_t offset = pci_read(p, cap + VIRTIO_CAP_OFFSET), bytes = pci_read(p, cap + VIRTIO_CAP_LENGTH);
	paddr_t pa;
	void *at;

	/* Several capabilities of a type are alternatives: the first usable one counts. */
	if (type >= VIRTIO_PCI_CAPS || bytes < bytes_used[type] || !bytes_used[type] || d->structure[type] ||
	    !pci_memory(p, bar, &pa) || block_host.map_device(paddr_add(pa, offset), bytes, &at) != OK)
		return;
	d->structure[type] = (uintptr_t)at;
	if (type == VIRTIO_PCI_CAP_NOTIFY) {
		d->notify_step = pci_read(p, cap + VIRTIO_CAP_NOTIFY_STEP);
		d->notify_bytes = bytes;
	}
}

/* The register that notifies queue 0. The device names its place, which can be outside the structure: ERR_RANGE. */
static err_t find_doorbell(struct virtio_disk *d)
{
	uint64_t offset;

	write16(common(d, VIRTIO_COMMON_QUEUE_SELECT), 0);
	offset = (uint64_t)read16(common(d, VIRTIO_COMMON_QUEUE_NOTIFY_OFF)) * d->notify_step;
	if (offset + sizeof(uint16_t) > d->notify_bytes)
		return ERR_RANGE;
	d->doorbell = d->structure[VIRTIO_PCI_CAP_NOTIFY] + (uintptr_t)offset;
	return OK;
}

static err_t open(const struct pci_device *p, struct virtio_disk *d)
{
	err_t err = OK;
	unsigned cap;

	for (unsigned n = 0; (cap = pci_capability(p, PCI_CAP_VENDOR, n)) != 0; n++)
		map_structure(p, d, cap);
	for (unsigned type = 0; err == OK && type < VIRTIO_PCI_CAPS; type++)
		if (bytes_used[type] && !d->structure[type])
			err = ERR_NOT_FOUND;
	if (err == OK)
		err = find_doorbell(d);
	str_printf(d->block.where, sizeof(d->block.where), "PCI %x:%x.%u, line %u", p->address >> 16 & 0xFF,
	           p->address >> 11 & 0x1F, p->address >> 8 & 7, d->line);
	return err;
}
const struct virtio_pci_interface virtio_pci_modern = { &virtio_modern, open };
