/* shell/live/at.c - at: the CPU's own translation of an address, next to the walker's.
 * SPDX-License-Identifier: MIT
 *
 * ARM has instructions that translate an address and store the answer in PAR instead of making the
 * access: ATS1CPR and ATS1CPW as the kernel, ATS1CUR and ATS1CUW as a user program
 * (arch_translate()). The answer comes from the hardware's table walker and TLB, which share no code
 * with pt_walk(): a difference is a stale TLB entry or a bug. x86 has no such instruction, and the
 * command prints that.
 * QEMU's monitor has gva2gpa, which is QEMU's own walk.
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "isa/isa.h"
#include "shell/command.h"

/* What the entries say about the same access: the walk ends at a leaf, all rights that the access
 * needs are in the combined rights, and the accessed flag is set, because ARM CPUs without a
 * hardware flag fault on an entry that lacks it. */
static bool walker_permits(const struct pt_walk *w, bool write, bool user)
{
	prot_t needs = PROT_ACCESSED | PROT_R | (write ? PROT_W : 0) | (user ? PROT_U : 0);

	return w->outcome == PT_LEAF && (w->prot & needs) == needs;
}

/* Prints one line for the CPU and one for the walker. `va` must be valid in the current mode. Both
 * use the root that the CPU has loaded (hw_root), not the selected one: the instruction cannot take
 * another root. The value of PAR is printed in full; on a fault its status field is decoded. */
static void put_answers(struct call *c, uint64_t va, bool write, bool user)
{
	struct pt_space space = pt_space_of(c->target->mode, c->target->env, c->target->hw_root);
	struct pt_walk w;
	const struct isa *isa = c->target->mode->format->isa;
	uint64_t answer;
	paddr_t pa;
	err_t err = arch_translate(va, write, user, &pa, &answer);

	if (err == ERR_UNSUPPORTED) {
		out_puts(c->out, "not supported: this CPU has no address-translation instruction\n");
		return;
	}
	out_printf(c->out, "CPU:    %s %s of %llx: ", user ? "user" : "kernel", write ? "write" : "read",
	           (unsigned long long)va);
	if (err == OK)
		out_printf(c->out, "%llx (%s %llx)\n", (unsigned long long)pa.v, isa->answer,
		           (unsigned long long)answer);
	else
		out_printf(c->out, "fault (%s %llx, %s)\n", isa->answer, (unsigned long long)answer,
		           isa->answer_status(answer));
	pt_walk(&space, va, &w, NULL, 0);
	out_printf(c->out, "walker: %s %s of %llx: ", user ? "user" : "kernel", write ? "write" : "read",
	           (unsigned long long)va);
	if (walker_permits(&w, write, user))
		out_printf(c->out, "%llx\n", (unsigned long long)w.pa.v);
	else
		out_puts(c->out, "fault\n");
}

/* Any of the letters r, w and u, in any order; w wins over r. False: another letter. Nothing is
 * printed. */
static bool parse_access(const char *s, bool *write, bool *user)
{
	for (; *s; s++) {
		if (*s == 'w')
			*write = true;
		else if (*s == 'u')
			*user = true;
		else if (*s != 'r')
			return false;
	}
	return true;
}

/* An address that is not valid is refused: the instruction would see only its low bits. */
static void at(struct call *c)
{
	bool write = false, user = false;
	uint64_t va = c->arg[0].value;

	if (!pt_va_valid(c->target->mode, va))
		call_fail(c, 0, "not a valid address on this machine");
	else if (!parse_access(c->arg[1].text, &write, &user))
		call_fail(c, 1, "invalid access: use letters of r w u");
	else
		put_answers(c, va, write, user);
}
COMMAND(at) = {
	.name = "at", .schema = "aW", .synopsis = "at VA [r|w][u]", .flags = CMD_READ_ONLY, .run = at,
	.what = "the CPU's own translation of VA, compared with the walker's",
	.help = "  kd> at kmain wu\n"
	        "  r read, w write, u as user mode. The instruction (ARM: ATS1CPR, ATS1CPW, ATS1CUR, ATS1CUW) does not access\n"
	        "  the memory: it stores the address, or the cause of the fault, in PAR. Other CPUs have no such instruction.\n"
	        "  WinDbg: none   Linux: none   QEMU: gva2gpa\n",
};
