/* drivers/pci.h - PCI devices as the firmware has configured them.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/addr.h"
#include <stdbool.h>
#include <stdint.h>

struct pci_device {
	uint32_t address;           /* of register 0 of its configuration space */
	uint16_t vendor, device;
	uint16_t class;             /* class << 8 | subclass */
};

uint32_t pci_read(const struct pci_device *p, unsigned offset);
void pci_write(const struct pci_device *p, unsigned offset, uint32_t value);
/* Calls found for each function on each bus. Does nothing on a machine without PCI. */
void pci_scan(void (*found)(const struct pci_device *p));
/* The I/O port in a base address register; 0: a memory address, or not assigned. */
uint16_t pci_port(const struct pci_device *p, unsigned bar);
/* The physical address in a base address register, of which a 64-bit one has two; false: an I/O port, or not assigned. */
bool pci_memory(const struct pci_device *p, unsigned bar, paddr_t *pa);
/* The n-th capability with this id, as an offset in configuration space; 0: there are not so many. */
unsigned pci_capability(const struct pci_device *p, unsigned id, unsigned n);
/* Enables its ports, its memory, DMA and its interrupt line. */
void pci_enable(const struct pci_device *p);
/* The line of the interrupt controller that the firmware assigned; false: none. */
bool pci_line(const struct pci_device *p, unsigned *line);
