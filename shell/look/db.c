/* shell/look/db.c - db, dw, dd, dq, dc and !db to !dc: memory at a virtual or physical address.
 * SPDX-License-Identifier: MIT
 *
 * Default length: 128 bytes, as in WinDbg; without an address the dump continues where the last one
 * of the same space ended. Virtual addresses are translated as the decode mode says (see .cache). A
 * byte that cannot be read shows as ??; a physical dump ends with WinDbg's message instead. A dump
 * causes no fault: the tables are walked in software.
 * WinDbg: the same names. crash: rd. QEMU: x, xp.
 */
#include "inspect/dump.h"
#include "shell/command.h"
#include "shell/look/values.h"
#include "lib/string.h"

#define DEFAULT_BYTES 128     /* as WinDbg */

/* Without an address it continues after the last dump of the same kind. first: index of the address
 * argument; the range follows it. An address over 32 bits on a 32-bit target is an error, since it
 * would be cut. */
static void dump(struct call *c, const struct target *t, enum dump_space space, const struct dump_format *f,
                 unsigned first)
{
	static uint64_t next[2];
	uint64_t address = c->arg[first].given ? c->arg[first].value : next[space], count;

	c->arg[first].value = address;
	if (!call_range(c, first, f->item, DEFAULT_BYTES / f->item, &count))
		return;
	if (target_va_digits(t) == 8 && space == DUMP_VIRTUAL && address > UINT32_MAX) {
		call_fail(c, first, "virtual addresses have 32 bits on this machine");
		return;
	}
	next[space] = address + count * f->item;
	c->no_answer = !dump_memory(c->out, t, space, f, address, count);
}

/* The format is the command's name: d and b w d q c. */
static void dump_virtual(struct call *c)
{
	dump(c, c->target, DUMP_VIRTUAL, dump_format_named(c->command->name), 0);
}

/* The cache kinds of WinDbg's flags. The formats here have no write-combining; for a read it is as
 * good as uncached. */
static const struct { const char *flag; prot_t cache; } kinds[] = {
	{ "[c]", CACHE_WB }, { "[uc]", CACHE_UC }, { "[wc]", CACHE_UC },
};

/* Context of read_any(): the target that is replaced, and the cache kind. */
struct any_memory { const struct target *t; prot_t cache; };

/* RAM as usual; other physical memory, such as registers of devices, through a kmap slot with this
 * cache kind. */
static err_t read_any(void *ctx, paddr_t pa, void *buf, size_t n)
{
	const struct any_memory *m = ctx;
	err_t err = m->t->read_phys(m->t->ctx, pa, buf, n);

	return err == ERR_IO && m->t->read_device ? m->t->read_device(m->t->ctx, pa, m->cache, buf, n) : err;
}

/* With a flag, the target is copied with another read_phys(), so that the dump itself does not know
 * about devices. A register can change its state when it is read: only the flag allows it. */
static void dump_physical(struct call *c)
{
	struct any_memory any = { .t = c->target };
	struct target t = *c->target;
	unsigned i = 0;

	while (c->arg[0].given && i < ARRAY_LEN(kinds) && strcmp(c->arg[0].text, kinds[i].flag))
		i++;
	if (i == ARRAY_LEN(kinds)) {
		call_fail(c, 0, "expected [c], [uc] or [wc]");
		return;
	}
	if (c->arg[0].given) {
		any.cache = kinds[i].cache;
		t.ctx = &any;
		t.read_phys = read_any;
	}
	dump(c, &t, DUMP_PHYSICAL, dump_format_named(c->command->name + 1), 1);
}

/* The help text of one command. name and address are string constants. */
#define HELP(name, address, more) \
	"  kd> " name " " address " L10\n" \
	"  Default: 128 bytes, and the address after the last one shown. Unreadable bytes show as ??.\n" more \
	"  WinDbg: " name "   crash: rd   QEMU: x, xp\n"

#define IN_VIRTUAL \
	"  CompressedPageDataReader's warning: the page is in page file 2, whose bytes are compressed (pagein brings it in).\n"

#define IN_PHYSICAL \
	"  [c], [uc] or [wc] first: also reads device registers, with that cache kind, in words of 4 bytes. Reading a\n" \
	"  register can change the device's state.\n"

/* The two rows of one width. */
#define DUMP(id, items) \
	COMMAND(id) = { \
		.name = #id, .schema = "AR", .synopsis = #id " [VA [LAST|L COUNT]]", \
		.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = dump_virtual, \
		.what = "memory at a virtual address as " items, .help = HELP(#id, "kmain", IN_VIRTUAL), \
	}; \
	COMMAND(id##_phys) = { \
		.name = "!" #id, .schema = "bUR", .synopsis = "!" #id " [[c]|[uc]|[wc]] [PA [LAST|L COUNT]]", \
		.flags = CMD_READ_ONLY | CMD_TARGET | CMD_EXAMPLE, .run = dump_physical, \
		.what = "memory at a physical address as " items, .help = HELP("!" #id, "{ram}", IN_PHYSICAL), \
	}

DUMP(db, "bytes");
DUMP(dw, "words");
DUMP(dd, "doublewords");
DUMP(dq, "quadwords");
DUMP(dc, "doublewords and characters");
