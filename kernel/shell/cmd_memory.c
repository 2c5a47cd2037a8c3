/* kernel/shell/cmd_memory.c - db dw dd dq dc, and !db .. !dc, which read physical memory.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/inspect/dump.h"
#include "kernel/kernel.h"
#include "kernel/shell/command.h"
#include "kernel/string.h"

#define DEFAULT_BYTES 128     /* as WinDbg */

static const struct dump_format *format_of(const char *name)
{
	const struct dump_format *f = dump_formats;

	while (strcmp(f->name, name))
		f++;
	return f;
}

/* Without an address it goes on where the last one of the same kind ended. */
static void dump(struct call *c, enum dump_space space, const struct dump_format *f)
{
	static uint64_t next[2];
	uint64_t address = c->arg[0].given ? c->arg[0].value : next[space], count;

	c->arg[0].value = address;
	if (!call_range(c, 0, f->item, DEFAULT_BYTES / f->item, &count))
		return;
	if (target_va_digits(&live_target) == 8 && space == DUMP_VIRTUAL && address > UINT32_MAX) {
		call_fail(c, 0, "virtual addresses have 32 bits here");
		return;
	}
	next[space] = address + count * f->item;
	dump_memory(c->out, &live_target, space, f, address, count);
}

static void dump_virtual(struct call *c)
{
	dump(c, DUMP_VIRTUAL, format_of(c->command->name));
}

static void dump_physical(struct call *c)
{
	dump(c, DUMP_PHYSICAL, format_of(c->command->name + 1));
}

#define HELP(name, address) \
	"  kd> " name " " address " L10\n" \
	"  Without L 128 bytes; without an address where the last one ended. What cannot be read shows as ??.\n" \
	"  WinDbg: " name "   crash: rd   QEMU: x, xp\n"

#define DUMP(id, items) \
	COMMAND(id) = { \
		.name = #id, .schema = "AR", .synopsis = #id " [VA [LAST|L COUNT]]", .flags = CMD_LOOKS | CMD_EXAMPLE, \
		.run = dump_virtual, .what = "memory at a virtual address as " items, .help = HELP(#id, "kmain"), \
	}; \
	COMMAND(id##_phys) = { \
		.name = "!" #id, .schema = "UR", .synopsis = "!" #id " [PA [LAST|L COUNT]]", .flags = CMD_LOOKS | CMD_EXAMPLE, \
		.run = dump_physical, .what = "memory at a physical address as " items, .help = HELP("!" #id, "{ram}"), \
	}

DUMP(db, "bytes");
DUMP(dw, "words");
DUMP(dd, "double words");
DUMP(dq, "quad words");
DUMP(dc, "double words and characters");
