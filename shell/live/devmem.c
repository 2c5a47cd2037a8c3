/* shell/live/devmem.c - devmem: one access to physical memory or a device's register, of exactly the given width.
 * SPDX-License-Identifier: MIT
 *
 * RAM is accessed through the direct map or a kmap slot, everything else through an uncached kmap
 * slot. The width counts: a register of a device can change its state on each access, and many
 * accept only one width. Up to the width of the CPU's registers, the access is a single instruction.
 * Linux: devmem2 and /dev/mem. WinDbg: !dd [uc] and !ed.
 */
#include "kernel/oops.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "shell/command.h"

/* Linux's CONFIG_STRICT_DEVMEM permits devices, and of RAM only the first MiB (BIOS data, video
 * memory). This is the initial setting here, too. */
#define STRICT_END (1u << 20)
/* Set by `devmem open`: all RAM, page tables and kernel text included. It stays until `devmem
 * strict`. */
static bool open_to_all;

/* An access: pa is a multiple of size, which is 1, 2, 4 or 8 bytes. `at` is where the page is mapped
 * for the moment. */
struct physical_access {
	paddr_t pa;
	unsigned size;
	bool write;
	uint64_t value;
	volatile void *at;
};

/* RAM has a frame record; a hole between two runs of RAM has one as well, in state FRAME_BAD. */
static bool is_ram(paddr_t pa)
{
	const struct frame *f = frame_at(pfn_of(pa));

	return f && f->state != FRAME_BAD;
}

/* One instruction of that width each: a register of a device counts accesses. A macro, because a
 * table cannot hold types. `ctx` is a struct physical_access: guarded() calls this. */
static void access(void *ctx)
{
	struct physical_access *a = ctx;

#define ACCESS(bits) \
	if (a->size == (bits) / 8 && a->write) \
		*(volatile uint##bits##_t *)a->at = (uint##bits##_t)a->value; \
	else if (a->size == (bits) / 8) \
		a->value = *(volatile uint##bits##_t *)a->at;
	ACCESS(8)
	ACCESS(16)
	ACCESS(32)
	ACCESS(64)
#undef ACCESS
}

/* pa must be RAM and a multiple of the size, so that the access does not leave the page. */
static err_t access_ram(struct physical_access *a)
{
	char *page = kmap(pfn_of(a->pa));

	a->at = page + (a->pa.v & PAGE_MASK);
	access(a);
	if (a->write)
		frame_written(pfn_of(a->pa));
	kunmap(page);
	return OK;
}

/* ERR_RANGE: no entry of the paging format can hold the address. ERR_IO: the bus reported an error.
 * On the CPUs that trap it, it is an oops, printed before the error. */
static err_t access_device(struct physical_access *a)
{
	char *page = kmap_device(pfn_of(a->pa), CACHE_UC);
	bool answered;

	if (!page)
		return ERR_RANGE;
	a->at = page + (a->pa.v & PAGE_MASK);
	answered = guarded(access, a);
	kunmap(page);
	return answered ? OK : ERR_IO;
}

/* True: the arguments were strict, open or none, and the command is done. False: they begin with an
 * address. */
static bool set_policy(struct call *c)
{
	const char *w = c->rest, *word;
	size_t at;

	if (*w && !str_starts(w, "strict") && !str_starts(w, "open"))
		return false;
	if (call_next_word(c, &word, &at)) {
		if (strcmp(word, "strict") && strcmp(word, "open")) {
			call_fail_at(c, w, "expected strict or open");
			return true;
		}
		if (!call_end(c) || !call_may_change(c))
			return true;
		open_to_all = *word == 'o';
	}
	out_printf(c->out, "devmem is %s\n", open_to_all ? "open: all of physical memory" :
	           "strict: devices, and the first MiB of RAM");
	return true;
}

/* r or w, then the size. False: an error was printed. */
static bool parse_how(struct call *c, struct physical_access *a)
{
	const char *word, *where;
	uint64_t size;
	size_t at = 0;

	if (!call_next_word(c, &word, &at) || (strcmp(word, "r") && strcmp(word, "w"))) {
		call_fail(c, COMMAND_ARGS, "expected r or w after the address");
		return false;
	}
	a->write = *word == 'w';
	where = c->rest;
	if (!call_next_number(c, &size)) {
		if (!c->failed)
			call_fail(c, COMMAND_ARGS, "expected a size: 1, 2, 4 or 8 bytes");
		return false;
	}
	a->size = (unsigned)size;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		call_fail_at(c, where, "invalid size: use 1, 2, 4 or 8 bytes");
	return !c->failed;
}

/* The whole line: PA, r or w, the size, for w the value. The policy is applied here, so that an
 * access that is not allowed is an error with a caret at the address. False: an error was printed. */
static bool parse(struct call *c, struct physical_access *a)
{
	const char *where = c->rest;

	if (!call_next_number(c, &a->pa.v) || !parse_how(c, a))
		return false;
	if (a->write && !call_next_number(c, &a->value)) {
		if (!c->failed)
			call_fail(c, COMMAND_ARGS, "expected the value to write");
		return false;
	}
	if (!call_end(c))
		return false;
	if (a->pa.v & (a->size - 1))
		call_fail_at(c, where, "not a multiple of the size");
	else if (!open_to_all && is_ram(a->pa) && a->pa.v >= STRICT_END)
		call_fail_at(c, where, "RAM above the first MiB; `devmem open` allows it");
	return !c->failed;
}

/* Reading is allowed after a bugcheck, writing is not. Prints the address and the value with all
 * digits of the width. */
static void devmem(struct call *c)
{
	const char *where = c->rest;
	struct physical_access a = { .size = 0 };
	err_t err;

	if (set_policy(c) || !parse(c, &a))
		return;
	if (a.write && !call_may_change(c))
		return;
	err = (is_ram(a.pa) ? access_ram : access_device)(&a);
	if (err != OK)
		call_fail_at(c, where, "%s", err_text(err));
	else
		out_printf(c->out, "%08llx: %0*llx%s\n", (unsigned long long)a.pa.v, (int)a.size * 2,
		           (unsigned long long)a.value, a.write ? " written" : "");
}
COMMAND(devmem) = {
	.name = "devmem", .schema = "*", .synopsis = "devmem PA r|w SIZE [VALUE] | devmem [strict|open]", .flags = CMD_READ_ONLY,
	.run = devmem,
	.what = "read or write physical memory or a device's register, 1, 2, 4 or 8 bytes at once",
	.help = "  kd> devmem {device} r 4; devmem open; devmem {scratch pa} w 4 8055\n"
	        "  strict (the initial setting) allows devices and the first MiB of RAM, as most builds of Linux's /dev/mem\n"
	        "  do. open allows all of physical memory and so bypasses every protection: code and page tables are memory,\n"
	        "  too.\n"
	        "  WinDbg: !dd, !ed   Linux: devmem2, /dev/mem\n",
};
