/* kernel/live.c - the running machine as a target, the default of commands and of an oops.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/live.h"
#include "arch/context.h"
#include "arch/mmu.h"
#include "kernel/live_system.h"
#include "kernel/oops.h"
#include "kernel/symbols.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/phys/kmap.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"

/* Through the direct map, or a kmap slot where it does not reach. ERR_IO: the address is not RAM. */
static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	(void)ctx;
	return phys_read(pa, buf, n);
}

static err_t write_phys(void *ctx, paddr_t pa, const void *buf, size_t n)
{
	(void)ctx;
	return phys_write(pa, buf, n);
}

/* Reads 4 bytes if address and length permit it, else 1 byte: most device registers must be read
 * in aligned words. False: the bus reported an error; `to` is unchanged. n > 0. */
static bool read_word(const char *at, void *to, size_t n, size_t *done)
{
	unsigned bytes = ((uintptr_t)at | n) & 3 ? 1 : 4;
	uint64_t value;

	if (!arch_read_device(at, bytes, &value))
		return false;
	memcpy(to, &value, bytes);
	*done += bytes;
	return true;
}

/* Reads device registers page by page through a kmap slot with the cache attributes `cache`, which
 * must be those of other mappings of the same address. A bus error ends it, through the fix-up of
 * arch_read_device(). */
static err_t read_device(void *ctx, paddr_t pa, prot_t cache, void *buf, size_t n)
{
	size_t done = 0;
	bool answered = true;

	(void)ctx;
	while (done < n && answered) {
		paddr_t at = paddr_add(pa, done);
		size_t offset = (size_t)(at.v & PAGE_MASK), end = done + PAGE_SIZE - offset;
		char *page = kmap_device(pfn_of(at), cache);

		if (!page)
			return ERR_IO;
		while (done < n && done < end && answered) {
			const char *from = page + ((pa.v + done) & PAGE_MASK);

			answered = read_word(from, (char *)buf + done, (n < end ? n : end) - done, &done);
		}
		kunmap(page);
	}
	return answered ? OK : ERR_IO;
}

/* Reads with the CPU's own translation, from one page. The walk comes first, so that inspection
 * causes no fault. A user page is read by arch_copy_from_user() only, which permits user access
 * meanwhile (SMAP and its equivalents); a user page at a kernel address, or the reverse, is
 * refused. */
static err_t read_cpu(void *ctx, uint64_t va, void *buf, size_t n)
{
	bool user = va < USER_END;
	struct pt_walk w;

	(void)ctx;
	pt_walk(&current_aspace->space, va, &w, NULL, 0);
	if (w.outcome != PT_LEAF || !(w.prot & PROT_R) || !!(w.prot & PROT_U) != user)
		return ERR_NOT_FOUND;
	if (user)
		return arch_copy_from_user(buf, va, (unsigned long)n) ? ERR_NOT_FOUND : OK;
	memcpy(buf, (const void *)(uintptr_t)va, n);
	return OK;
}

/* Control registers are read now; all others come from the last trap that was not resolved.
 * ERR_NOT_FOUND: no such register on this CPU, or no trap so far. A name can have several rows of
 * different width: the first that exists counts. */
static err_t reg(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	for (const struct arch_reg *r = arch_regs; r->name; r++) {
		/* A name may have a row for each width that it can have. */
		if (strcmp(name, r->name) || (r->exists && !r->exists()))
			continue;
		if (!r->control && !last_trap())
			return ERR_NOT_FOUND;
		*value = r->get(r->control ? NULL : last_trap(), r);
		return OK;
	}
	return ERR_NOT_FOUND;
}

static err_t symbol(void *ctx, const char *name, unsigned i, uint64_t *value)
{
	(void)ctx;
	return symbol_value(name, i, value);
}

static const char *numbered(void *ctx, unsigned i, uint64_t *value)
{
	(void)ctx;
	return symbol_name(i, value);
}

static err_t name_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	(void)ctx;
	return symbol_at(va, name, offset);
}

static err_t size_at(void *ctx, uint64_t va, uint64_t *size)
{
	(void)ctx;
	return symbol_size(va, size);
}

/* .process and .cache. */
static void look(void *ctx, paddr_t root, enum decode decode)
{
	(void)ctx;
	live_target.root = root;
	live_target.decode = decode;
}

struct target live_target = {
	.name = "the live machine", .system = &live_system, .env = &mm_env,
	/* VA = direct_base + PA for every physical address. On ARM, RAM begins above 0, so
	 * direct_base is below the direct map; no table lies at those lower addresses. */
	.direct_base = DIRECT_MAP_BASE - DIRECT_MAP_PHYS, .direct_size = (uint64_t)DIRECT_MAP_PHYS + DIRECT_MAP_SIZE,
	.read_phys = read_phys, .read_device = read_device, .read_cpu = read_cpu,
	.write_phys = write_phys, .reg = reg, .look = look,
	.symbol = symbol, .symbol_at = name_at,
	.symbol_number = numbered, .symbol_size = size_at,
};

void live_init(void)
{
	live_target.mode = arch_pt_mode();
	/* The boot root becomes the root of kernel_aspace. New vmalloc tables are linked there
	 * first and copied to other roots by a fault, so inspection reads them through lazy_root. */
	live_target.root = live_target.hw_root = live_target.lazy_root = arch_mmu_root();
	live_target.regions = arch_regions();
	live_target.selfmap_base = arch_selfmap_base();
	live_target.lazy_first = VMALLOC_START;
	live_target.lazy_last = (uint64_t)VMALLOC_END - 1;
}

/* Returns a copy with the loaded root, independent of .process and .cache: reports of a fault must
 * not depend on what the shell inspects. */
struct target live_current(void)
{
	struct target t = live_target;

	t.root = t.hw_root = current_aspace->space.half[0].root;
	t.decode = DECODE_NONE;
	return t;
}

void live_look_at_current(void)
{
	live_target = live_current();
}

err_t live_read(uint64_t va, void *buf, size_t n)
{
	return target_read_virt(&live_target, va, buf, n);
}

void live_loaded(paddr_t root)
{
	live_target.root = live_target.hw_root = root;
}

unsigned live_va_digits(void)
{
	return target_va_digits(&live_target);
}

/* Without this, a command after the exit of the inspected process would walk freed tables. A root
 * that the CPU still uses stays. */
void live_root_gone(paddr_t root, paddr_t next)
{
	if (live_target.root.v == root.v && live_target.hw_root.v != root.v)
		live_target.root = next.v ? next : live_target.hw_root;
}
