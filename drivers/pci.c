/* drivers/pci.c - finds PCI devices. The firmware has assigned addresses and interrupt lines.
 * SPDX-License-Identifier: MIT
 */
#include "drivers/pci.h"
#include "hw/x86/io.h"
#include "hw/x86/pci_regs.h"
#include "hw/x86/regs.h"

#define BUSES 256

static uint32_t address_of(unsigned bus, unsigned slot, unsigned function)
{
	return PCI_ADDRESS_ENABLE | bus << 16 | slot << 11 | function << 8;
}

uint32_t pci_read(const struct pci_device *p, unsigned offset)
{
	outl(PCI_ADDRESS_PORT, p->address | offset);
	return inl(PCI_DATA_PORT);
}

void pci_write(const struct pci_device *p, unsigned offset, uint32_t value)
{
	outl(PCI_ADDRESS_PORT, p->address | offset);
	outl(PCI_DATA_PORT, value);
}

/* With configuration mechanism 1 the address register can be read back. */
static bool has_pci(void)
{
	outl(PCI_ADDRESS_PORT, PCI_ADDRESS_ENABLE);
	return inl(PCI_ADDRESS_PORT) == PCI_ADDRESS_ENABLE;
}

/* Returns the secondary bus of a bridge; otherwise calls found() and returns 0. */
static unsigned scan_function(const struct pci_device *p, void (*found)(const struct pci_device *p))
{
	if (p->class == PCI_CLASS_BRIDGE)
		return pci_read(p, PCI_BUSES) >> 8 & 0xFF;
	found(p);
	return 0;
}

static bool fill(struct pci_device *p, unsigned bus, unsigned slot, unsigned function)
{
	uint32_t id;

	p->address = address_of(bus, slot, function);
	id = pci_read(p, PCI_ID);
	if (id == UINT32_MAX)
		return false;
	p->vendor = (uint16_t)id;
	p->device = (uint16_t)(id >> 16);
	p->class = (uint16_t)(pci_read(p, PCI_CLASS) >> 16);
	return true;
}

/* pci_scan() visits buses in ascending order: a bridge's secondary bus has a higher number than its primary bus. */
static void scan_bus(unsigned bus, uint8_t *wanted, void (*found)(const struct pci_device *p))
{
	struct pci_device p;

	for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
		unsigned functions = 1, behind;

		for (unsigned f = 0; f < functions; f++) {
			if (!fill(&p, bus, slot, f))
				continue;
			if (f == 0 && pci_read(&p, PCI_HEADER) & PCI_HEADER_MANY)
				functions = PCI_FUNCTIONS;
			behind = scan_function(&p, found);
			if (behind > bus)
				wanted[behind / 8] |= (uint8_t)(1u << behind % 8);
		}
	}
}

void pci_scan(void (*found)(const struct pci_device *p))
{
	uint8_t wanted[BUSES / 8] = { 1 };

	if (!has_pci())
		return;
	for (unsigned bus = 0; bus < BUSES; bus++)
		if (wanted[bus / 8] >> bus % 8 & 1)
			scan_bus(bus, wanted, found);
}

uint16_t pci_port(const struct pci_device *p, unsigned bar)
{
	uint32_t value = pci_read(p, PCI_BAR0 + bar * sizeof(uint32_t));

	return value & PCI_BAR_IO ? (uint16_t)(value & ~3u) : 0;
}

bool pci_memory(const struct pci_device *p, unsigned bar, paddr_t *pa)
{
	unsigned offset = PCI_BAR0 + bar * sizeof(uint32_t);
	uint32_t value;

	if (bar >= PCI_BARS)
		return false;
	value = pci_read(p, offset);
	*pa = PADDR(value & ~(uint32_t)PCI_BAR_FLAGS);
	if (!(value & PCI_BAR_IO) && (value & PCI_BAR_TYPE) == PCI_BAR_64 && bar + 1 < PCI_BARS)
		pa->v |= (uint64_t)pci_read(p, offset + sizeof(uint32_t)) << 32;
	return !(value & PCI_BAR_IO) && pa->v;
}

unsigned pci_capability(const struct pci_device *p, unsigned id, unsigned n)
{
	unsigned at = pci_read(p, PCI_COMMAND) & PCI_STATUS_CAPABILITIES ? pci_read(p, PCI_CAPABILITIES) : 0;

	/* The two lower bits of a pointer are reserved. The bound ends a list that is a cycle. */
	for (unsigned i = 0; i < PCI_CAPABILITIES_MAX && (at &= PCI_CAPABILITY_MASK) != 0; i++) {
		uint32_t head = pci_read(p, at);

		if ((head & 0xFF) == id && n-- == 0)
			return at;
		at = head >> 8;
	}
	return 0;
}

void pci_enable(const struct pci_device *p)
{
	uint32_t command = pci_read(p, PCI_COMMAND) & 0xFFFF & ~(uint32_t)PCI_COMMAND_INTX_DISABLE;

	/* The upper half is the status, whose ones are cleared by writing ones. */
	pci_write(p, PCI_COMMAND, command | PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

bool pci_line(const struct pci_device *p, unsigned *line)
{
	*line = pci_read(p, PCI_LINE) & 0xFF;
	return *line > 0 && *line != PIC_CASCADE && *line < IRQ_LINES;
}
