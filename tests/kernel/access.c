/* tests/kernel/access.c - one page whose entries can be made anything, and accesses to it from both modes.
 * SPDX-License-Identifier: MIT
 *
 * User mode is entered at a few instructions on a page of their own. Every trap that comes back is taken by a hook in
 * place of the kernel's own, which notes it and throws back to where user mode was entered from.
 */
#include "tests/kernel/access.h"
#include "arch/context.h"
#include "arch/cpu.h"
#include "kernel/proc.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "mm/phys/direct.h"
#include "mm/phys/heap.h"
#include "mm/phys/kmap.h"
#include "mm/phys/table.h"
#include "mm/space/vmalloc.h"

#define FIRST 0x40000000u
#define LARGEST 0x40000000u   /* page of any format */
#define FAR 0x2000000u        /* further than what is not a level of its own reaches: an ARM supersection */
#define CODE_STEP 16           /* bytes for each kind of access */
#define USER_EXECUTE 16        /* in the target page: a trap for user mode, */
#define DATA 32                /* a byte to read and write; at 0 a return for the kernel's call */

/* The argument of arch_user_enter() is the address. Every piece ends in an undefined instruction. */
struct code {
	const struct isa *isa;     /* the instruction set follows from it */
	uint8_t read[8], write[8], execute[4];
	uint8_t undefined[4], back[4];
};
#define ARM_BYTES(word) (word) & 0xFF, (word) >> 8 & 0xFF, (word) >> 16 & 0xFF, (word) >> 24 & 0xFF
#define ARM_UDF ARM_BYTES(0xE7F000F0)
#define ARM_CODE { ARM_BYTES(0xE5D00000), ARM_UDF }, { ARM_BYTES(0xE5C00000), ARM_UDF }, { ARM_BYTES(0xE12FFF10) }, \
	{ ARM_UDF }, { ARM_BYTES(0xE12FFF1E) }     /* ldrb r0, [r0]; strb r0, [r0]; bx r0; bx lr */
static const struct code codes[] = {
	{ &isa_x86, { 0x8a, 0x00, 0x0f, 0x0b }, { 0x88, 0x00, 0x0f, 0x0b }, { 0xff, 0xe0 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ &isa_x86_pae, { 0x8a, 0x00, 0x0f, 0x0b }, { 0x88, 0x00, 0x0f, 0x0b }, { 0xff, 0xe0 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ &isa_x86_64, { 0x8a, 0x07, 0x0f, 0x0b }, { 0x88, 0x07, 0x0f, 0x0b }, { 0xff, 0xe7 }, { 0x0f, 0x0b }, { 0xc3 } },
	{ &isa_arm_short, ARM_CODE },
	{ &isa_arm_lpae, ARM_CODE },
};

static const struct code *code_of(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].isa == arch_pt_mode()->format->isa)
			return &codes[i];
	return NULL;
}

bool access_code_exists(void)
{
	return code_of() != NULL;
}

/* ---- making it ---- */

/* Under another entry of the root, so that no bit on the way to the page that is tried is on the way to the code. */
static uint64_t code_va(const struct access_world *w)
{
	const struct pt_mode *m = arch_pt_mode();
	uint64_t size = pt_level_size(m->format, m->levels - 1u);

	return w->target + (size > FAR ? size : FAR);
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

	kmap_flush_icache(w->code);
	kmap_flush_icache(w->frame);
	return done;
}

static err_t map_both(const struct access_world *w)
{
	prot_t prot = PROT_R | PROT_W | PROT_X | PROT_U | PROT_ACCESSED | PROT_DIRTY;
	struct pt_change change = { .why = "test access" };
	err_t err = pt_map(&w->as->space, w->target, pfn_base(w->frame), PAGE_SIZE, prot, 0, &change);

	if (err != OK)
		return err;
	return pt_map(&w->as->space, code_va(w), pfn_base(w->code), PAGE_SIZE, prot & ~(prot_t)PROT_W, 0, &change);
}

/* Where the page's entries are, and that they allow all; A is set, so that the CPU sets only what a case clears. */
static void note_entries(struct access_world *w)
{
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk walk;

	pt_walk(&w->as->space, w->target, &walk, steps, ARRAY_LEN(steps));
	w->levels = w->as->space.half[0].mode->levels;
	for (unsigned i = 0; i < walk.n; i++) {
		w->place[walk.step[i].level] = walk.step[i].entry_pa;
		w->good[walk.step[i].level] = walk.step[i].entry;
	}
	__builtin_memcpy(w->table, w->good, sizeof(w->table));
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
	/* As far into every larger page as the frame is: one address for all of them. */
	w->target = FIRST + pfn_base(w->frame).v % LARGEST;
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
	__builtin_memcpy(w->entry, w->table, sizeof(w->entry));
	access_write_entries(w);
	/* Its frames were mapped without being counted: taken out first, else it would be found and told. */
	put_entry(w, w->target);
	put_entry(w, code_va(w));
	aspace_load(w->before);
	/* No range counts these pages: left in the tables they would be complained about. */
	(void)!pt_unmap(&w->as->space, w->target, PAGE_SIZE, NULL);
	(void)!pt_unmap(&w->as->space, code_va(w), PAGE_SIZE, NULL);
	aspace_destroy(w->as);
	kstack_free(w->stack);
	frame_put(w->frame);
	frame_put(w->code);
	kfree(w);
}

bool access_choose_leaf(struct access_world *w, unsigned level)
{
	const struct pt_mode *m = w->as->space.half[0].mode;
	paddr_t base = PADDR(ALIGN_DOWN(pfn_base(w->frame).v, pt_level_size(m->format, level)));
	prot_t all = PROT_R | PROT_W | PROT_X | PROT_U | PROT_ACCESSED | PROT_DIRTY;

	w->leaf = level;
	__builtin_memcpy(w->good, w->table, sizeof(w->good));
	__builtin_memcpy(w->entry, w->table, sizeof(w->entry));
	if (level == 0)
		return true;
	if (level >= w->levels || !m->format->level[level].leaf ||
	    m->format->make_leaf(m, level, base, all, &w->good[level]) != OK)
		return false;
	w->entry[level] = w->good[level];
	return true;
}

/* ---- entries ---- */

pte_t access_read_entry(const struct access_world *w, unsigned level)
{
	pte_t pte;
	const struct pt_space *s = &w->as->space;
	err_t err = s->env->read(s->env->ctx, w->place[level], s->half[0].mode->format->entry_bytes, &pte);

	ASSERT(err == OK);
	return pte;
}

void access_write_entries(const struct access_world *w)
{
	unsigned bytes = w->as->space.half[0].mode->format->entry_bytes;

	for (unsigned l = 0; l < w->levels; l++) {
		pte_t now = access_read_entry(w, l);

		if (now.v != w->entry[l].v)
			table_store(w->place[l], bytes, now, w->entry[l], "test");
	}
	/* A large page in the TLB is forgotten by any address in it; a table's change needs its page only. */
	arch_tlb_flush_page(w->target);
}

/* ---- accesses ---- */

static struct arch_jump back;
static struct access_result *seen;
static struct proc *owner;
static bool (*others)(struct trap_frame *f, const struct fault *fault, enum fault_result result);

/* In place of the kernel's own: any trap from user mode ends the case, unless it is another process's, which the timer
 * may have let run. */
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

	return w->target + in_page;
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
		arch_user_enter(code_va(w) + CODE_STEP * c.access, code_va(w) + PAGE_SIZE - CODE_STEP, va);
	}
	borrow(w, false);
	current_proc->user = NULL;
	arch_irqs_enable();
}

bool access_copies_as_user(void)
{
	return !arch_pt_mode()->hw_accessed;
}

static bool as_kernel(uint64_t va, struct access_case c)
{
	static unsigned char byte = 0x5A;

	if (!c.open)
		return arch_probe(va, c.access, byte);
	return (c.access == ACCESS_WRITE ? arch_copy_to_user(va, &byte, 1) : arch_copy_from_user(&byte, va, 1)) == 0;
}

void access_do(struct access_world *w, struct access_case c, struct access_result *r)
{
	*r = (struct access_result){ false, 0 };
	seen = r;
	if (c.user)
		as_user(w, c);
	else if (!as_kernel(access_address(w, c), c))
		*r = (struct access_result){ true, (uint32_t)fault_recent(0)->fault.code };
}
