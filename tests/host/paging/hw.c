/* tests/host/paging/hw.c - picks the processor whose page walk is made.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/paging/hw.h"

struct hw_page hw_walk(const struct hw_cpu *cpu, hw_read_fn read, void *ctx, uint64_t root, uint64_t va)
{
	struct hw_page page = { .end = HW_BUS };

	if (cpu->tables <= HW_IA32E)
		hw_walk_x86(cpu, read, ctx, root, va, &page);
	else if (cpu->tables >= HW_SV)
		hw_walk_riscv(cpu, read, ctx, root, va, &page);
	else
		hw_walk_arm(cpu, read, ctx, root, va, &page);
	return page;
}
