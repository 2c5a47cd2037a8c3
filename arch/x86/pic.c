/* arch/x86/pic.c - the two 8259 interrupt controllers and the handlers of their lines.
 * SPDX-License-Identifier: MIT
 *
 * Intel 8259A data sheet: ICW1 to ICW4 start a controller, OCW2 ends an interrupt, OCW3 chooses what is read.
 */
#include "arch/x86/frame.h"
#include "arch/x86/x86.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

#define PIC1 0x20
#define PIC2 0xA0
#define PIC_COMMAND 0
#define PIC_DATA 1
#define ICW1_INIT_ICW4 0x11
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0B
#define LINES_EACH 8
#define SPURIOUS 7            /* on either: the line that was asked for went away */

/* PCI devices share lines: handlers per line, at most. */
#define SHARERS 16
static struct { irq_handler_t handler; void *ctx; } lines[IRQ_LINES][SHARERS];

static uint16_t chip(unsigned line)
{
	return line < LINES_EACH ? PIC1 : PIC2;
}

static void start(uint16_t pic, uint8_t vector, uint8_t cascade)
{
	outb(pic + PIC_COMMAND, ICW1_INIT_ICW4);
	outb(pic + PIC_DATA, vector);
	outb(pic + PIC_DATA, cascade);
	outb(pic + PIC_DATA, ICW4_8086);
	outb(pic + PIC_DATA, 0xFF);
}

void x86_pic_init(void)
{
	/* The BIOS has them on the exceptions' vectors. */
	start(PIC1, VECTOR_IRQ, 1 << PIC_CASCADE);
	start(PIC2, VECTOR_IRQ + LINES_EACH, PIC_CASCADE);
	outb(PIC1 + PIC_DATA, (uint8_t)~(1u << PIC_CASCADE));
}

void arch_irq_register(unsigned line, irq_handler_t handler, void *ctx)
{
	uint16_t data = chip(line) + PIC_DATA;
	unsigned i = 0;

	ASSERT(line < IRQ_LINES && line != PIC_CASCADE);
	while (i < SHARERS - 1 && lines[line][i].handler)
		i++;
	ASSERT(!lines[line][i].handler);
	lines[line][i].ctx = ctx;
	lines[line][i].handler = handler;
	outb(data, inb(data) & (uint8_t)~(1u << line % LINES_EACH));
}

/* A line that was withdrawn before it was acknowledged arrives as the lowest one, without a bit in service. */
static bool spurious(unsigned line)
{
	uint16_t command = chip(line) + PIC_COMMAND;

	if (line % LINES_EACH != SPURIOUS)
		return false;
	outb(command, OCW3_READ_ISR);
	return !(inb(command) >> SPURIOUS & 1);
}

void arch_irq_dispatch(struct trap_frame *f)
{
	unsigned line = (unsigned)f->vector - VECTOR_IRQ;
	bool real = !spurious(line);

	/* Before the handler: lines are edge-triggered, and a handler that never returns must not block the others.
	 * The first controller has seen its cascade line even when the second's was spurious. */
	if (real && chip(line) == PIC2)
		outb(PIC2 + PIC_COMMAND, OCW2_EOI);
	if (real || chip(line) == PIC2)
		outb(PIC1 + PIC_COMMAND, OCW2_EOI);
	for (unsigned i = 0; real && i < SHARERS && lines[line][i].handler; i++)
		lines[line][i].handler(lines[line][i].ctx);
}
