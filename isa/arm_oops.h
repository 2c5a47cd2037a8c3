/* isa/arm_oops.h - an ARM oops as Linux 3.x logs it; for isa/ and its tests.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/arm_fsr.h"
#include "isa/isa.h"

/* Values of the machine; tables, symbols and memory come from the view. Strings must not be NULL. */
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
	const struct isa_call *calls;
	unsigned call_count;
	/* Exception entry code: a call from there is followed by the registers saved above its frame. */
	uint32_t exception_text, exception_text_end;
	uint64_t trace_id;         /* ---[ end trace ]--- */
};

/* Prints the complete oops, from "Unable to handle kernel" to "end trace". */
void linux_arm_oops(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o);
/* "Internal error: undefined instruction: 0 [#1] ARM": the first line of an oops without a memory fault. */
void linux_arm_oops_line(struct out *out, const char *what, uint64_t code, unsigned count);
/* From "PC is at" to "Control:". */
void linux_arm_regs(struct out *out, const struct isa_view *v, const struct linux_arm_oops *o);
/* A user-mode fault that ends its process, and one without a handler. */
void linux_arm_user_fault(struct out *out, const char *process, int signal, uint32_t va, uint32_t fsr);
void linux_arm_unhandled(struct out *out, uint32_t va, uint32_t fsr, bool instruction);
