/* drivers/disk_ata.c - ATA disks on the two channels of a PC, by bus-master DMA or by programmed I/O.
 * SPDX-License-Identifier: MIT
 *
 * A channel has two disks and handles one request at a time. With PIO each sector raises an interrupt, and the CPU copies it;
 * with DMA the whole request raises one.
 */
#include "arch/cpu.h"
#include "arch/trap.h"
#include "drivers/block.h"
#include "drivers/pci.h"
#include "hw/x86/ata_regs.h"
#include "hw/x86/io.h"
#include "hw/x86/pci_regs.h"
#include "lib/out.h"

#define CHANNELS 2
#define DISKS    2
#define PATIENCE 100000         /* time-out in reads of the status, each about a microsecond on a real bus */
#define RESET_PATIENCE 1000000
#define SETTLE_READS 4          /* 400 ns until the status is valid (ATA/ATAPI-6 9.1) */
#define PRDS     (PAGE_SIZE / sizeof(struct prd))
#define BUFFER_END_DMA (1ull << 32)

struct prd { uint32_t pa, bytes; };

struct ata_channel;

struct ata_disk {
	struct block_device block;      /* first */
	struct ata_channel *channel;
	bool slave, lba48, can_dma, dma;
};

struct ata_channel {
	const char *name;
	uint16_t port, control, bus_master;   /* bus_master 0: none */
	unsigned line;
	struct ata_disk disk[DISKS];
	struct prd *prd;
	paddr_t prd_pa;

	/* The request in the hardware, or NULL. */
	struct block_request *request;
	struct ata_disk *owner;
	bool dma;
	unsigned segment;                     /* PIO: position of the next sector */
	uint32_t offset, sectors_left;
};

static struct ata_channel channels[CHANNELS] = {
	{ "primary", ATA_PRIMARY_PORT, ATA_PRIMARY_CONTROL, .line = ATA_PRIMARY_IRQ },
	{ "secondary", ATA_SECONDARY_PORT, ATA_SECONDARY_CONTROL, .line = ATA_SECONDARY_IRQ },
};

static struct ata_disk *disk_of(struct block_device *b)
{
	return (struct ata_disk *)b;
}

static void settle(const struct ata_channel *c)
{
	for (unsigned i = 0; i < SETTLE_READS; i++)
		(void)inb(c->control);
}

/* Waits until the status has no bit of `off` and all bits of `on`; false: time-out, or the disk reports an error. */
static bool await(const struct ata_channel *c, uint8_t off, uint8_t on, unsigned patience)
{
	settle(c);
	for (unsigned i = 0; i < patience; i++) {
		uint8_t status = inb(c->control);

		if (!(status & off) && (status & on) == on)
			return true;
		if (!(status & ATA_BSY) && status & (ATA_ERR | ATA_DF))
			return false;
	}
	return false;
}

static bool select(const struct ata_channel *c, bool slave, uint8_t lba_top)
{
	outb(c->port + ATA_DEVICE, (uint8_t)(ATA_DEVICE_LBA | (slave ? ATA_DEVICE_SLAVE : 0) | lba_top));
	settle(c);
	for (unsigned i = 0; i < PATIENCE; i++)
		if (!(inb(c->control) & (ATA_BSY | ATA_DRQ)))
			return true;
	return false;
}

/* ---- start of a request ---- */

/* A 48-bit register takes its upper byte first. */
static void set_registers(const struct ata_channel *c, uint64_t lba, uint32_t sectors, bool wide)
{
	if (wide) {
		outb(c->port + ATA_COUNT, (uint8_t)(sectors >> 8));
		outb(c->port + ATA_LBA0, (uint8_t)(lba >> 24));
		outb(c->port + ATA_LBA1, (uint8_t)(lba >> 32));
		outb(c->port + ATA_LBA2, (uint8_t)(lba >> 40));
	}
	outb(c->port + ATA_COUNT, (uint8_t)sectors);
	outb(c->port + ATA_LBA0, (uint8_t)lba);
	outb(c->port + ATA_LBA1, (uint8_t)(lba >> 8));
	outb(c->port + ATA_LBA2, (uint8_t)(lba >> 16));
}

static void fill_table(struct ata_channel *c, const struct block_request *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->segments; i++) {
		uint32_t pa = (uint32_t)r->segment[i].pa.v, left = r->segment[i].bytes;

		while (left) {
			uint32_t room = PRD_BOUNDARY - pa % PRD_BOUNDARY, part = left < room ? left : room;

			c->prd[n++] = (struct prd){ pa, part % PRD_BOUNDARY };
			pa += part;
			left -= part;
		}
	}
	c->prd[n - 1].bytes |= PRD_LAST;
	arch_dma_barrier();
}

static void prepare_dma(struct ata_channel *c, const struct block_request *r)
{
	fill_table(c, r);
	outb(c->bus_master + BM_COMMAND, r->op == BLOCK_READ ? BM_READ : 0);
	outl(c->bus_master + BM_TABLE, (uint32_t)c->prd_pa.v);
	/* Writing ones clears the two bits. */
	outb(c->bus_master + BM_STATUS, inb(c->bus_master + BM_STATUS) | BM_IRQ | BM_ERROR);
}

static void copy_sector(struct ata_channel *c)
{
	const struct block_request *r = c->request;
	const struct block_segment *s = &r->segment[c->segment];
	char *at = block_host.address(paddr_add(s->pa, c->offset));

	if (r->op == BLOCK_READ)
		insw(c->port + ATA_DATA, at, BLOCK_SECTOR / sizeof(uint16_t));
	else
		outsw(c->port + ATA_DATA, at, BLOCK_SECTOR / sizeof(uint16_t));
	c->sectors_left--;
	c->offset += BLOCK_SECTOR;
	if (c->offset == s->bytes) {
		c->segment++;
		c->offset = 0;
	}
}

static void command(struct ata_channel *c, bool wide)
{
	/* By direction, DMA, 48-bit addresses. */
	static const uint8_t commands[BLOCK_OPS][2][2] = {
		[BLOCK_READ] = { { ATA_READ, ATA_READ_EXT }, { ATA_READ_DMA, ATA_READ_DMA_EXT } },
		[BLOCK_WRITE] = { { ATA_WRITE, ATA_WRITE_EXT }, { ATA_WRITE_DMA, ATA_WRITE_DMA_EXT } },
	};
	const struct block_request *r = c->request;

	outb(c->port + ATA_COMMAND, commands[r->op][c->dma][wide]);
	if (c->dma)
		outb(c->bus_master + BM_COMMAND, (uint8_t)((r->op == BLOCK_READ ? BM_READ : 0) | BM_START));
	else if (r->op == BLOCK_WRITE && await(c, ATA_BSY, ATA_DRQ, PATIENCE))
		copy_sector(c);          /* the first sector of a write raises no interrupt */
}

/* A disk that does not accept the command does not answer either: the time-out of block.c resets it. */
static bool start(struct block_device *b, struct block_request *r)
{
	struct ata_disk *d = disk_of(b);
	struct ata_channel *c = d->channel;
	uint32_t sectors = r->bytes / BLOCK_SECTOR;
	bool wide = r->sector + sectors > ATA_LBA28_END;

	if (c->request)
		return false;
	c->request = r;
	c->owner = d;
	c->dma = d->dma;
	c->segment = c->offset = 0;
	c->sectors_left = sectors;
	if (!select(c, d->slave, wide ? 0 : (uint8_t)(r->sector >> 24 & 0xF)))
		return true;
	if (c->dma)
		prepare_dma(c, r);
	set_registers(c, r->sector, sectors, wide);
	command(c, wide);
	return true;
}

/* ---- interrupts ---- */

static void finish(struct ata_channel *c, err_t error)
{
	struct block_request *r = c->request;
	struct ata_disk *d = c->owner;

	c->request = NULL;
	/* The other disk first: its requests waited for the channel. */
	block_pump(&c->disk[!d->slave].block);
	block_finish(&d->block, r, error);
}

static void step_dma(struct ata_channel *c)
{
	uint8_t master = inb(c->bus_master + BM_STATUS), status;

	if (!(master & BM_IRQ))
		return;
	status = inb(c->port + ATA_STATUS);
	if (status & ATA_BSY)
		return;
	outb(c->bus_master + BM_COMMAND, 0);
	outb(c->bus_master + BM_STATUS, master | BM_IRQ | BM_ERROR);
	arch_dma_barrier();
	finish(c, master & BM_ERROR || status & (ATA_ERR | ATA_DF) ? ERR_IO : OK);
}

static void step_pio(struct ata_channel *c)
{
	uint8_t status;

	settle(c);
	status = inb(c->port + ATA_STATUS);
	if (status & ATA_BSY)
		return;
	if (status & (ATA_ERR | ATA_DF))
		finish(c, ERR_IO);
	else if (status & ATA_DRQ && c->sectors_left)
		copy_sector(c);
	else if (c->request->op == BLOCK_READ || c->sectors_left)
		return;                  /* an interrupt without a sector */
	else
		finish(c, OK);
	/* A read ends when its last sector is copied, a write with the interrupt that follows the copy. */
	if (c->request && c->request->op == BLOCK_READ && !c->sectors_left)
		finish(c, OK);
}

static void step(struct ata_channel *c)
{
	if (!c->request)
		(void)inb(c->port + ATA_STATUS);
	else
		(c->dma ? step_dma : step_pio)(c);
}

static void interrupt(void *ctx)
{
	step(ctx);
}

static void poll(struct block_device *b)
{
	struct ata_channel *c = disk_of(b)->channel;

	if (c->request)
		step(c);
}

static bool reset(struct block_device *b)
{
	struct ata_disk *d = disk_of(b);
	struct ata_channel *c = d->channel;

	if (c->request && c->owner != d)
		return true;             /* the channel has no request of this disk */
	if (c->bus_master)
		outb(c->bus_master + BM_COMMAND, 0);
	c->request = NULL;
	outb(c->control, ATA_SRST);
	settle(c);
	settle(c);
	outb(c->control, 0);
	return await(c, ATA_BSY, 0, RESET_PATIENCE);
}

static const char *mode(const struct block_device *b)
{
	return ((const struct ata_disk *)b)->dma ? "DMA" : "PIO";
}

static err_t set_dma(struct block_device *b, bool dma)
{
	struct ata_disk *d = disk_of(b);

	if (dma && !(d->can_dma && d->channel->bus_master))
		return ERR_UNSUPPORTED;
	d->dma = dma;
	b->buffer_end = dma ? BUFFER_END_DMA : block_host.direct_end;
	return OK;
}

static const struct block_driver ata_driver = {
	.start = start, .poll = poll, .reset = reset, .mode = mode, .set_dma = set_dma,
};

/* ---- finding disks ---- */

/* Reads the 256 words of IDENTIFY DEVICE; false: no device, or not a disk (a CD-ROM answers with a signature). */
static bool identify(const struct ata_channel *c, bool slave, uint16_t *words)
{
	if (inb(c->control) == ATA_FLOATING || !select(c, slave, 0))
		return false;
	set_registers(c, 0, 0, false);
	outb(c->port + ATA_COMMAND, ATA_IDENTIFY);
	settle(c);
	if (!inb(c->control) || !await(c, ATA_BSY, ATA_DRQ, PATIENCE))
		return false;
	insw(c->port + ATA_DATA, words, ATA_ID_WORDS);
	return true;
}

static uint64_t capacity(const uint16_t *words, bool lba48)
{
	unsigned first = lba48 ? ATA_ID_SECTORS48 : ATA_ID_SECTORS, n = lba48 ? 4 : 2;
	uint64_t sectors = 0;

	while (n-- > 0)
		sectors = sectors << 16 | words[first + n];
	return sectors;
}

static void add(struct ata_channel *c, bool slave, const uint16_t *words)
{
	struct ata_disk *d = &c->disk[slave];
	err_t err = ERR_UNSUPPORTED;

	str_printf(d->block.where, sizeof(d->block.where), "%s %s", c->name, slave ? "slave" : "master");
	d->channel = c;
	d->slave = slave;
	d->lba48 = words[ATA_ID_COMMANDS] & ATA_ID_LBA48;
	d->can_dma = words[ATA_ID_CAPABILITIES] & ATA_ID_CAN_DMA;
	d->block.driver = &ata_driver;
	d->block.kind = "ATA";
	d->block.sectors = capacity(words, d->lba48);
	d->block.segments = BLOCK_SEGMENTS;
	d->block.most = ATA_SECTORS_MAX;
	if (words[ATA_ID_CAPABILITIES] & ATA_ID_CAN_LBA) {
		if (set_dma(&d->block, true) != OK)
			(void)set_dma(&d->block, false);
		err = block_add(&d->block);
	}
	if (err != OK)
		block_refused("ATA", d->block.where, err);
}

static void find_bus_master(const struct pci_device *p)
{
	uint16_t port = p->class == PCI_CLASS_IDE ? pci_port(p, BM_BAR) : 0;

	if (!port || channels[0].bus_master)
		return;
	for (unsigned i = 0; i < CHANNELS; i++) {
		channels[i].prd = block_host.dma_alloc(0, &channels[i].prd_pa);
		if (channels[i].prd)
			channels[i].bus_master = (uint16_t)(port + i * BM_CHANNEL);
	}
	pci_enable(p);
}

static void probe_channel(struct ata_channel *c)
{
	static uint16_t words[ATA_ID_WORDS];
	bool any = false;

	outb(c->control, ATA_NIEN);
	for (unsigned slave = 0; slave < DISKS; slave++)
		if (identify(c, slave, words)) {
			add(c, slave, words);
			any = true;
		}
	if (!any)
		return;
	arch_irq_register(c->line, interrupt, c);
	(void)inb(c->port + ATA_STATUS);
	outb(c->control, 0);
}

static void probe(void)
{
	/* finish() calls block_pump() for the other disk even if it does not exist: its lists must be empty. */
	for (unsigned i = 0; i < CHANNELS * DISKS; i++)
		block_init(&channels[i / DISKS].disk[i % DISKS].block);
	pci_scan(find_bus_master);
	for (unsigned i = 0; i < CHANNELS; i++)
		probe_channel(&channels[i]);
}
DISK_DRIVER(ata) = { "ATA", probe };
