/* mm/reclaim/recorder.c - records the reference string of an address space: closes its pages, or samples their accessed bits.
 * SPDX-License-Identifier: MIT
 *
 * By faults, the pages that are open are those that the last instruction which faulted has needed. An instruction that needs three
 * pages starts three times or more:
 *
 *   code page closed       opened                                  code
 *   data page closed       opened, and the code page is closed     data       the CPU starts the instruction again,
 *   code page closed       opened; both are needed                 code       so it uses the code page again
 *
 * So the string has the uses of the CPU, in its order, and the instruction still ends: a page that the same instruction has needed
 * before closes no other one.
 */
#include "mm/reclaim/recorder.h"
#include "arch/mmu.h"
#include "lib/string.h"
#include "mm/phys/table.h"
#include "mm/reclaim/recorder_limit.h"
#include "mm/reclaim/replace.h"
#include "mm/space/rmap.h"

/* Two pages each for code, source and destination, and two to spare. */
#define NEEDED_MOST 8

struct page_row { unsigned count; uint32_t page[NEEDED_MOST]; };

struct recorder recorder;
uint64_t (*recorder_progress)(const struct vm_fault *f);

static struct {
	vaddr_t pc;
	uint64_t progress;
	struct page_row needed;     /* by this instruction, the last use at the end */
	struct page_row open;       /* pages that are open; a part of `needed` */
} instruction;

/* ---- rows of pages ---- */

static bool row_has(const struct page_row *r, uint32_t page)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->page[i] == page)
			return true;
	return false;
}

/* Makes the page the last one; without room, the first one is dropped. */
static void row_add(struct page_row *r, uint32_t page)
{
	unsigned at = 0;

	while (at < r->count && r->page[at] != page)
		at++;
	if (at == NEEDED_MOST)
		at = 0;
	else if (at == r->count)
		r->count++;
	memmove(&r->page[at], &r->page[at + 1], (r->count - 1 - at) * sizeof(r->page[0]));
	r->page[r->count - 1] = page;
}

/* ---- by faults ---- */

static uint64_t number_of_va(uint64_t va)
{
	return va >> PAGE_SHIFT | (uint64_t)recorder.programs << RECORDED_PROGRAM_SHIFT;
}

static void close_open_pages(void)
{
	for (unsigned i = 0; i < instruction.open.count; i++) {
		const struct recorded_page *p = &recorder.string.page[instruction.open.page[i]];

		recorder.counts.stores += page_close(recorder.as, recorded_va(p));
	}
	instruction.open.count = 0;
}

static void forget_instruction(void)
{
	instruction.needed.count = instruction.open.count = 0;
}

/* The pages that are open after this use. */
static void open_with(uint32_t page, const struct vm_fault *f)
{
	uint64_t progress = recorder_progress ? recorder_progress(f) : 0;

	if (f->fault.pc != instruction.pc || progress != instruction.progress)
		instruction.needed.count = 0;
	instruction.pc = f->fault.pc;
	instruction.progress = progress;
	if (!row_has(&instruction.needed, page))
		close_open_pages();
	row_add(&instruction.needed, page);
	row_add(&instruction.open, page);
}

static void finish(enum recorder_end end)
{
	struct aspace *as = recorder.as;

	recorder.as = NULL;
	recorder.end = end;
	if (!as)
		return;
	as->recorded = RECORDED_NO;
	if (end != RECORDER_EXITED && recorder.mode == RECORDED_FAULTS)
		(void)pages_open(as, 0, USER_END - 1);
}

/* The page is open. Until its first write it has no W. */
static void add_use(uint32_t page, struct vm_fault *f, bool was_in_memory)
{
	bool write = f->fault.access == ACCESS_WRITE;
	struct pt_slot now;

	if (!recorded_add(&recorder.string, page, write)) {
		finish(RECORDER_FULL);
		return;
	}
	if (!write)
		page_open_for_reads(recorder.as, f->fault.va);
	if (pt_lookup(&recorder.as->space, f->fault.va, 0, &now) == OK)
		f->after = now.entry;
	limit_reference(page, write, was_in_memory, recorder.string.count - 1);
}

/* False: the fault is resolved because its process has to end, and has no page. */
static bool is_mapped(uint64_t va)
{
	struct pt_slot slot;

	return pt_lookup(&recorder.as->space, va, 0, &slot) == OK && slot.kind == PT_LEAF;
}

static void note_fault(struct vm_fault *f)
{
	bool was_in_memory = f->found.kind == PT_LEAF;
	uint32_t page;

	recorder.counts.faults++;
	recorder.counts.opened += f->action == ACT_OPENED;
	if (!is_mapped(f->fault.va))
		return;
	page = recorded_page(&recorder.string, number_of_va(f->fault.va));
	if (page == RECORDED_NONE) {
		finish(RECORDER_FULL);
		return;
	}
	if (was_in_memory && row_has(&instruction.open, page)) {
		/* The first write to an open page, or a stale TLB entry. */
		if (f->fault.access == ACCESS_WRITE) {
			recorder.string.reference[recorder.string.page[page].last] |= 1;
			recorder.string.page[page].dirty = true;
		}
		return;
	}
	open_with(page, f);
	add_use(page, f, was_in_memory);
}

/* ---- by bits ---- */

/* A bit that is cleared is seen again at the next use. Where the CPU sets no dirty bit, a page counts as written if it is
 * writable. */
static bool take_bits(struct aspace *as, uint64_t va, prot_t *bits)
{
	const struct pt_mode *mode = as->space.half[0].mode;
	const struct frame *frame;
	struct pt_slot slot;
	pte_t entry;
	prot_t prot;

	if (pt_lookup(&as->space, va, 0, &slot) != OK || slot.level > 0 || slot.kind != PT_LEAF)
		return false;
	recorder.counts.tests++;
	prot = mode->format->prot(mode, 0, slot.entry);
	*bits = prot & (PROT_ACCESSED | PROT_DIRTY);
	if (!(prot & PROT_ACCESSED) ||
	    mode->format->make_leaf(mode, 0, pfn_base(slot.page), prot & ~(prot_t)(PROT_ACCESSED | PROT_DIRTY), &entry) != OK)
		return false;
	table_store(slot.entry_pa, mode->format->entry_bytes, slot.entry, entry, "record: clear accessed");
	/* With its entry in the TLB, the CPU would use the page without setting the bit. */
	if (as == current_aspace)
		arch_tlb_flush_page((vaddr_t)va);
	frame = frame_counted(slot.page);
	if (frame && !frame_is_object(frame))
		replace_keep_young(frame);
	recorder.counts.stores++;
	return true;
}

static bool clear_bits(struct aspace *as, uint64_t va)
{
	prot_t bits;

	return take_bits(as, va, &bits);
}

static bool sample_page(struct aspace *as, uint64_t va)
{
	prot_t bits;
	uint32_t page;

	if (recorder.string.cut || !take_bits(as, va, &bits))
		return false;
	page = recorded_page(&recorder.string, number_of_va(va));
	return page != RECORDED_NONE && recorded_add(&recorder.string, page, bits & PROT_DIRTY);
}

void recorder_sample(void)
{
	if (!recorder.as || recorder.mode != RECORDED_BITS)
		return;
	recorder.counts.samples++;
	(void)pages_each_leaf(recorder.as, 0, USER_END - 1, sample_page);
	if (recorder.string.cut)
		finish(RECORDER_FULL);
}

/* ---- begin and end ---- */

static void space_gone(struct aspace *as)
{
	if (as == recorder.as)
		finish(RECORDER_EXITED);
}

static const struct recording_ops recorder_ops = { .used = note_fault, .gone = space_gone };

static void attach(struct aspace *as)
{
	recorder.as = as;
	as->recorded = recorder.mode;
	leaf_table_forget(as);
	forget_instruction();
	if (recorder.mode == RECORDED_BITS) {
		recorder.counts.stores += pages_each_leaf(as, 0, USER_END - 1, clear_bits);
		return;
	}
	limit_empty(as);
	recorder.counts.stores += pages_close(as, 0, USER_END - 1);
}

err_t recorder_start(const struct recorder_request *q)
{
	err_t err;

	if (recorder.as)
		return ERR_EXISTS;
	limit_end();
	recorded_free(&recorder.string);
	recorder = (struct recorder){ .mode = q->mode, .frames = q->frames, .policy = q->policy, .end = RECORDER_STOPPED };
	err = recorded_begin(&recorder.string, q->room, q->pages_room);
	if (err == OK)
		err = limit_begin(q);
	if (err != OK) {
		recorded_free(&recorder.string);
		return err;
	}
	recording = &recorder_ops;
	recorder.end = RECORDER_RUNS;
	attach(q->as);
	return OK;
}

void recorder_stop(void)
{
	if (recorder.as)
		finish(RECORDER_STOPPED);
	limit_end();
}

void recorder_follow(struct aspace *as)
{
	recorder.as->recorded = RECORDED_NO;
	recorder.programs++;
	attach(as);
}
