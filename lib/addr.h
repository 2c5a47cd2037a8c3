/* lib/addr.h - kinds of addresses; each has its own type, so that mixing them does not compile.
 * SPDX-License-Identifier: MIT
 *
 * paddr_t  a physical address: what appears on the bus. 64 bits in every build (PAE has 36 or more).
 * pfn_t    a physical address divided by PAGE_SIZE.
 * pte_t    one entry of a translation table, zero-extended to 64 bits.
 * vaddr_t  a virtual address of the machine this build runs on. Inside paging/ it is uint64_t,
 *          so that any build decodes any format.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  ((size_t)1 << PAGE_SHIFT)
#define PAGE_MASK  (PAGE_SIZE - 1)

typedef struct { uint64_t v; } paddr_t;
typedef struct { uint64_t v; } pfn_t;
typedef struct { uint64_t v; } pte_t;
typedef uintptr_t vaddr_t;

#define PADDR(x) ((paddr_t){ (uint64_t)(x) })
#define PFN(x)   ((pfn_t){ (uint64_t)(x) })
#define PTE(x)   ((pte_t){ (uint64_t)(x) })

static inline pfn_t   pfn_of(paddr_t pa)               { return PFN(pa.v >> PAGE_SHIFT); }
static inline paddr_t pfn_base(pfn_t pfn)              { return PADDR(pfn.v << PAGE_SHIFT); }
static inline paddr_t paddr_add(paddr_t pa, uint64_t n) { return PADDR(pa.v + n); }

/* a must be a power of two. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN_UP(x, a)   ALIGN_DOWN((x) + ((__typeof__(x))(a) - 1), (a))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
