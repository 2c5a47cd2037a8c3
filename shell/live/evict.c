/* shell/live/evict.c - evict: moves pages one step towards the page file.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "mm/reclaim/reclaim.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

static const char *why(err_t err)
{
	switch (err) {
	case ERR_NOT_FOUND: return "no page is there";
	case ERR_EXISTS:    return "the page is only in the page file, or in its own file: no frame has it";
	case ERR_BUSY:      return "its frame is in use: a transfer is in flight, or something else than entries holds it";
	case ERR_INVALID:   return "pages of this kind stay in memory";
	case ERR_ACCESS:    return "a range that mlock() has locked maps its frame: it stays in memory";
	case ERR_NO_MEMORY: return "no page file has a free slot";
	default:            return err_text(err);
	}
}

/* A range: pages that cannot be moved are counted, not reported one by one. */
static void evict(struct call *c)
{
	struct proc *p = call_process(c, 0);
	uint64_t va = ALIGN_DOWN(c->arg[1].value, (uint64_t)PAGE_SIZE), count, moved = 0;
	err_t err = OK, last = OK;

	if (!p || !call_range(c, 1, PAGE_SIZE, 1, &count))
		return;
	for (uint64_t i = 0; i < count; i++) {
		call_pause(c);
		last = evict_page(p->as, va + i * PAGE_SIZE);
		moved += last == OK;
		err = last != OK ? last : err;
	}
	if (count == 1 && err != OK)
		call_fail(c, 1, "%s", why(err));
	else if (count > 1)
		out_printf(c->out, "%llu of %llu pages moved one step\n", (unsigned long long)moved, (unsigned long long)count);
}
COMMAND(evict) = {
	.name = "evict", .schema = "eaR", .synopsis = "evict PID VA [L COUNT]", .run = evict,
	.what = "move pages one step towards the page file",
	.help = "  kd> evict {program} 10001000 L 4\n"
	        "  Mapped: the frame becomes Modified or Standby, and its entries Transition entries. Modified: its write is\n"
	        "  started. Standby: the frame is freed, and its entries name the slot. pte VA shows each step. A page of a\n"
	        "  section or file has these entries once, as a prototype entry: its PTEs say Proto, and vtop goes on from there.\n"
	        "  Linux: madvise(MADV_PAGEOUT)\n",
};
