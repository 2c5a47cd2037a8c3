/* shell/live/mmu.c - mmu: how the boot enabled the MMU, as it was recorded, and the paging mode now.
 * SPDX-License-Identifier: MIT
 *
 * The lines are the steps of boot_info.step: each was stored at that moment by the boot stage or the
 * kernel (boot_trace_note(), kernel_boot_stage()), with pc, stack pointer and four control
 * registers. Nothing is reconstructed. Between 5 and 7 pc changes from the physical to the linked
 * address: translation is switched on while the CPU fetches through the identity map, then a jump
 * leaves it (Intel SDM vol. 3A 4.1.2).
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "isa/isa.h"
#include "kernel/boot_trace.h"
#include "kernel/main.h"
#include "lib/version.h"
#include "shell/command.h"

/* By enum boot_stage (boot/boot_info.h): what is true when the step is recorded. */
static const char *const stages[STAGE_COUNT] = {
	[STAGE_ENTRY] = "first instruction after the loader, translation off",
	[STAGE_TABLES] = "the first page tables are complete",
	[STAGE_PREFLIGHT] = "the preflight has checked the tables",
	[STAGE_CONTROL] = "the paging format is chosen",
	[STAGE_ROOT] = "the root is loaded",
	[STAGE_PAGING] = "translation is on, fetching through the identity map",
	[STAGE_HIGH] = "running at the address the kernel is linked for",
	[STAGE_STACK] = "on the kernel's own stack",
	[STAGE_TRAPS] = "descriptor tables and trap handlers are installed",
	[STAGE_MEMORY] = "frames, heap and address spaces are ready",
	[STAGE_IDENTITY] = "the identity map is removed",
	[STAGE_SHELL] = "the prompt",
	[STAGE_END] = "powered off",
};

/* The names of the control registers are those of the CPU family's row (isa/isa.h: boot_words). Two
 * stages have another text with preflight=off and identity=keep: the step then records that the work
 * was left out. */
static void put_step(struct out *out, const struct target *t, const struct boot_step *s)
{
	const char *const *word = t->mode->format->isa->boot_words;
	int digits = (int)target_va_digits(t);
	const char *what = s->stage < STAGE_COUNT ? stages[s->stage] : NULL;

	if (s->stage == STAGE_PREFLIGHT && (boot_info.flags & BOOT_NO_PREFLIGHT))
		what = "preflight=off: the tables were not checked";
	if (s->stage == STAGE_IDENTITY && (boot_info.flags & BOOT_KEEP_IDENTITY))
		what = "identity=keep: the identity map stays";
	out_printf(out, "%2u pc %0*llx sp %0*llx", (unsigned)s->stage, digits, (unsigned long long)s->pc, digits,
	           (unsigned long long)s->sp);
	for (unsigned i = 0; i < ISA_BOOT_WORDS; i++)
		out_printf(out, " %s %08llx", word[i], (unsigned long long)s->ctl[i]);
	out_printf(out, "  %s\n", what ? what : "");
}

/* Where the image is and where it is linked: before the switch the two must be the same, after it
 * they differ by image_header.base, the kernel's address of physical 0. */
static void put_places(struct out *out, const struct target *t)
{
	int digits = (int)target_va_digits(t);

	out_printf(out, "boot stage linked at %08llx, ", (unsigned long long)boot_info.image_pa);
	if (boot_info.loaded_pa)
		out_printf(out, "loaded at %08llx and moved there; ", (unsigned long long)boot_info.loaded_pa);
	else
		out_puts(out, "loaded there; ");
	out_printf(out, "kernel linked at %0*llx, loaded at %08llx\n", digits, (unsigned long long)image_header.text,
	           (unsigned long long)(image_header.text - image_header.base));
}

/* The features of the paging mode under the CPU family's names: x86 NX, WP, SMEP, SMAP; ARM has
 * others in their place (isa/isa.h: mode_words). */
static void put_mode(struct out *out, const struct pt_mode *m)
{
	const char *const *word = m->format->isa->mode_words;
	const struct { const char *name; bool on; } bits[] = {
		{ word[0], m->nx }, { "large pages", m->pse }, { "global pages", m->pge },
		{ word[1], m->wp }, { word[2], m->smep }, { word[3], m->smap },
	};

	out_printf(out, "now: %u physical address bits", m->pa_bits);
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		out_printf(out, ", %s %s", bits[i].name, bits[i].on ? "on" : "off");
	out_char(out, '\n');
}

/* Format, version, places, steps, mode. */
static void mmu(struct call *c)
{
	const struct pt_mode *m = c->target->mode;

	out_printf(c->out, "%s: %s\n", m->format->name, m->format->title);
	out_puts(c->out, "Pageturner " VERSION "\n");
	put_places(c->out, c->target);
	for (uint32_t i = 0; i < boot_info.step_count && i < BOOT_MAX_STEPS; i++)
		put_step(c->out, c->target, &boot_info.step[i]);
	put_mode(c->out, m);
}
COMMAND(mmu) = {
	.name = "mmu", .schema = "", .synopsis = "mmu", .flags = CMD_READ_ONLY | CMD_EXAMPLE, .run = mmu,
	.what = "how the boot enabled the MMU, as recorded",
	.help = "  kd> mmu\n"
	        "  Each line is a stage of the boot: pc, stack pointer and control registers. The switch is between 5 and 7:\n"
	        "  translation on, then the jump out of the identity map.\n"
	        "  gdb: make gdb, mmu-walk\n",
};
