/* kernel/nmi.c - the non-maskable interrupt: where it came is printed, and execution continues.
 * SPDX-License-Identifier: MIT
 *
 * It may come between any two instructions, also while the console's rings, the scheduler or a trap's entry are half done.
 * So the handler changes nothing of theirs. With interrupts enabled at that place none of them is under way, and the
 * report is printed at once; otherwise the next tick of the timer prints it.
 */
#include "kernel/nmi.h"
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/symbols.h"

/* The newest NMI; `unreported` counts those since the last report. Written by nmi() at any moment,
 * so other code reads a copy. */
static struct nmi { uint64_t count, pc; unsigned unreported; bool user; } last;
/* report() runs: an NMI inside it only counts, and the next tick prints it */
static bool reporting;

/* Prints a copy: another NMI may come meanwhile, and waits for the tick. It is marked as printed before the copy is made, so
 * that one between the two is printed twice, and none is lost. */
static void report(void)
{
	/* What was interrupted may be padding a line up to a column. */
	unsigned column = console.column;
	const char *name;
	uint64_t offset;
	struct nmi n;

	reporting = true;
	last.unreported = 0;
	__asm__ volatile("" ::: "memory");
	n = last;
	out_printf(&console, "\nNMI %llu at %0*llx", (unsigned long long)n.count, (int)(2 * sizeof(uintptr_t)),
	           (unsigned long long)n.pc);
	if (!n.user && symbol_at(n.pc, &name, &offset) == OK)
		out_printf(&console, " (%s+%#llx)", name, (unsigned long long)offset);
	out_printf(&console, " in %s mode: no device is known to raise it; execution continues\n",
	           n.user ? "user" : "kernel");
	console.column = column;
	reporting = false;
}

/* While the kernel keeps interrupts disabled there is no tick: the second NMI prints the report. */
void nmi(struct trap_frame *f)
{
	last.count++;
	last.pc = arch_frame_pc(f);
	last.user = arch_frame_from_user(f);
	last.unreported++;
	/* Printing inside console.put() would take bytes out of its ring twice. */
	if (!reporting && !console_busy() && (arch_frame_irqs_on(f) || bugchecked || last.unreported > 1))
		report();
}

void nmi_tick(void)
{
	if (last.unreported)
		report();
}
