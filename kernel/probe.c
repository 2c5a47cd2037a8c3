/* kernel/probe.c - one access that may fault and changes nothing.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/probe.h"
#include "arch/cpu.h"
#include "kernel/live.h"
#include "kernel/trap.h"

/* The byte at `va`, so that a write changes nothing: read through the tables, not by an access. 0 if nothing is mapped: then the
 * store faults and is not repeated. */
static uint8_t byte_at(uint64_t va)
{
	struct target t = live_current();
	uint8_t byte = 0;

	return target_read_virt(&t, va, &byte, sizeof(byte)) == OK ? byte : 0;
}

/* Interrupts are off between the read and the store, because a handler could change the byte.
 * Returns whether the store completed. *resolved: the store faulted and mm resolved the fault, so
 * that the store can be repeated. WATCH_PROBE makes trap.c continue after the store even then. */
static bool write(uint64_t va, bool *resolved)
{
	uint64_t before = fault_newest();
	bool on = arch_irqs_on(), done;
	uint8_t byte;

	arch_irqs_disable();
	byte = byte_at(va);
	fault_watch |= WATCH_PROBE;
	done = arch_probe(va, ACCESS_WRITE, byte);
	fault_watch &= ~(unsigned)WATCH_PROBE;
	if (on)
		arch_irqs_enable();
	*resolved = !done && fault_newest() > before && fault_recent(0)->result == FAULT_FIXED;
	return done;
}

bool probe_access(uint64_t va, enum access access)
{
	bool done = false, again = false;

	if (access != ACCESS_WRITE)
		return arch_probe(va, access, 0);
	/* After a resolved fault the page has contents: read the byte again, instead of storing
	 * the 0 of the unmapped page. Each turn needs a resolved fault, so the loop ends. */
	do
		done = write(va, &again);
	while (again);
	return done;
}
