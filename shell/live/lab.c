/* shell/live/lab.c - lab: experiments that show the MMU's caches at work.
 * SPDX-License-Identifier: MIT
 *
 * `lab tlb` maps one page to two frames in turn and reads it three times: before the change, after
 * it without a flush, and after the flush. The second read is stale on a CPU whose TLB still holds
 * the entry (Intel SDM vol. 3A 4.10.2), and it may be new as well: a TLB may drop an entry at any
 * time. Both are correct, and the command prints which one it was.
 */
#include "arch/mmu.h"
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/phys/kmap.h"
#include "mm/space/vmalloc.h"
#include "shell/command.h"

/* Allocates two frames whose first bytes are a0 and a1. An error frees what was allocated. */
static err_t lab_frames(pfn_t frame[2])
{
	for (unsigned i = 0; i < 2; i++) {
		unsigned char mark = (unsigned char)(0xA0 + i);
		err_t err = frame_alloc(FRAME_ZERO, FRAME_KERNEL, &frame[i]);

		if (err == OK)
			err = phys_write(pfn_base(frame[i]), &mark, 1);
		if (err == OK)
			continue;
		if (i)
			frame_put(frame[0]);
		return err;
	}
	return OK;
}

/* Maps va to the frame without a flush: the stale TLB entry is what the lab shows. */
static err_t lab_entry(const struct target *t, uint64_t va, pfn_t frame, pte_t *pte)
{
	const struct pt_mode *mode = t->mode;
	err_t err = mode->format->make_leaf(mode, 0, pfn_base(frame), PROT_R | PROT_W | PROT_ACCESSED | PROT_DIRTY, pte);

	return err == OK ? pt_set(&kernel_aspace.space, va, *pte, &(struct pt_change){ NULL, NULL, "lab tlb" }) : err;
}

/* va: a reserved page without an entry. The caller clears the entry and flushes, also after an error
 * here. Nothing is printed between the read that fills the TLB and the one after the change, because
 * output could evict the entry. */
static err_t lab_steps(struct out *out, const struct target *t, uint64_t va, const pfn_t frame[2])
{
	const volatile unsigned char *p = (const volatile unsigned char *)(uintptr_t)va;
	unsigned char stale;
	pte_t pte;
	err_t err = lab_entry(t, va, frame[0], &pte);

	if (err != OK)
		return err;
	out_printf(out, "The PTE of %llx maps frame %llx, whose first byte is a0.\n  read: %02x\n", (unsigned long long)va,
	           (unsigned long long)frame[0].v, *p);
	(void)*p;
	err = lab_entry(t, va, frame[1], &pte);
	if (err != OK)
		return err;
	stale = *p;
	out_printf(out, "The PTE now maps frame %llx, whose first byte is a1. The TLB was not flushed.\n  read: %02x, %s\n",
	           (unsigned long long)frame[1].v, stale, stale == 0xA0 ? "stale: the TLB holds the old translation" :
	           "new: the TLB did not hold the old translation");
	arch_tlb_flush_page(va);
	out_printf(out, "TLB entry flushed.\n  read: %02x\n", *p);
	return OK;
}

/* The page is reserved with VMA_GUARD, so that no fault fills it. The entry is cleared and flushed
 * before the frames are freed: a stale translation must never reach a frame that has another user. */
static void lab(struct call *c)
{
	pfn_t frame[2];
	uint64_t va;
	err_t err;

	if (strcmp(c->arg[0].text, "tlb")) {
		call_fail(c, 0, "no such lab; use tlb");
		return;
	}
	err = vmalloc_reserve(PAGE_SIZE, "lab", &va);
	if (err == OK && (err = lab_frames(frame)) != OK)
		vfree((void *)(uintptr_t)va);
	if (err != OK) {
		call_fail(c, 0, "%s", err_text(err));
		return;
	}
	err = lab_steps(c->out, c->target, va, frame);
	(void)!pt_set(&kernel_aspace.space, va, PTE(0), &(struct pt_change){ NULL, NULL, "lab tlb" });
	arch_tlb_flush_page(va);
	vfree((void *)(uintptr_t)va);
	frame_put(frame[0]);
	frame_put(frame[1]);
	if (err != OK)
		call_fail(c, 0, "%s", err_text(err));
}
COMMAND(lab) = {
	.name = "lab", .schema = "w", .synopsis = "lab tlb", .run = lab,
	.what = "experiment: the CPU uses a stale TLB entry until it is flushed",
	.help = "  kd> lab tlb\n  One PTE maps two frames in turn; three reads show the TLB.\n",
};
