/* tests/host/mm/world.h - a machine for address spaces: memory, a kernel root, a CPU with a TLB, for every format.
 * SPDX-License-Identifier: MIT
 *
 * The CPU's walk is tests/host/paging/hw.c's, which shares nothing with paging/. Its TLB keeps a translation until a
 * flush, and a page or table in the TLB must not be freed.
 */
#pragma once
#include "mm/mm.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"
#include "tests/host/inspect/renamed.h"
#include "tests/host/mm/fixture.h"
#include "tests/host/paging/hw.h"

struct world_kind {
	const char *name;
	const struct pt_format *format;
	const struct world_layout *layout;
	uint64_t selfmap;
	struct pt_mode mode;
	struct hw_cpu cpu;
};
extern const struct world_kind world_kinds[];
extern const unsigned world_kind_count;
extern const struct world_kind *world;   /* the one that runs */

void world_start(const struct world_kind *kind);
/* Everything must be gone but the kernel's part: checks, then takes that down and counts frames. */
void world_stop(void);
/* Frames, heap, ranges, zero frame, and the TLB against the tables. */
void world_check(void);

/* Allocations that still succeed before one fails; negative: all succeed. One failure, then all succeed again. */
extern long world_fail_after;
extern unsigned world_failures;

/* One access of 4 bytes by the CPU in the current space; faults go through mm_fault and are retried. */
enum fault_result cpu_access(uint64_t va, enum access access, bool user, uint32_t *value);
unsigned cpu_faults(void);               /* of the last access */
/* False: fault_fast() is not called before mm_fault(). */
extern bool cpu_is_fast;
extern uint64_t cpu_fast_faults;         /* faults that fault_fast() resolved */
/* What the tables say, without a TLB. */
struct hw_page cpu_walk(const struct aspace *as, uint64_t va);
bool tlb_holds_frame(uint64_t pfn);

/* Runs each test for every kind. */
typedef void (*world_test)(void);
struct named_world_test { const char *name; world_test run; };
int world_run(const char *group, const struct named_world_test *tests, unsigned n);
