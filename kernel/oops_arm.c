/* kernel/oops_arm.c - gathers, by the names of registers, what an oops of Linux on ARM shows.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/oops_arm.h"
#include "kernel/inspect/linux_arm.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "kernel/string.h"
#include "kernel/symbols.h"
#include "mm/vmalloc.h"

#define CALLS 24

/* The first row of this name that exists here: the machine's own, whatever its width. */
static bool reg(const struct trap_frame *f, const char *name, uint32_t *value)
{
	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (!strcmp(name, r->name) && (!r->exists || r->exists())) {
			*value = (uint32_t)r->get(r->control ? NULL : f, r);
			return true;
		}
	return false;
}

static bool gather_registers(const struct trap_frame *f, struct linux_arm_oops *o)
{
	static const char *const names[] = {
		"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!reg(f, names[i], &o->r[i]))
			return false;
	/* DACR as it was: while this runs it is closed. */
	return reg(f, "psr", &o->psr) && reg(f, "sctlr", &o->control) && reg(f, "ttbr0", &o->table) &&
	       (reg(f, "dac", &o->dac) || reg(f, "dacr", &o->dac));
}

static bool read_word(uintptr_t at, uintptr_t *word)
{
	return target_read_virt(&live_target, at, word, sizeof(*word)) == OK;
}

/* From the instruction that failed outwards, as backtrace() goes. */
static unsigned gather_calls(const struct trap_frame *f, struct linux_arm_call calls[CALLS])
{
	uintptr_t where = (uintptr_t)arch_frame_pc(f), fp = (uintptr_t)arch_frame_fp(f);
	unsigned n = 0;

	while (n < CALLS && fp) {
		uintptr_t from, next, word = sizeof(uintptr_t);

		if (!read_word(fp + (uintptr_t)arch_frame_link.return_address * word, &from) ||
		    !read_word(fp + (uintptr_t)arch_frame_link.next * word, &next))
			break;
		calls[n++] = (struct linux_arm_call){ (uint32_t)where, (uint32_t)from, (uint32_t)fp };
		where = from;
		fp = next > fp ? next : 0;     /* frames go up; anything else is no chain */
	}
	return n;
}

bool oops_arm(const struct trap_frame *f, const struct fault *fault, unsigned number)
{
	static struct linux_arm_call calls[CALLS];
	struct linux_arm_oops o = {
		.va = (uint32_t)fault->va, .fsr = (uint32_t)fault->code, .number = number, .config = "ARM",
		.modules = "", .taint = "Not tainted", .release = "pageturner", .version = "#1", .process = "kernel",
		.calls = calls, .exception_text = (uint32_t)(uintptr_t)trap, .trace_id = number,
	};
	uint64_t bytes;

	if (!gather_registers(f, &o))
		return false;
	o.call_count = gather_calls(f, calls);
	if (symbol_size((uintptr_t)trap, &bytes) == OK)
		o.exception_text_end = o.exception_text + (uint32_t)bytes;
	if (current_proc) {
		o.process = current_proc->name;
		o.pid = (int)current_proc->pid;
	}
	if (kstack_top(o.r[13])) {
		o.stack_top = (uint32_t)(uintptr_t)kstack_top(o.r[13]);
		o.stack_limit = o.stack_top - KSTACK_BYTES;
	}
	linux_arm_oops(&console, &live_target, &o);
	return true;
}
