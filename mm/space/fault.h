/* mm/space/fault.h - page-fault handling: resolves a fault or returns the reason why not. Prints nothing and ends no process.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/fault.h"
#include "mm/space/vma.h"

/* Outcome of a fault: the part of struct vm_fault that its record keeps, copied as one block. */
#define FAULT_OUTCOME struct { \
	struct fault fault;       /* what the CPU reported */ \
	enum fault_action action; \
	enum fault_result result; \
	struct pt_slot found;     /* entry found, before any change; level PT_MAX_LEVELS: no walk */ \
	pte_t after;              /* that entry afterwards */ \
}

/* A page fault being handled: a local variable of the function that handles it. The caller fills in `fault`. */
struct vm_fault {
	FAULT_OUTCOME;
	struct aspace *as;        /* address space whose tables are changed: kernel_aspace for most kernel addresses */
	struct vma *vma;          /* NULL: no VMA covers the address */
	/* Set by the caller: other processes may run, and one may end, until the page is there. Only a fault of user mode on the
	 * loaded space: it holds nothing and has looked up nothing. */
	bool may_sleep;
};

/* A complete past fault: reports of it do not walk the current tables. */
struct fault_record {
	_Alignas(64) uint64_t sequence; /* from 1; each record begins a cache line */
	FAULT_OUTCOME;
	uint32_t aspace;          /* id of the address space whose root it is */
	paddr_t root;             /* of the tables that were walked */
	vaddr_t vma_first, vma_last; /* 0, 0: none */
	prot_t vma_prot;
	const char *vma_name;     /* "": there is no VMA */
	char trap[80];            /* not empty: the name of an exception that is no page fault */
	/* fault_fast() has left out the fields of `found` that follow from the others; fault_recent() fills them in. */
	bool brief;
};

/* For page-out: stores a PTE for `pfn`, whose record is `record`, and counts it in the address space. The caller's reference
 * passes to the PTE. FAULT_FIXED, or FAULT_CORRUPT and nothing has changed. */
enum fault_result fault_map_frame(struct vm_fault *f, struct frame *record, bool writable, enum fault_action action);

/* Resolves f->fault, fills in the rest of *f and adds a record to the ring. `as` is the loaded address space. May be called
 * with interrupts off. A fault of user mode on a page that is in a page file sleeps; any other waits without a switch to another
 * process. */
enum fault_result mm_fault(struct aspace *as, struct vm_fault *f);
/* The fast path: resolves the fault that arch_decode_fault() has stored at fault_place() if it is one of the most frequent of
 * user mode, as mm_fault() would (fault_fast.c has the list). False: nothing has changed, and mm_fault() has to be called.
 * Interrupts are off from fault_place() on. Never sleeps. */
struct fault *fault_place(void);
bool fault_fast(struct aspace *as, struct fault *at_place);
/* Finds out how the leaves of the kernel's mode are made up. Before it no VMA is one for the fast path. */
void fault_fast_init(void);
/* Sets the fields of a VMA that fault_fast() uses, after a change of its rights. */
void fault_fast_prepare(struct vma *v);
/* mm_fault() has resolved a fault in a level-0 table: the next faults probably need the same one. */
void leaf_table_keep(struct aspace *as, const struct vm_fault *f);
/* Entries that a fault of user memory fills at most, its own included: 1 to FAULT_AROUND_MAX. */
#define FAULT_AROUND_MAX 64
extern unsigned fault_around;
/* A fault has filled the level-0 entry of `va`, which is at `pa`: fills the empty entries behind it, as far as fault_around, the
 * VMA and the table reach. */
void fault_fill_around(struct aspace *as, const struct vma *v, vaddr_t va, enum access access, paddr_t pa);
/* Resolves only faults that need no page, at any IRQL: a kernel entry missing in this root, a clear A bit, a stale TLB entry. */
enum fault_result mm_fault_repair(struct aspace *as, struct vm_fault *f);
/* Adds a record of an exception that is no page fault, for reports of the last fault. Counts nothing. */
void fault_note_trap(const struct aspace *as, const char *name, uint64_t code, vaddr_t pc, bool from_user);

/* A past fault or exception: back 0 is the newest; NULL: there are fewer. */
#define FAULT_RING 64
/* The sequence number of the newest; 0: there is none. */
uint64_t fault_newest(void);
const struct fault_record *fault_recent(unsigned back);
/* Number of faults by action and by result. `fast`: those that fault_fast() resolved. `misses`: faults whose level-0 table was not
 * the one of the fault before, in their address space. `around`: pages that fault-around mapped. */
struct fault_counts { uint64_t action[ACT_COUNT], result[FAULT_RESULTS], total, fast, slow, misses, around; };
const struct fault_counts *fault_counts(void);
const char *fault_action_text(enum fault_action action);   /* "mapped the shared zero frame" */
const char *fault_result_text(enum fault_result result);   /* "no range there" */

/* Reason why a fault was not resolved, from its result, the entry found and the VMA. */
enum fault_reason {
	WHY_FIXED, WHY_NO_RANGE, WHY_RANGE, WHY_NOT_PAGED, WHY_ENTRIES, WHY_ENTRIES_ALONE, WHY_KERNEL_PART, WHY_IRQL,
	WHY_NO_MEMORY, WHY_IO_ERROR, WHY_CORRUPT, WHY_CORRUPT_ROOT, WHY_COUNT
};
enum fault_reason fault_reason(const struct fault_record *r);
const char *fault_reason_text(enum fault_reason reason);   /* "the VMA does not permit this access" */

/* The shared zero frame. ERR_NO_MEMORY. */
extern pfn_t zero_frame;
extern struct frame *zero_record;
MUST_USE err_t zero_frame_init(void);
/* NULL, or a phrase if it is no longer zero. */
const char *zero_frame_check(void);
