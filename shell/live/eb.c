/* shell/live/eb.c - eb ew ed eq, !eb to !eq: values stored to memory.
 * SPDX-License-Identifier: MIT
 *
 * Like a debugger's, these writes go to physical memory: what is read-only for the kernel can be changed.
 */
#include "shell/command.h"
#include "shell/look/values.h"
#include "lib/string.h"

static void enter(struct call *c)
{
	static const char sizes[] = "bwdq";
	const char *name = c->command->name;
	bool physical = *name == '!';
	unsigned char bytes[MOST_VALUES * 8];
	unsigned item = 1u << (strchr(sizes, name[physical + 1]) - sizes);
	size_t n = call_values(c, item, bytes);
	uint64_t at = c->arg[0].value;
	err_t err;

	if (n == 0)
		return;
	err = physical ? c->target->write_phys(c->target->ctx, PADDR(at), bytes, n)
	               : target_write_virt(c->target, at, bytes, n);
	if (err != OK)
		call_fail(c, 0, "cannot write there: %s", err_text(err));
}

#define ENTER(id, items) \
	COMMAND(id) = { \
		.name = #id, .schema = "a*", .synopsis = #id " VA VALUE...", .run = enter, \
		.what = "write " items " to virtual memory", \
		.help = "  kd> " #id " {scratch} 12 34\n" \
		        "  All or nothing; read-only pages are written, too. Addresses are translated as for d*: after .process\n" \
		        "  /p user addresses are those of that process. All mappings show the change. An entry changed in\n" \
		        "  the self-map is not flushed from the TLB; setpte flushes it.\n" \
		        "  WinDbg: " #id "   crash: wr\n", \
	}; \
	COMMAND(id##_phys) = { \
		.name = "!" #id, .schema = "u*", .synopsis = "!" #id " PA VALUE...", .run = enter, \
		.what = "write " items " to physical memory", \
		.help = "  kd> !" #id " {scratch pa} 12 34\n  Only RAM can be written.\n  WinDbg: !" #id "\n", \
	}

ENTER(eb, "bytes");
ENTER(ew, "words");
ENTER(ed, "doublewords");
ENTER(eq, "quadwords");
