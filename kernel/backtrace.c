/* kernel/backtrace.c - who called whom, from frame pointers, without ever faulting.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/kernel.h"
#include "kernel/symbols.h"

#define MAX_FRAMES 24

static void put_address(struct out *out, uint64_t pc)
{
	int digits = (int)target_va_digits(&live_target);
	const char *name;
	uint64_t offset;

	out_printf(out, " [<%0*llx>]", digits, (unsigned long long)pc);
	if (symbol_at(pc, &name, &offset) == OK)
		out_printf(out, " %s+0x%llx", name, (unsigned long long)offset);
	out_char(out, '\n');
}

void backtrace(struct out *out, uint64_t pc, uint64_t fp)
{
	out_puts(out, "Call Trace:\n");
	put_address(out, pc);
	for (unsigned i = 0; i < MAX_FRAMES && fp; i++) {
		uintptr_t link[2];   /* return address, next frame pointer */
		uint64_t at = fp + (uint64_t)(int64_t)arch_frame_link.return_address * sizeof(uintptr_t);
		uint64_t next = fp + (uint64_t)(int64_t)arch_frame_link.next * sizeof(uintptr_t);

		if (target_read_virt(&live_target, at, &link[0], sizeof(link[0])) != OK ||
		    target_read_virt(&live_target, next, &link[1], sizeof(link[1])) != OK || !link[0])
			return;
		put_address(out, link[0]);
		/* Frames go up; anything else is no chain. */
		if (link[1] <= fp)
			return;
		fp = link[1];
	}
}
