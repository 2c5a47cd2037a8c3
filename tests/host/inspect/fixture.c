/* tests/host/inspect/fixture.c - the fake target's memory and callbacks.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/inspect/fixture.h"

_Noreturn void assert_failed(const char *condition, const char *file, int line);

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static struct fake_page *find(struct fake *f, uint64_t pa, bool make)
{
	struct fake_page *p;

	for (p = f->pages; p; p = p->next)
		if (p->pa == (pa & ~4095ull))
			return p;
	if (!make)
		return NULL;
	p = calloc(1, sizeof(*p));
	p->pa = pa & ~4095ull;
	p->next = f->pages;
	f->pages = p;
	return p;
}

void fake_put(struct fake *f, uint64_t pa, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		find(f, pa + i, true)->bytes[(pa + i) & 4095] = (unsigned char)(value >> 8 * i);
}

uint64_t fake_get(struct fake *f, uint64_t pa, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)find(f, pa + i, true)->bytes[(pa + i) & 4095] << 8 * i;
	return value;
}

static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	struct fake *f = ctx;

	f->memory_reads++;
	for (size_t i = 0; i < n; i++)
		if (!find(f, pa.v + i, false))
			return ERR_IO;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)buf)[i] = find(f, pa.v + i, false)->bytes[(pa.v + i) & 4095];
	return OK;
}

static err_t write_phys(void *ctx, paddr_t pa, const void *buf, size_t n)
{
	struct fake *f = ctx;

	for (size_t i = 0; i < n; i++)
		if (!find(f, pa.v + i, false))
			return ERR_IO;
	for (size_t i = 0; i < n; i++)
		find(f, pa.v + i, false)->bytes[(pa.v + i) & 4095] = ((const unsigned char *)buf)[i];
	return OK;
}

static err_t env_read(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	struct fake *f = ctx;

	f->entry_reads++;
	if (!find(f, pa.v, false))
		return ERR_IO;
	*out = PTE(fake_get(f, pa.v, bytes));
	return OK;
}

static void env_store(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)old;
	(void)why;
	fake_put(ctx, pa.v, new.v, bytes);
}

static err_t env_alloc(void *ctx, unsigned bytes, paddr_t *out)
{
	struct fake *f = ctx;

	f->next_table = (f->next_table + bytes - 1) / bytes * bytes;
	*out = PADDR(f->next_table);
	for (unsigned i = 0; i < bytes; i += 8)
		fake_put(f, f->next_table + i, 0, 8);
	f->next_table += bytes;
	return OK;
}

static void env_free(void *ctx, paddr_t table, unsigned bytes)
{
	(void)ctx;
	(void)table;
	(void)bytes;
}

void fake_init(struct fake *f, const struct pt_format *format, uint64_t root)
{
	memset(f, 0, sizeof(*f));
	f->next_table = 0x10000000;
	f->mode = (struct pt_mode){
		.format = format, .pa_bits = format->pa_bits > 52 ? 52 : format->pa_bits, .levels = format->levels,
		.nx = true, .pse = true, .pge = true, .gib_pages = true, .wp = true, .afe = true,
		.hw_accessed = format->caps & PT_KEEPS_AD, .hw_dirty = format->caps & PT_KEEPS_AD,
	};
	f->env = (struct pt_env){
		.ctx = f, .read = env_read, .store = env_store, .table_alloc = env_alloc, .table_free = env_free,
	};
	f->t = (struct target){
		.name = "fake", .mode = &f->mode, .env = &f->env, .root = PADDR(root), .hw_root = PADDR(root),
		.ctx = f, .read_phys = read_phys, .write_phys = write_phys,
	};
	find(f, root, true);
}

const struct pt_format *fake_format(const char *name)
{
	const struct pt_format *format = format_for_test(name);

	if (!format)
		skip();
	return format;
}

void fake_free(struct fake *f)
{
	while (f->pages) {
		struct fake_page *p = f->pages;

		f->pages = p->next;
		free(p);
	}
}

struct out *fake_out(struct fake *f)
{
	out_buf_init(&f->out, f->text, sizeof(f->text));
	return &f->out.out;
}

uint64_t fake_path(struct fake *f, unsigned levels, unsigned entry_bytes, uint64_t root, uint64_t va,
                   const uint64_t *values, unsigned count)
{
	unsigned bits = entry_bytes == 8 ? 9 : 10;
	uint64_t table = root, at = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned shift = 12 + (levels - 1 - i) * bits;
		/* PAE's top level takes two bits of a 32-bit address. */
		uint64_t index = levels == 3 && i == 0 ? va >> 30 & 3 : va >> shift & ((1u << bits) - 1);

		at = table + index * entry_bytes;
		fake_put(f, at, values[i], entry_bytes);
		table = values[i] & 0x000ffffffffff000;
	}
	return at;
}

void check_text(const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("got:\n%s\nwant:\n%s", got, want);
}

void check_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("missing:\n%s\nin:\n%s", part, text);
}

void check_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("unwanted:\n%s\nin:\n%s", part, text);
}
