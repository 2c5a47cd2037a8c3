/* drivers/disk_virtio_legacy.c - virtio on PCI, legacy interface: registers in the I/O ports of BAR 0.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/disk_virtio_pci.h"
#include "hw/x86/io.h"
#include "lib/out.h"

static uint16_t port(const struct virtio_disk *d, unsigned offset)
{
	return (uint16_t)(d->base + offset);
}

static uint32_t features(struct virtio_disk *d, unsigned word)
{
	return word ? 0 : inl(port(d, VIRTIO_PCI_FEATURES));
}

static void accept(struct virtio_disk *d, unsigned word, uint32_t accepted)
{
	if (!word)
		outl(port(d, VIRTIO_PCI_GUEST_FEATURES), accepted);
}

static uint8_t status(struct virtio_disk *d)
{
	return inb(port(d, VIRTIO_PCI_STATUS));
}

static void set_status(struct virtio_disk *d, uint8_t value)
{
	outb(port(d, VIRTIO_PCI_STATUS), value);
}

static unsigned queue_size(struct virtio_disk *d, bool *fixed)
{
	*fixed = true;
	outw(port(d, VIRTIO_PCI_QUEUE_SELECT), 0);
	return inw(port(d, VIRTIO_PCI_QUEUE_SIZE));
}

static void set_queue(struct virtio_disk *d, unsigned size, paddr_t desc, paddr_t avail, paddr_t used)
{
	(void)size;
	(void)avail;
	(void)used;
	outl(port(d, VIRTIO_PCI_QUEUE_PFN), (uint32_t)pfn_of(desc).v);
}

static void notify(struct virtio_disk *d)
{
	outw(port(d, VIRTIO_PCI_QUEUE_NOTIFY), 0);
}

static void acknowledge(struct virtio_disk *d)
{
	(void)inb(port(d, VIRTIO_PCI_ISR));
}

static uint32_t config(struct virtio_disk *d, unsigned offset)
{
	return inl(port(d, VIRTIO_PCI_CONFIG + offset));
}

static const struct virtio_transport virtio_legacy = {
	.name = "virtio-blk, legacy PCI", .features = features, .accept = accept, .status = status, .set_status = set_status,
	.queue_size = queue_size, .set_queue = set_queue, .notify = notify, .acknowledge = acknowledge, .config = config,
};

static err_t open(const struct pci_device *p, struct virtio_disk *d)
{
	d->base = pci_port(p, 0);
	if (!d->base)
		return ERR_NOT_FOUND;
	str_printf(d->block.where, sizeof(d->block.where), "port %x, line %u", (unsigned)d->base, d->line);
	return OK;
}
const struct virtio_pci_interface virtio_pci_legacy = { &virtio_legacy, open };
