/* mm/space/fault_log.c - the last faults and how many there were of each kind.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/fault_log.h"
#include "arch/mmu.h"
#include "lib/out.h"

struct fault_log fault_log;

void fault_note_trap(const struct aspace *as, const char *name, uint64_t code, vaddr_t pc, bool from_user)
{
	struct fault_record *r = fault_log_next();
	uint64_t sequence = r->sequence;

	*r = (struct fault_record){
		.sequence = sequence, .aspace = as->id, .root = as->space.half[0].root, .result = FAULT_DENIED,
		.found.level = PT_MAX_LEVELS, .vma_name = "", .fault = { .pc = pc, .code = (uint32_t)code, .from_user = from_user },
	};
	str_printf(r->trap, sizeof(r->trap), "%s", name);
}

/* The entry was found in a level-0 table. */
static void complete(struct fault_record *r)
{
	const struct pt_mode *mode = arch_pt_mode();
	struct pt_slot *found = &r->found;

	found->level = 0;
	found->kind = mode->format->kind(mode, 0, found->entry);
	if (found->kind == PT_LEAF)
		(void)mode->format->page(mode, found->entry, r->fault.va, &found->page);
	r->brief = false;
}

const struct fault_record *fault_recent(unsigned back)
{
	uint64_t added = fault_log.added;
	struct fault_record *r = &fault_log.ring[(uint32_t)(added - 1 - back) % FAULT_SLOTS];

	if (back >= added || back >= FAULT_RING)
		return NULL;
	if (r->brief)
		complete(r);
	return r;
}

bool fault_log_has_name(const char *name)
{
	for (unsigned i = 0; i < FAULT_SLOTS; i++)
		if (fault_log.ring[i].vma_name == name)
			return true;
	return false;
}

uint64_t fault_newest(void)
{
	return fault_log.added;
}

struct fault *fault_place(void)
{
	return &fault_log_slot()->fault;
}

/* A resolved fault counts as its action only, and as a record: that is all the fault path has time for. */
const struct fault_counts *fault_counts(void)
{
	struct fault_counts *n = &fault_log.counts;

	n->result[FAULT_FIXED] = 0;
	for (unsigned i = 0; i < ACT_COUNT; i++)
		n->result[FAULT_FIXED] += n->action[i];
	n->total = 0;
	for (unsigned i = 0; i < FAULT_RESULTS; i++)
		n->total += n->result[i];
	n->fast = n->total - n->slow;
	return n;
}

const char *const fault_action_words[ACT_COUNT] = {
	[ACT_NONE] = "nothing",
	[ACT_ZERO_PAGE] = "mapped the shared zero frame",
	[ACT_DEMAND_ZERO] = "mapped a zeroed frame",
	[ACT_REPLACE_ZERO] = "replaced the shared zero frame by a private zeroed frame",
	[ACT_FILE_PAGE] = "mapped a page of the file",
	[ACT_COPY] = "copied the page on write",
	[ACT_REUSE] = "made the page writable without a copy",
	[ACT_STACK_GROWTH] = "extended the stack",
	[ACT_SYNC] = "copied a kernel table entry into this root",
	[ACT_ACCESSED] = "set the accessed flag",
	[ACT_STALE_TLB] = "flushed a stale TLB entry",
	[ACT_SWAP_IN] = "read the page from the page file",
	[ACT_TRANSITION] = "took the page back from the transition list",
	[ACT_OPENED] = "opened a page that record had closed",
	[ACT_OWN_TABLE] = "permitted writes below the page table again, which no other address space shares any more",
};

const char *fault_action_text(enum fault_action action)
{
	return (unsigned)action < ACT_COUNT ? fault_action_words[action] : "?";
}

static bool range_permits(const struct fault_record *r)
{
	static const prot_t needs[] = { [ACCESS_READ] = PROT_R, [ACCESS_WRITE] = PROT_W, [ACCESS_EXECUTE] = PROT_X };

	return r->vma_last && (r->vma_prot & needs[r->fault.access]) && (!r->fault.from_user || (r->vma_prot & PROT_U));
}

static enum fault_reason why_denied(const struct fault_record *r)
{
	if (r->fault.from_user && r->fault.va >= USER_END)
		return WHY_KERNEL_PART;
	if (r->found.kind == PT_LEAF && !r->vma_last)
		return WHY_ENTRIES_ALONE;
	if (!range_permits(r))
		return WHY_RANGE;
	return r->found.kind == PT_LEAF ? WHY_ENTRIES : WHY_NOT_PAGED;
}

enum fault_reason fault_reason(const struct fault_record *r)
{
	static const enum fault_reason reasons[FAULT_RESULTS] = {
		[FAULT_FIXED] = WHY_FIXED, [FAULT_NO_VMA] = WHY_NO_RANGE, [FAULT_NO_MEMORY] = WHY_NO_MEMORY,
		[FAULT_IO_ERROR] = WHY_IO_ERROR, [FAULT_CORRUPT] = WHY_CORRUPT,
	};

	if (r->result == FAULT_DENIED)
		return why_denied(r);
	if (r->result == FAULT_CORRUPT && r->found.kind == PT_BAD && pt_checked_at_load(arch_pt_mode(), r->found.level))
		return WHY_CORRUPT_ROOT;
	/* mm_fault_repair() fills no entry, even if the VMA permits it. */
	if (r->result == FAULT_NO_VMA && r->vma_last)
		return range_permits(r) ? WHY_IRQL : WHY_RANGE;
	return reasons[r->result];
}

const char *fault_reason_text(enum fault_reason reason)
{
	static const char *const text[WHY_COUNT] = {
		[WHY_FIXED] = "resolved",
		[WHY_NO_RANGE] = "no VMA covers this address",
		[WHY_RANGE] = "the VMA does not permit this access",
		[WHY_NOT_PAGED] = "the VMA permits this access, but it is not demand-paged and the entry is empty",
		[WHY_ENTRIES] = "the VMA permits this access, the entries do not",
		[WHY_ENTRIES_ALONE] = "the entries do not permit this access, and no VMA covers the address",
		[WHY_KERNEL_PART] = "user mode must not access the kernel half",
		[WHY_IRQL] = "the VMA permits this access, but at this IRQL no fault can wait for a page",
		[WHY_NO_MEMORY] = "out of memory",
		[WHY_IO_ERROR] = "the backing object could not supply the page",
		[WHY_CORRUPT] = "corrupt PTE: reserved bit set or unknown software format",
		[WHY_CORRUPT_ROOT] = "corrupt top-level entry, which the CPU checks when it loads the root, not in a walk",
	};

	return text[reason];
}

const char *fault_result_text(enum fault_result result)
{
	static const char *const text[FAULT_RESULTS] = {
		[FAULT_FIXED] = "resolved",
		[FAULT_NO_VMA] = "no VMA covers this address",
		[FAULT_DENIED] = "access not permitted",
		[FAULT_NO_MEMORY] = "out of memory",
		[FAULT_IO_ERROR] = "the backing object could not supply the page",
		[FAULT_CORRUPT] = "corrupt PTE: reserved bit set or unknown software format",
	};

	return (unsigned)result < FAULT_RESULTS ? text[result] : "?";
}
