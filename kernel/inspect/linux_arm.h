/* kernel/inspect/linux_arm.h - an ARM oops and a page-table walk as Linux 3.x logs them (FACTS D4).
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/inspect/fsr.h"
#include "kernel/inspect/target.h"

/* One call: the address of an instruction, the place it was called from, the frame that says so. */
struct linux_arm_call { uint32_t where, from, frame; };

/* What only the machine knows; the tables, symbols and memory come from the target. Strings must not be NULL. */
struct linux_arm_oops {
	uint32_t va;               /* the address whose access failed */
	uint32_t fsr;
	uint32_t r[16];            /* 13 sp, 14 lr, 15 pc */
	uint32_t psr;
	uint32_t control, table, dac;
	bool kernel_segment;       /* "Segment kernel": the address limit is lifted */
	unsigned number;           /* [#1] */
	const char *config;        /* "SMP ARM" */
	const char *modules;       /* "a b(O)", may be empty */
	unsigned cpu;
	const char *taint;         /* "Not tainted" */
	const char *release, *version; /* "3.6.0-hh04", "#1" */
	const char *process;       /* up to 16 characters are printed */
	int pid;
	uint32_t stack_limit;
	uint32_t stack_top;        /* the dump goes from sp to here; not above sp: no dump */
	const struct linux_arm_call *calls;
	unsigned call_count;
	/* Exception entry code: a call from there is followed by the registers saved above its frame. */
	uint32_t exception_text, exception_text_end;
	uint64_t trace_id;         /* ---[ end trace ]--- */
};

/* All of it, from "Unable to handle kernel" to "end trace". */
void linux_arm_oops(struct out *out, const struct target *t, const struct linux_arm_oops *o);
/* "Internal error: undefined instruction: 0 [#1] ARM": what begins an oops that no memory fault caused. */
void linux_arm_oops_line(struct out *out, const char *what, uint64_t code, unsigned count);
/* From "PC is at" to "Control:". */
void linux_arm_regs(struct out *out, const struct target *t, const struct linux_arm_oops *o);
/* A fault of user mode that ends its process, and one that no handler knows. */
void linux_arm_user_fault(struct out *out, const char *process, int signal, uint32_t va, uint32_t fsr);
void linux_arm_unhandled(struct out *out, uint32_t va, uint32_t fsr, bool instruction);

/* The log of a module that walks the tables for a process: pointers of all of Linux's levels, folded ones equal,
 * then page, physical address and the int there. Walks the target's root. now: microseconds since
 * boot for "[  122.537462] "; NULL leaves the stamps out. Any format. */
void linux_walk_log(struct out *out, const struct target *t, int pid, uint64_t va, uint64_t (*now)(void *ctx),
                    void *ctx);
