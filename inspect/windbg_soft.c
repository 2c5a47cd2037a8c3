/* inspect/windbg_soft.c - prints a software entry in WinDbg's words.
 * SPDX-License-Identifier: MIT
 *
 * The formats decode the bits; this file contains the words (docs/formats.md, section 3).
 */
#include "inspect/windbg.h"
#include "paging/soft.h"

/* Protection numbers: five bits, of which the low three are an access and the high two modify it. */
static const char *const accesses[] = {
	"NoAccess", "ReadOnly", "Execute", "ExecuteRead",
	"ReadWrite", "WriteCopy", "ExecuteReadWrite", "ExecuteWriteCopy",
};
static const char *const modifiers[] = { "", " NoCache", " Guard", " WriteCombine" };

void windbg_protect(struct out *out, unsigned protect)
{
	unsigned access = protect & 7, modifier = protect >> 3 & 3;

	out_printf(out, "%x", protect);
	/* Without an access right, the high bits have another meaning. */
	if (access == 0 && modifier != 0)
		out_puts(out, modifier == 2 ? " - Decommit" : " - NoAccess");
	else if (access != 0)
		out_printf(out, " - %s%s", accesses[access], modifiers[modifier]);
}

/* Indentation of the later lines, and of the first. */
struct frame {
	const char *between;
	unsigned column;
	bool begun;
};

static void begin_line(struct out *out, struct frame *f)
{
	if (f->begun)
		out_puts(out, f->between);
	out_pad_to(out, f->column);
	f->begun = true;
}

static void put_proto(struct out *out, const struct target *t, const struct pt_soft *soft)
{
	const char *base = t->mode->format->soft->proto_base;

	if (soft->vad)
		out_puts(out, "VAD");
	else if (base)
		out_printf(out, "%s+%llX", base, (unsigned long long)soft->proto);
	else
		out_printf(out, "%0*llX", (int)target_va_digits(t), (unsigned long long)soft->proto);
}

static void put_place(struct out *out, const struct target *t, const struct pt_soft *soft, struct frame *f)
{
	begin_line(out, f);
	switch (soft->kind) {
	case SOFT_PAGEFILE:
		out_printf(out, "PageFile: %x", soft->file);
		begin_line(out, f);
		out_printf(out, "Offset: %llx", (unsigned long long)soft->offset);
		break;
	case SOFT_TRANSITION:
		out_printf(out, "Transition: %llx", (unsigned long long)soft->pfn.v);
		break;
	case SOFT_PROTOTYPE:
		out_puts(out, "Proto: ");
		put_proto(out, t, soft);
		break;
	case SOFT_DEMAND_ZERO:
	case SOFT_ZERO:
		out_puts(out, "DemandZero");
		break;
	}
}

/* A format without a protection field for a kind of entry gets no such line. */
static void put_soft(struct out *out, const struct target *t, pte_t pte, struct frame *f)
{
	struct pt_soft soft;

	pt_soft_decode(t->mode, pte, &soft);
	if (soft.kind == SOFT_ZERO)
		return;
	put_place(out, t, &soft, f);
	if (!pt_soft_has(t->mode->format, pt_soft_in(&soft), SOFT_PROTECT))
		return;
	begin_line(out, f);
	out_puts(out, "Protect: ");
	windbg_protect(out, soft.protect);
}

void windbg_soft(struct out *out, const struct target *t, pte_t pte, unsigned column)
{
	struct frame f = { .between = "\n", .column = column };

	put_soft(out, t, pte, &f);
	if (f.begun)
		out_char(out, '\n');
}

void windbg_soft_inline(struct out *out, const struct target *t, pte_t pte)
{
	struct frame f = { .between = ", " };

	put_soft(out, t, pte, &f);
}

bool windbg_compressed(struct out *out, const struct target *t, uint64_t va)
{
	struct pt_space space = target_space_at(t, va);
	struct pt_walk walk;
	struct pt_soft soft;

	pt_walk(&space, va, &walk, NULL, 0);
	if (walk.outcome != PT_SOFT)
		return false;
	pt_soft_decode(pt_tree_at(&space, va)->mode, walk.last.entry, &soft);
	if (soft.kind != SOFT_PAGEFILE || soft.file != SOFT_FILE_COMPRESSED)
		return false;
	/* _SM_PAGE_KEY is a structure of the store of Windows. */
	out_puts(out, "CompressedPageDataReader warning: failed to get _SM_PAGE_KEY symbol.\n");
	return true;
}
