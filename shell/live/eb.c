/* shell/live/eb.c - eb, ew, ed, eq and !eb to !eq: store values to virtual or physical memory.
 * SPDX-License-Identifier: MIT
 *
 * As a debugger does, the commands write through physical memory: a page that the kernel maps
 * read-only (its text) is changed all the same, and A and D bits stay as they are. Only a page that is
 * not in memory, or is the shared zero frame, gets a frame first (store_virt.c).
 * Values are stored little-endian, all or none. Nothing is flushed from the TLB, so a change of an
 * entry in the self-map takes effect late: setpte flushes.
 * WinDbg: the same names; Linux crash: wr.
 */
#include "shell/live/store_virt.h"
#include "shell/look/values.h"
#include "lib/string.h"

/* For all eight names. The letter after e selects the width: b 1, w 2, d 4, q 8 bytes. A leading !
 * makes the address physical. A virtual address is translated as for d*: by the root and the decode
 * mode of the target. */
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
	if (!physical) {
		(void)call_store(c, at, bytes, n);
		return;
	}
	err = c->target->write_phys(c->target->ctx, PADDR(at), bytes, n);
	if (err != OK)
		call_fail(c, 0, "cannot write there: %s", err_text(err));
}

/* The rows of one width: virtual and physical. The virtual address is schema `a`, cut to the
 * target's width; the physical one is `u`, since it can have more bits than a virtual one. */
#define ENTER(id, items) \
	COMMAND(id) = { \
		.name = #id, .schema = "a*", .synopsis = #id " VA VALUE...", .run = enter, \
		.what = "write " items " to virtual memory", \
		.help = "  kd> " #id " {scratch} 12 34\n" \
		        "  All or nothing; read-only pages are written, too. Addresses are translated as for d*: after .process\n" \
		        "  /p user addresses are those of that process. A page that is not in memory is brought in, and the\n" \
		        "  shared zero frame is replaced first; all mappings of a frame show the change. An entry changed in\n" \
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
