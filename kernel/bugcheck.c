/* kernel/bugcheck.c - bugcheck: prints it in the form of WinDbg, then runs the shell for read-only commands.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/bugcheck.h"
#include "arch/cpu.h"
#include "kernel/backtrace.h"
#include "kernel/console.h"
#include "kernel/live.h"
#include "kernel/oops.h"
#include "kernel/symbols.h"
#include "lib/assert.h"
#include "mm/space/fault.h"

bool bugchecked, kernel_started;

struct bugcheck_record last_bugcheck;
static struct call_trace bugcheck_calls;

/* Prints the back-trace from the trap `f`. Without a trap it begins at the caller of bugcheck(),
 * so the functions that report are not in it. The trace is not on the stack, which may be nearly
 * used up. */
static void put_calls(const struct trap_frame *f, uint64_t caller, uint64_t fp)
{
	call_trace_take(&bugcheck_calls, f ? arch_frame_pc(f) : caller, f ? arch_frame_fp(f) : fp);
	call_trace_put(&console, &bugcheck_calls);
}

/* Prints the meaning of the code and the function at `pc`, in the form of WinDbg. */
static void put_meaning(uint64_t pc)
{
	const char *name;
	uint64_t offset;

	out_printf(&console, "%s (%x)\n%s\n", bugcheck_name(last_bugcheck.code), (unsigned)last_bugcheck.code,
	           bugcheck_why(last_bugcheck.code));
	if (symbol_at(pc, &name, &offset) == OK)
		out_printf(&console, "Probably caused by : %s+%llx\n", name, (unsigned long long)offset);
}

/* Returns the parameter that contains the fault address; its place depends on the code, and an
 * assertion has none (0). The pc is always p[3]. */
static uint64_t fault_address(uint32_t code, const uint64_t p[4])
{
	return code == BUGCHECK_KERNEL_TRAP ? p[1] : code == BUGCHECK_ASSERT ? 0 : p[0];
}

static unsigned stops_at_once;      /* calls of stop_at_once() */

/* For a bugcheck while the kernel starts, or inside another one: prints two lines and halts. Uses
 * only the polled console and the symbol table, because live_target, the processes and the heap
 * may not exist yet or may be damaged. */
static _Noreturn void stop_at_once(const struct trap_frame *f, uint32_t code, const uint64_t p[4])
{
	const char *name;
	uint64_t offset;

	/* A fault of the console would enter here again and again: the third entry halts without
	 * output. */
	if (++stops_at_once > 2)
		arch_stop();
	out_printf(&console, "\nBugCheck %X %s: pc %llx", (unsigned)code,
	           bugchecked ? "while stopped" : "while the kernel starts", (unsigned long long)p[3]);
	bugchecked = true;
	if (symbol_at(p[3], &name, &offset) == OK)
		out_printf(&console, " (%s+%#llx)", name, (unsigned long long)offset);
	out_printf(&console, ", fault address %llx", (unsigned long long)fault_address(code, p));
	if (f)
		out_printf(&console, ", %s, code %llx", arch_trap_name(f), (unsigned long long)arch_trap_code(f));
	out_puts(&console, "\nThe machine is stopped; the shell has not started.\n");
	arch_stop();
}

void (*after_bugcheck)(void);

_Noreturn void bugcheck(const struct trap_frame *f, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4)
{
	arch_irq_save();
	if (bugchecked || !kernel_started)
		stop_at_once(f, code, (const uint64_t[4]){ p1, p2, p3, p4 });
	bugchecked = true;
	/* Read-only commands then inspect the process in which it happened. */
	live_look_at_current();
	last_bugcheck = (struct bugcheck_record){ code, { p1, p2, p3, p4 } };
	if (f)
		trap_keep(f);
	out_printf(&console, "\nBugCheck %X, {%llx, %llx, %llx, %llx}\n", (unsigned)code, (unsigned long long)p1,
	           (unsigned long long)p2, (unsigned long long)p3, (unsigned long long)p4);
	put_meaning(p4);
	put_calls(f, (uintptr_t)__builtin_return_address(0), arch_current_fp());
	out_puts(&console, "The machine is stopped. Read-only commands, reboot and poweroff still work.\n");
	after_bugcheck();
	arch_stop();
}

/* The condition and the file are string constants, so their addresses can be parameters of the bugcheck. */
_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	arch_irq_save();
	out_printf(&console, "\nassertion failed: %s (%s:%d)\n", condition, file, line);
	bugcheck(NULL, BUGCHECK_ASSERT, (uintptr_t)condition, (uintptr_t)file, (uint64_t)(unsigned)line,
	         (uintptr_t)__builtin_return_address(0));
}
