/* mm/phys/memmap.c - converts firmware ranges to runs in one upward pass, without temporary memory.
 * SPDX-License-Identifier: MIT
 */
#include "mm/phys/memmap.h"
#include "boot/boot_info.h"
#include "lib/assert.h"

struct memmap mm_ram;

/* One past the last byte. A range that wraps ends at UINT64_MAX: its last page is lost, but no machine has memory there. */
static uint64_t range_end(uint64_t base, uint64_t len)
{
	return len > UINT64_MAX - base ? UINT64_MAX : base + len;
}

/* True if `at` is RAM and in no other range. *next: the first address after `at` where the result can change. */
static bool usable_at(const struct boot_range *r, size_t n, uint64_t at, uint64_t *next)
{
	bool ram = false, claimed = false;

	*next = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		uint64_t base = r[i].base, end = range_end(base, r[i].len);

		if (base > at && base < *next)
			*next = base;
		if (end > at && end < *next)
			*next = end;
		if (base <= at && at < end)
			*(r[i].type == BOOT_RANGE_RAM ? &ram : &claimed) = true;
	}
	return ram && !claimed;
}

/* Adds the whole pages of [base, end), which is above every run so far. */
static void add_run(struct memmap *map, uint64_t base, uint64_t end, uint64_t limit)
{
	base = base > UINT64_MAX - PAGE_MASK ? end : ALIGN_UP(base, PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (end <= base)
		return;
	if (end > limit) {
		map->beyond += end - (base > limit ? base : limit);
		end = limit;
	}
	if (end <= base)
		return;
	if (map->n == MEMMAP_MAX_RUNS)
		map->dropped += end - base;
	else
		map->run[map->n++] = (struct memmap_run){ PADDR(base), end - base };
}

err_t memmap_init(struct memmap *map, const struct boot_range *ranges, size_t n, unsigned pa_bits)
{
	uint64_t limit = pa_bits >= 64 ? ALIGN_DOWN(UINT64_MAX, PAGE_SIZE) : (uint64_t)1 << pa_bits;
	uint64_t at = 0, next, base = 0;
	bool open = false;

	ASSERT(pa_bits > PAGE_SHIFT);
	*map = (struct memmap){ .n = 0 };
	/* `at` takes each address where a range begins or ends. The time is quadratic in the number of ranges, at most a few
	 * dozen; sorting them would need a table of limited size. */
	for (; at != UINT64_MAX; at = next) {
		bool usable = usable_at(ranges, n, at, &next);

		if (usable && !open)
			base = at;
		if (!usable && open)
			add_run(map, base, at, limit);
		open = usable;
	}
	if (open)
		add_run(map, base, UINT64_MAX, limit);
	return map->dropped ? ERR_NO_MEMORY : OK;
}

static void remove_run(struct memmap *map, unsigned i)
{
	map->n--;
	for (; i < map->n; i++)
		map->run[i] = map->run[i + 1];
}

static void insert_run(struct memmap *map, unsigned i, struct memmap_run run)
{
	for (unsigned j = map->n++; j > i; j--)
		map->run[j] = map->run[j - 1];
	map->run[i] = run;
}

/* Removes [base, end), whole pages, from run i; both ends of the run can remain. */
static void cut_run(struct memmap *map, unsigned i, uint64_t base, uint64_t end)
{
	struct memmap_run *r = &map->run[i];
	uint64_t run_base = r->base.v, run_end = run_base + r->len;

	if (base <= run_base && end >= run_end) {
		remove_run(map, i);
	} else if (base <= run_base) {
		*r = (struct memmap_run){ PADDR(end), run_end - end };
	} else {
		r->len = base - run_base;
		if (end < run_end)
			insert_run(map, i + 1, (struct memmap_run){ PADDR(end), run_end - end });
	}
}

err_t memmap_reserve(struct memmap *map, paddr_t pa, uint64_t len)
{
	uint64_t base = ALIGN_DOWN(pa.v, PAGE_SIZE), end = range_end(pa.v, len);

	if (len == 0)
		return OK;
	end = end > UINT64_MAX - PAGE_MASK ? UINT64_MAX : ALIGN_UP(end, PAGE_SIZE);
	/* Downwards, because cut_run() changes the indices above `i` only. */
	for (unsigned i = map->n; i-- > 0;) {
		uint64_t run_base = map->run[i].base.v, run_end = run_base + map->run[i].len;

		if (run_end <= base || run_base >= end)
			continue;
		/* A run is split only if it contains the whole range; then no other run is affected. */
		if (run_base < base && run_end > end && map->n == MEMMAP_MAX_RUNS)
			return ERR_NO_MEMORY;
		cut_run(map, i, base, end);
	}
	return OK;
}

err_t memmap_take(struct memmap *map, uint64_t len, uint64_t align, paddr_t limit, paddr_t *out)
{
	ASSERT(len != 0 && align >= PAGE_SIZE && (align & (align - 1)) == 0);
	if (len > UINT64_MAX - PAGE_MASK)
		return ERR_NO_MEMORY;
	len = ALIGN_UP(len, PAGE_SIZE);
	for (unsigned i = map->n; i-- > 0;) {
		uint64_t base = map->run[i].base.v, end = base + map->run[i].len;

		if (end > limit.v)
			end = ALIGN_DOWN(limit.v, PAGE_SIZE);
		if (end <= base || end - base < len)
			continue;
		*out = PADDR(ALIGN_DOWN(end - len, align));
		if (out->v >= base)
			return memmap_reserve(map, *out, len);
	}
	return ERR_NO_MEMORY;
}

void memmap_limit(struct memmap *map, paddr_t end)
{
	ASSERT(IS_ALIGNED(end.v, PAGE_SIZE));
	while (map->n > 0) {
		struct memmap_run *r = &map->run[map->n - 1];
		uint64_t run_end = r->base.v + r->len;

		if (run_end <= end.v)
			return;
		if (r->base.v < end.v) {
			map->beyond += run_end - end.v;
			r->len = end.v - r->base.v;
			return;
		}
		map->beyond += r->len;
		map->n--;
	}
}

bool memmap_has(const struct memmap *map, paddr_t pa, uint64_t len)
{
	uint64_t end = range_end(pa.v, len);

	if (len == 0)
		return true;
	/* Adjacent runs are merged, so a range that is not inside one run contains a hole. Runs consist of whole pages. */
	for (unsigned i = 0; i < map->n; i++) {
		uint64_t base = map->run[i].base.v;

		if (base <= pa.v && end <= base + map->run[i].len)
			return true;
	}
	return false;
}

uint64_t memmap_bytes(const struct memmap *map)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < map->n; i++)
		sum += map->run[i].len;
	return sum;
}

pfn_t memmap_first(const struct memmap *map)
{
	return map->n ? pfn_of(map->run[0].base) : PFN(0);
}

pfn_t memmap_end(const struct memmap *map)
{
	const struct memmap_run *last;

	if (map->n == 0)
		return PFN(0);
	last = &map->run[map->n - 1];
	return pfn_of(paddr_add(last->base, last->len));
}
