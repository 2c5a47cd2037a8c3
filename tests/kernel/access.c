/* tests/kernel/access.c - one page whose entries can be made anything, and accesses to it from both modes.
 * SPDX-License-Identifier: MIT
 *
 * User mode is entered at a few instructions on a page of their own. Every trap that comes back is taken by a hook in place of
 * the kernel's own, which notes it and throws back to where user mode was entered from.
 */
#include "tests/kernel/access.h"
#include "arch/context.h"
#include "arch/cpu.h"
#include "kernel/kernel.h"
#include "kernel/proc.h"
#include "kernel/string.h"
#include "mm/direct.h"
#include "mm/heap.h"
#include "mm/kmap.h"
#include "mm/vmalloc.h"

#define TARGET 0x40000000u
#define CODE_STEP 16           /* bytes for each kind of access */
#define USER_EXECUTE 16        /* in the target page: a trap for user mode, */
#define DATA 32                /* a byte to read and write; at 0 a return for the kernel's call */

/* The argument of arch_user_enter() is the address. Every piece ends in an undefined instruction. */
struct code {
	const char *format;        /* pt_format.name: the instruction set follows from it */
	uint8_t read[8], write[8], execute[4];
	uint8_t undefined[4], back[4];
};
#define ARM_BYTES(word) (word) & 0xFF, (word) >> 8 & 0xFF, (word) >> 16 & 0xFF, (word) >> 24 & 0xFF
#define ARM_UDF ARM_BYTES(0xE7F000F0)
#define ARM_CODE { ARM_BYTES(0xE5D00000), ARM_UDF }, { ARM_BYTES(0xE5C00000), ARM_UDF }, { ARM_BYTES(0xE12FFF10) }, \
	{ ARM_UDF }, { ARM_BYTES(0xE12FFF1E) }     /* ldrb r0, [r0]; strb r0, [r0]; bx r0; bx lr */
static const struct code codes[] = {
	{ "legacy", { 0x8a, 0x00, 0x0f, 0x0b }, { 0x88, 0x00, 0x0f, 0x0b }, { 0xff, 0xe0 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ "pae", { 0x8a, 0x00, 0x0f, 0x0b }, { 0x88, 0x00, 0x0f, 0x0b }, { 0xff, 0xe0 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ "x64", { 0x8a, 0x07, 0x0f, 0x0b }, { 0x88, 0x07, 0x0f, 0x0b }, { 0xff, 0xe7 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ "la57", { 0x8a, 0x07, 0x0f, 0x0b }, { 0x88, 0x07, 0x0f, 0x0b }, { 0xff, 0xe7 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ "short", ARM_CODE },
	{ "lpae", ARM_CODE },
};

static const struct code *code_of(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(codes); i++)
		if (!strcmp(codes[i].format, arch_pt_mode()->format->name))
			return &codes[i];
	return NULL;
}

bool access_code_exists(void)
{
	return code_of() != NULL;
}

/* ---- making it ---- */

/* Under another entry of the root, so that no bit on the way to the page that is tried is on the way to the code. */
static uint64_t code_va(void)
{
	const struct pt_mode *m = arch_pt_mode();

	return TARGET + pt_level_size(m->format, m->levels - 1u);
}

static bool fill_frames(const struct access_world *w)
{
	const struct code *c = code_of();
	paddr_t at = pfn_base(w->code), target = pfn_base(w->frame);
	bool done = phys_write(paddr_add(at, CODE_STEP * ACCESS_READ), c->read, sizeof(c->read)) == OK &&
	            phys_write(paddr_add(at, CODE_STEP * ACCESS_WRITE), c->write, sizeof(c->write)) == OK &&
	            phys_write(paddr_add(at, CODE_STEP * ACCESS_EXECUTE), c->execute, sizeof(c->execute)) == OK &&
	            phys_write(target, c->back, sizeof(c->back)) == OK &&
	            phys_write(paddr_add(target, USER_EXECUTE), c->undefined, sizeof(c->undefined)) == OK;

	kmap_sync_code(w->code);
	kmap_sync_code(w->frame);
	return done;
}

static err_t map_both(const struct access_world *w)
{
	prot_t prot = PROT_R | PROT_W | PROT_X | PROT_U | PROT_ACCESSED | PROT_DIRTY;
	struct pt_change change = { .why = "test access" };
	err_t err = pt_map(&w->as->space, TARGET, pfn_base(w->frame), PAGE_SIZE, prot, 0, &change);

	return err == OK ? pt_map(&w->as->space, code_va(), pfn_base(w->code), PAGE_SIZE, prot & ~(prot_t)PROT_W, 0, &change)
	                 : err;
}

/* Where the entries of the page are, and that they allow all; A is set, so that only what a case clears is set by the CPU. */
static void note_entries(struct access_world *w)
{
	struct pt_walk walk;

	pt_walk(&w->as->space, TARGET, &walk);
	w->levels = w->as->space.mode->levels;
	for (unsigned i = 0; i < walk.n; i++) {
		w->place[walk.step[i].level] = walk.step[i].entry_pa;
		w->good[walk.step[i].level] = walk.step[i].entry;
	}
	w->table = w->good[1];
}

const char *access_create(struct access_world **out)
{
	struct access_world *w = kzalloc(sizeof(*w));
	err_t err;

	if (!w)
		return "no memory";
	w->before = current_aspace;
	w->stack = kstack_alloc();
	err = aspace_create("access", &w->as);
	if (err == OK)
		err = frame_alloc(FRAME_LOW | FRAME_ZERO, FRAME_KERNEL, &w->frame);
	if (err == OK)
		err = frame_alloc(FRAME_LOW | FRAME_ZERO, FRAME_KERNEL, &w->code);
	if (err == OK)
		err = map_both(w);
	if (err != OK || !w->stack || !fill_frames(w))
		return "no memory";     /* the test has failed anyway: nothing is given back */
	note_entries(w);
	aspace_load(w->as);
	*out = w;
	return NULL;
}

static void put_entry(const struct access_world *w, uint64_t va)
{
	err_t err = pt_set(&w->as->space, va, PTE(0), &(struct pt_change){ .why = "test access" });

	ASSERT(err == OK);
	arch_tlb_flush_page(va);
}

void access_destroy(struct access_world *w)
{
	for (unsigned l = 0; l < w->levels; l++)
		w->entry[l] = w->good[l];
	w->entry[1] = w->table;
	access_write_entries(w);
	/* Its frames were mapped without being counted: taken out first, else it would be found and told. */
	put_entry(w, TARGET);
	put_entry(w, code_va());
	aspace_load(w->before);
	/* No range counts these pages: left in the tables they would be complained about. */
	(void)!pt_unmap(&w->as->space, TARGET, PAGE_SIZE, NULL);
	(void)!pt_unmap(&w->as->space, code_va(), PAGE_SIZE, NULL);
	aspace_destroy(w->as);
	kstack_free(w->stack);
	frame_put(w->frame);
	frame_put(w->code);
	kfree(w);
}

void access_choose_leaf(struct access_world *w, unsigned level)
{
	const struct pt_mode *m = w->as->space.mode;
	uint64_t size = pt_level_size(m->format, 1);
	paddr_t base = PADDR(ALIGN_DOWN(pfn_base(w->frame).v, size));
	err_t err = OK;

	w->leaf = level;
	w->good[1] = w->table;
	w->offset = 0;
	if (level == 1) {
		/* The large page around the frame: only the frame's part of it is touched. */
		err = m->format->make_leaf(m, 1, base, PROT_R | PROT_W | PROT_X | PROT_U | PROT_ACCESSED | PROT_DIRTY, &w->good[1]);
		w->offset = pfn_base(w->frame).v - base.v;
	}
	ASSERT(err == OK);
	for (unsigned l = 0; l < w->levels; l++)
		w->entry[l] = w->good[l];
}

/* ---- entries ---- */

pte_t access_read_entry(const struct access_world *w, unsigned level)
{
	pte_t pte;
	err_t err = w->as->space.env->read(w->as->space.env->ctx, w->place[level], w->as->space.mode->format->entry_bytes, &pte);

	ASSERT(err == OK);
	return pte;
}

void access_write_entries(const struct access_world *w)
{
	for (unsigned l = 0; l < w->levels; l++) {
		pte_t now = access_read_entry(w, l);

		if (now.v != w->entry[l].v)
			arch_entry_store(phys_to_virt(w->place[l]), w->as->space.mode->format->entry_bytes, now.v, w->entry[l].v);
	}
	/* A large page in the TLB is forgotten by any address in it; a table's change needs its page only. */
	arch_tlb_flush_page(TARGET);
	if (w->offset)
		arch_tlb_flush_page(TARGET + w->offset);
}

/* ---- accesses ---- */

static struct arch_jump back;
static struct access_result *seen;
static struct proc *owner;
static bool (*others)(struct trap_frame *f, const struct fault *fault, enum fault_result result);

/* In place of the kernel's own: any trap from user mode ends the case, unless it is another process's, which the timer may
 * have let run. */
static bool hook(struct trap_frame *f, const struct fault *fault, enum fault_result result)
{
	if (current_proc != owner)
		return others(f, fault, result);
	if (fault)
		*seen = (struct access_result){ true, (uint32_t)fault->code };
	arch_throw(&back);
}

uint64_t access_address(const struct access_world *w, struct access_case c)
{
	uint64_t in_page = c.access != ACCESS_EXECUTE ? DATA : c.user ? USER_EXECUTE : 0;

	return TARGET + w->offset + in_page;
}

/* The scheduler, should it come back to this process, loads the root and the stack that the process says it has. */
static void borrow(struct access_world *w, bool begin)
{
	static struct aspace *as;
	static void *stack;

	if (begin) {
		owner = current_proc;
		others = user_trap;
		as = owner->as;
		stack = owner->kstack;
	}
	user_trap = begin ? hook : others;
	owner->as = begin ? w->as : as;
	owner->kstack = begin ? w->stack : stack;
	if (owner->kstack)
		arch_set_kernel_stack(owner->kstack);
}

static void as_user(struct access_world *w, struct access_case c)
{
	uint64_t va = access_address(w, c);

	borrow(w, true);
	if (!arch_catch(&back)) {
		arch_irq_save();
		arch_user_enter(code_va() + CODE_STEP * c.access, code_va() + PAGE_SIZE - CODE_STEP, va);
	}
	borrow(w, false);
	current_proc->user = NULL;
	arch_irqs_enable();
}

bool access_copies_as_user(void)
{
	return !(arch_pt_mode()->format->caps & PT_HW_ACCESSED);
}

/* The kernel writes to user pages only as it does for a program; where it then has the program's rights (ARM's STRT),
 * what its own allow is asked by a probe, which reads first. */
static bool as_kernel(uint64_t va, enum access access)
{
	static const unsigned char byte = 0x5A;

	if (access == ACCESS_WRITE && !access_copies_as_user())
		return arch_copy_to_user(va, &byte, 1) == 0;
	return arch_probe(va, access);
}

void access_do(struct access_world *w, struct access_case c, struct access_result *r)
{
	*r = (struct access_result){ false, 0 };
	seen = r;
	if (c.user)
		as_user(w, c);
	else if (!as_kernel(access_address(w, c), c.access))
		*r = (struct access_result){ true, (uint32_t)fault_recent(0)->fault.code };
}
