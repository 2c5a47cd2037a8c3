/* paging/format.h - struct pt_format: a constant description of one paging format (PAE, LPAE, ...).
 * SPDX-License-Identifier: MIT
 *
 * Terms in this directory:
 *   level           0 is the lowest level in every format (x86: PTE); level + 1 is one table nearer to the root
 *   entry (pte_t)   one table entry: 4 or 8 bytes in memory, zero-extended to 64 bits here
 *   leaf            a present entry that maps memory: a page at level 0, a large page at a higher level
 *   table entry     a present entry that points to a table of the next lower level
 *   software entry  not present and not zero: the kernel stores the location of the page in it (Linux: swap entry)
 *   mode            the paging features enabled in the CPU; with NXE or PSE off, some bits have another meaning
 *
 * Only fmt_*.c use entry bits. A new format is one fmt_*.c, its extern below and one row of formats.c; its isa is the
 * row of its CPU family.
 */
#pragma once
#include "lib/addr.h"
#include "lib/err.h"

#define PT_MAX_LEVELS 5

/* Always inlined: lookup.h and bulk.h expand such functions once per format, so that the compiler folds its constants. */
#define PT_INLINE static inline __attribute__((always_inline))

/* Rights and attributes of a mapping, independent of the format. */
typedef uint32_t prot_t;
enum {
	PROT_R = 1u << 0,
	PROT_W = 1u << 1,
	PROT_X = 1u << 2,
	PROT_U = 1u << 3,        /* user mode can access it */
	PROT_GLOBAL = 1u << 4,   /* the TLB entry stays valid when the root changes */
	PROT_COW = 1u << 5,      /* copy-on-write mark (x86 bit 9), for display only: the kernel never tests it */
	PROT_ACCESSED = 1u << 6, /* state, not a right: protect and split keep it */
	PROT_DIRTY = 1u << 7,
	PROT_CACHE_MASK = 3u << 8,
	CACHE_WB = 0u << 8,      /* normal memory, write-back */
	CACHE_WT = 1u << 8,
	CACHE_UC_MINUS = 2u << 8,
	CACHE_UC = 3u << 8,      /* device */
	PROT_RIGHTS = PROT_R | PROT_W | PROT_X | PROT_U,
	/* ARM and RISC-V: what takes effect at the end of the walk. pt_format.prot() returns them, pt_combine()
	 * accumulates them, pt_final_prot() applies and removes them. */
	PROT_NO_USER_X = 1u << 10,   /* UXN: user mode must not execute, whatever the mode of the page is */
	PROT_NO_KERNEL_X = 1u << 11, /* PXN */
	PROT_UNCHECKED = 1u << 12,   /* manager domain: the rights of lower levels are not checked */
	PROT_GLOBAL_BELOW = 1u << 13, /* RISC-V: G of a table entry, all pages below are global */
	PROT_BELOW = PROT_NO_USER_X | PROT_NO_KERNEL_X | PROT_UNCHECKED | PROT_GLOBAL_BELOW,
};
/* PROT_ACCESSED and PROT_DIRTY where the CPU does not set them (pt_mode.hw_accessed, hw_dirty): the first use of a page whose
 * entry lacks PROT_ACCESSED faults, so boot and kernel mappings set it. On ARM a writable page counts as dirty, and PROT_DIRTY
 * has no effect. */

enum pt_kind {
	PT_EMPTY,  /* zero */
	PT_SOFT,   /* not present, not zero */
	PT_TABLE,
	PT_LEAF,
	PT_BAD,    /* present, but a reserved bit is set or the type does not exist at this level */
};

/* Capabilities of a format (pt_format.caps). */
enum {
	PT_HAS_NX = 1u << 0,          /* can forbid execution at all */
	PT_KEEPS_AD = 1u << 1,        /* every CPU with this format sets A and D: its modes say so */
	PT_FRAME_IN_PLACE = 1u << 2,  /* a level-0 leaf has its frame number where the physical address has it */
	PT_RELOAD_ROOT = 1u << 3,     /* a changed top-level entry takes effect only when the root is reloaded */
	PT_SIGN_EXTEND = 1u << 4,     /* addresses above the middle are sign-extended (canonical) */
	PT_TOP_HAS_NO_RIGHTS = 1u << 5, /* PAE: the top entries have no W, U, NX, and are checked when the root is loaded */
	PT_SELFMAP = 1u << 6,         /* an entry can point to a table of its own level: entries have addresses */
	PT_REPEATS = 1u << 7,         /* a page can occupy several identical entries; the output of each is the whole page */
	PT_FEWER_LEVELS = 1u << 8,    /* a half's fewer VA bits can also mean fewer levels */
	PT_HAS_CBIT = 1u << 9,        /* a bit of the address can say that the memory is encrypted */
	PT_HAS_TEX_REMAP = 1u << 10,  /* memory types by PRRR and NMRR, when the mode says so */
	PT_TWO_ROOTS = 1u << 11,      /* a space can have two halves, each with fewer VA bits than the format's */
	PT_SECOND_STAGE = 1u << 12,   /* translates the physical addresses of a guest */
	PT_MAXPHYADDR = 1u << 13,     /* CPUs have fewer address bits than an entry has, and the bits between are reserved */
	PT_AD_TOGETHER = 1u << 14,    /* one control says that the CPU sets A and D: hw_dirty is hw_accessed */
};

struct pt_mode;
struct pt_format;
struct pt_piece;
struct pt_soft_layout;

/* The rows of the CPU families (isa/isa.h), declared only: the boot stage is linked without them. */
extern const struct isa isa_x86, isa_x86_pae, isa_x86_64, isa_arm_short, isa_arm_lpae, isa_arm64;
extern const struct isa isa_riscv32, isa_riscv64, isa_ept, isa_npt, isa_arm64_s2, isa_riscv32_g, isa_riscv64_g;
#ifdef PT_WITHOUT_ISA
#define PT_ISA(row) NULL
#else
#define PT_ISA(row) (&(row))
#endif

/* pt_format.frames: the entry maps no frame with a 32-bit number. */
#define PT_NO_FRAME UINT32_MAX

/* One level: shape and names of its entries. */
struct pt_level {
	uint8_t shift;        /* lowest VA bit that this level's index takes */
	uint8_t bits;         /* how many */
	bool leaf;            /* an entry of this level can map memory, if the mode permits it (PSE) */
	const char *windbg;   /* "PTE" "PDE" "PPE" "PXE" "P5E", ARM "L2" "L1" ... */
	const char *vendor;   /* the manual's: "PTE" "PDE" "PDPTE" "PML4E" "PML5E", "L2 descriptor" */
	const char *linux;    /* "pte" "pmd" "pud" "p4d" "pgd" with folding as Linux folds */
};

/* One bit field of an entry. A format's table of these drives `pte`, `dt` and `explain`. */
struct pt_field {
	const char *name;     /* as in _MMPTE_HARDWARE or the ARM ARM: "Valid", "PageFrameNumber", "AP" */
	uint8_t lsb, width;
	uint8_t levels;       /* bit n: applies at level n */
	uint8_t forms;        /* PT_FORM_* : which forms of entry have it */
	uint8_t column;       /* position of its letter in the `pte` string, from 1; 0: no letter */
	char set, clear;      /* the letter when the field is non-zero / zero */
	const char *when_set; /* description for `explain`; NULL for numbers */
	const char *when_clear;
};
enum {
	PT_FORM_TABLE = 1, PT_FORM_LEAF = 2, PT_FORM_SOFT = 4,
	PT_FORM_REPEATED = 8,  /* PT_REPEATS: a leaf that occupies several entries */
	/* pt_field.forms alone: */
	PT_FIELD_FRAME = 16,   /* upper bits of a page's address: shown as a frame number, from bit 12 on */
	PT_FIELD_NOT_DT = 32,  /* the debugger's structure has no such field */
	PT_FIELD_LETTER = 64,  /* has a letter only, which replaces that of an earlier row; letter 0 does not */
};

/* A field of several bits with named values: AttrIndx, a domain. */
struct pt_words {
	const char *field;
	const char *(*say)(const struct pt_mode *mode, uint64_t value);
};

/* Where an entry points. */
struct pt_output {
	paddr_t pa;           /* base of the page for a leaf, of the table for a table entry */
	uint64_t size;        /* bytes mapped by the leaf; bytes of the table */
};

/* The walker's callbacks: read and store an entry, allocate and free a table. The walker depends on nothing else. */
struct pt_env {
	void *ctx;
	/* Reads one entry of `bytes` (4 or 8) at `pa`. ERR_IO: there is no memory. */
	err_t (*read)(void *ctx, paddr_t pa, unsigned bytes, pte_t *out);
	/* Replaces the entry `old` by `new`. A 32-bit CPU stores a PAE entry as two words; this callback orders them.
	 * `why`: a string constant for the journal. */
	void (*store)(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why);
	/* Allocates a zeroed table of `bytes`, aligned to its size. NULL: this environment never allocates. */
	err_t (*table_alloc)(void *ctx, unsigned bytes, paddr_t *out);
	void (*table_free)(void *ctx, paddr_t table, unsigned bytes);
	/* pt_visit() calls it before it visits a table of `level` completely. `above`: the rights of the levels above. True:
	 * the table was visited before with the same rights and is skipped. NULL: no table is skipped. */
	bool (*again)(void *ctx, uint64_t va, paddr_t table, unsigned level, prot_t above);
	/* The linear range: physical memory [linear_first, linear_first + linear_size), mapped at `linear`. Entries in it are
	 * read directly, without .read(), and the read cannot fail. linear_size 0: no such range. It consists of whole
	 * pages, and no table crosses its bounds. */
	const char *linear;
	uintptr_t linear_first, linear_size;
};

/* A tree of tables. Its mode determines which addresses it translates. */
struct pt_tree {
	const struct pt_mode *mode;
	paddr_t root;
};

/* The tables of an address space and the callbacks to read them. On ARM half 0 is TTBR0's tree and half 1 TTBR1's, each with its
 * mode. Where one root translates all addresses, both halves are the same tree, with the same pointer to the mode. */
struct pt_space {
	const struct pt_env *env;
	struct pt_tree half[2];
	uint32_t *tables;     /* PT_MAX_LEVELS counts: tables of each level without the root; NULL: not counted */
};

/* Result of pt_lookup(): the last entry of the walk. */
struct pt_slot {
	pte_t upper[PT_MAX_LEVELS];     /* upper[l], level < l: the entries above it */
	paddr_t entry_pa;
	pte_t entry;
	unsigned level;
	enum pt_kind kind;      /* of the entry */
	pfn_t page;             /* leaf of level 0: the frame that contains the address */
};

/* True if `pa` is in the linear range, a part of the direct map. Its addresses fit in a machine word. */
static inline bool pt_in_linear(const struct pt_env *env, paddr_t pa)
{
	return (uintptr_t)pa.v - env->linear_first < env->linear_size && (uintptr_t)pa.v == pa.v;
}
static inline const char *pt_linear(const struct pt_env *env, paddr_t pa)
{
	return env->linear + ((uintptr_t)pa.v - env->linear_first);
}

/* Reads one entry, which the CPU may change at any time (A and D bits). */
static inline pte_t pt_entry_at(const void *at, unsigned bytes)
{
	return PTE(bytes == 4 ? *(const volatile uint32_t *)at : *(const volatile uint64_t *)at);
}

/* env->read(), without the call for an entry in the linear range. */
static inline err_t pt_read(const struct pt_env *env, paddr_t pa, unsigned bytes, pte_t *out)
{
	if (!pt_in_linear(env, pa))
		return env->read(env->ctx, pa, bytes, out);
	*out = pt_entry_at(pt_linear(env, pa), bytes);
	return OK;
}

/* Returns the index of the first non-zero entry in [i, count), or `count`. For a table outside the linear range it returns
 * `i` without reading the entry. */
static inline unsigned pt_skip_empty(const struct pt_env *env, paddr_t table, unsigned entry_bytes, unsigned i,
                                     unsigned count)
{
	const volatile uint32_t *word;

	/* Outside the linear range the table has no virtual address. */
	if (!pt_in_linear(env, table))
		return i;
	word = (const void *)pt_linear(env, table);
	if (entry_bytes == 4) {
		while (i + 4 <= count && !(word[i] | word[i + 1] | word[i + 2] | word[i + 3]))
			i += 4;
		while (i < count && !word[i])
			i++;
		return i;
	}
	for (const volatile uint32_t *w = word + 2 * i; i + 4 <= count; i += 4, w += 8)
		if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
			break;
	while (i < count && !(word[2 * i] | word[2 * i + 1]))
		i++;
	return i;
}

struct pt_format {
	const char *name;       /* "pae": also the value of paging= */
	const char *title;      /* "PAE, three levels, 64-bit entries" */
	uint8_t entry_bytes;    /* 4 or 8 */
	uint8_t levels;         /* maximum; the mode can have fewer (a64) */
	uint8_t va_bits, pa_bits;
	uint8_t shared_level;     /* level whose kernel-half entries are copied from root to root */
	uint8_t letters;        /* length of the `pte` letter string */
	/* The root register: width of the address; bits that are attributes (PCD, PCID, ASID); the name of the bits between
	 * them in another configuration, or NULL. */
	uint8_t root_bits;
	uint64_t root_attributes;
	const char *root_other;
	/* Address bits that the root register and the entries have at other positions (pieces.h), if the mode has more than
	 * `plain_bits` address bits. NULL: none. */
	const struct pt_piece *root_pieces, *pieces;
	uint8_t plain_bits;
	uint32_t caps;          /* PT_HAS_NX ... */
	/* A table entry of level 1 forbids writes to all that it translates if its bits in the mask have this value. Mask 0: no
	 * such bits. */
	uint64_t read_only_mask, read_only_value;
	struct pt_level level[PT_MAX_LEVELS];
	const struct pt_field *fields;
	uint8_t field_count;
	const struct pt_words *words;   /* ends with a row whose field is NULL; NULL: none */

	enum pt_kind (*kind)(const struct pt_mode *mode, unsigned level, pte_t pte);
	/* For a table entry or a leaf: where it points. */
	struct pt_output (*output)(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va);
	/* kind() and output() in one call, for level 0. False: `pte` maps no page. True: *out is the frame that contains `va`. */
	bool (*page)(const struct pt_mode *mode, pte_t pte, uint64_t va, pfn_t *out);
	/* The inverse of output(): the same entry with output `pa`, which is aligned to the output's size and not too large for
	 * the entry. */
	pte_t (*with_output)(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa);
	/* Returns the table entry for `table`. `va`: any address that it translates; ARM short derives the domain and PXN
	 * from it. */
	pte_t (*make_table)(const struct pt_mode *mode, unsigned level, paddr_t table, uint64_t va);
	/* ERR_INVALID: no leaf at `level`, `pa` not aligned to the page size, or `prot` cannot be expressed. ERR_RANGE: `pa` is
	 * too large for the format. */
	err_t (*make_leaf)(const struct pt_mode *mode, unsigned level, paddr_t pa, prot_t prot, pte_t *out);
	/* Returns the leaf `pte` read-only, with the copy-on-write mark if the format has one. A read-only leaf is returned
	 * unchanged. Same result as make_leaf() with the rights of prot(), PROT_W replaced by PROT_COW. */
	pte_t (*write_protect)(const struct pt_mode *mode, unsigned level, pte_t pte);
	/* ---- level 0 in bulk (bulk.h): `count` consecutive entries; the first translates `va` ---- */
	/* Sets frame[i] to the PFN that entry i maps. PT_NO_FRAME: entry i maps no page, or its PFN exceeds 32 bits (16 TiB; no
	 * frame database is that large). */
	void (*frames)(const struct pt_mode *mode, const void *entries, unsigned count, uint64_t va, uint32_t *frame);
	/* As .frames; also copies `from` to `to` and applies write_protect() to each page. False: no page was writable, so `to`
	 * equals `from`. */
	bool (*share)(const struct pt_mode *mode, const void *from, void *to, unsigned count, uint64_t va,
	              uint32_t *frame);

	/* Rights and attributes of this entry alone; for a table entry the rights that it permits below it. */
	prot_t (*prot)(const struct pt_mode *mode, unsigned level, pte_t pte);
	/* Name of the memory type of a leaf. NULL: it depends on registers that the mode does not describe. */
	const char *(*memory)(const struct pt_mode *mode, unsigned level, pte_t pte);
	const char *(*memory_by)(const struct pt_mode *mode);   /* the setting that memory()'s phrase follows; NULL: none */
	/* Returns the entry that maps a table of this level into its own address space. NULL: not possible. */
	pte_t (*make_selfmap)(const struct pt_mode *mode, unsigned level, paddr_t table);
	const struct pt_soft_layout *soft;      /* of a not-present entry (soft.h) */
	/* Finds an entry; generated by lookup.h. Call it through pt_lookup() (walk.h). */
	err_t (*lookup)(const struct pt_space *space, uint64_t va, unsigned level, struct pt_slot *slot);
	const struct isa *isa;
};

/* The paging features that are enabled in the CPU. Every function that interprets an entry gets one. */
struct pt_mode {
	const struct pt_format *format;
	uint8_t pa_bits;      /* the CPU's MAXPHYADDR: entry bits above it are reserved */
	uint8_t levels;       /* format->levels, or fewer */
	bool nx;              /* EFER.NXE; off: bit 63 is a reserved bit */
	bool pse;             /* CR4.PSE; off: bit 7 of a legacy PDE is ignored */
	bool pge;             /* CR4.PGE */
	bool gib_pages;       /* x64: 1 GiB pages (CPUID) */
	bool wp, smep, smap;
	bool hw_accessed;     /* the CPU sets A at the first use (x86 always; AArch64 TCR.HA) instead of a fault */
	bool hw_dirty;        /* the CPU sets D at the first write (x86 always) */
	uint8_t va_bits;      /* address bits that the tree translates (ARM T0SZ, T1SZ, TTBCR.N); 0: those of its levels */
	bool upper;           /* TTBR1's tree: all address bits above the VA bits are ones */
	bool afe;             /* ARM SCTLR.AFE */
	bool pxn;             /* ARM short: the CPU has PXN (ID_MMFR0.VMSA > 3); off: first-level type 3 is bad */
	uint64_t user_end;    /* ARM short: addresses below are in domain 1 and not executable by the kernel; 0: one domain */
	uint32_t dacr;        /* ARM short: domain access control; 0: no access, 0x55555555: all domains client */
	bool tre;             /* ARM short: SCTLR.TRE; the memory type is prrr's and nmrr's */
	uint32_t prrr, nmrr;
	uint64_t encrypted;   /* PT_HAS_CBIT: address bit that marks encrypted memory (AMD's C-bit), above pa_bits; 0: none */
	uint64_t mair;        /* ARM long: memory types by index; a cache kind that it does not contain cannot be mapped */
	bool pbmt, napot;     /* RISC-V: Svpbmt is enabled (menvcfg.PBMTE), the CPU has Svnapot */
	bool execute_only;    /* EPT: entries with X and without R (IA32_VMX_EPT_VPID_CAP bit 0) */
};

static inline struct pt_output pt_output(const struct pt_mode *mode, unsigned level, pte_t pte, uint64_t va)
{
	return mode->format->output(mode, level, pte, va);
}
static inline pte_t pt_with_output(const struct pt_mode *mode, unsigned level, pte_t pte, paddr_t pa)
{
	return mode->format->with_output(mode, level, pte, pa);
}
/* Returns the level-0 template `leaf`, made for frame 0, with frame `pfn`, which make_leaf() must accept. Every fault stores one
 * of these. */
PT_INLINE pte_t pt_leaf_at(const struct pt_mode *mode, pte_t leaf, pfn_t pfn)
{
	if (mode->format->caps & PT_FRAME_IN_PLACE)
		return PTE(leaf.v | pfn_base(pfn).v);
	return mode->format->with_output(mode, 0, leaf, pfn_base(pfn));
}

/* A MAIR (MAIR1:MAIR0) that has every cache kind, kind n at index n. */
#define PT_MAIR_DEFAULT 0x0444BBFFull

extern const struct pt_format pt_legacy, pt_pae, pt_x64, pt_la57, pt_short, pt_lpae, pt_a64;
/* Formats of images and of other machines: no port of the kernel has them. */
extern const struct pt_format pt_a64_16k, pt_a64_64k, pt_a64_lpa2, pt_a64_16k_lpa2, pt_sv32, pt_sv39, pt_sv48, pt_sv57;
extern const struct pt_format pt_npt, pt_npt5, pt_ept, pt_ept5, pt_sv32x4, pt_sv39x4, pt_sv48x4, pt_sv57x4;
extern const struct pt_format pt_s2_a64, pt_s2_a64_16k, pt_s2_a64_64k, pt_s2_a64_lpa2, pt_s2_a64_16k_lpa2;
extern const struct pt_format pt_toy;   /* toy.h; in no list */
/* All formats, NULL at the end. */
extern const struct pt_format *const pt_formats[];
/* NULL when there is no such name. */
const struct pt_format *pt_format_by_name(const char *name);

/* ---- arithmetic that follows from the descriptor ---- */

/* Bytes that one entry of `level` translates; a table of level - 1 translates the same number. */
static inline uint64_t pt_level_size(const struct pt_format *f, unsigned level)
{
	return (uint64_t)1 << f->level[level].shift;
}
static inline unsigned pt_level_entries(const struct pt_format *f, unsigned level)
{
	return 1u << f->level[level].bits;
}
static inline unsigned pt_table_bytes(const struct pt_format *f, unsigned level)
{
	return pt_level_entries(f, level) * f->entry_bytes;
}
static inline unsigned pt_index(const struct pt_format *f, unsigned level, uint64_t va)
{
	return (unsigned)(va >> f->level[level].shift) & (pt_level_entries(f, level) - 1);
}
/* Every VA bit that the format decodes, as a mask. */
static inline uint64_t pt_va_mask(const struct pt_format *f)
{
	return f->va_bits >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << f->va_bits) - 1;
}
/* As above, for one tree, which can have fewer levels or a smaller root table. */
static inline unsigned pt_mode_va_bits(const struct pt_mode *mode)
{
	const struct pt_level *top = &mode->format->level[mode->levels - 1];

	return mode->va_bits ? mode->va_bits : top->shift + top->bits;
}
static inline uint64_t pt_mode_va_mask(const struct pt_mode *mode)
{
	return ((uint64_t)1 << pt_mode_va_bits(mode)) - 1;
}
/* The index into the root table. Its number of entries depends on the VA bits of the mode: fewer than those of a table of its
 * level, or more where tables are concatenated (ARM's second stage, DDI 0487 D8.2.2). */
static inline unsigned pt_root_index(const struct pt_mode *mode, uint64_t va)
{
	const struct pt_level *top = &mode->format->level[mode->levels - 1];
	unsigned bits = mode->va_bits ? mode->va_bits - top->shift : top->bits;

	return (unsigned)(va >> top->shift) & ((1u << bits) - 1);
}
/* Gives the tree that many VA bits, and the levels that they need. */
static inline void pt_mode_set_va_bits(struct pt_mode *mode, unsigned va_bits)
{
	const struct pt_format *f = mode->format;

	mode->va_bits = (uint8_t)va_bits;
	mode->levels = f->levels;
	while (mode->levels > 1 && va_bits <= f->level[mode->levels - 1].shift)
		mode->levels--;
}
static inline unsigned pt_root_entries(const struct pt_mode *mode)
{
	return 1u << (pt_mode_va_bits(mode) - mode->format->level[mode->levels - 1].shift);
}
/* Bytes of the root table, which is aligned to its size. */
static inline unsigned pt_root_bytes(const struct pt_mode *mode)
{
	return pt_root_entries(mode) * mode->format->entry_bytes;
}

/* PAE: MOV to CR3 loads the entries of the top level into registers and checks their reserved bits. A walk uses them as they
 * were then, so it never detects such a bit (SDM vol. 3A 4.4.1). */
static inline bool pt_checked_at_load(const struct pt_mode *mode, unsigned level)
{
	return (mode->format->caps & PT_TOP_HAS_NO_RIGHTS) && level + 1u == mode->levels;
}

/* ---- table entries of level 1 that forbid writes ---- */

static inline bool pt_can_forbid_writes(const struct pt_format *f)
{
	return f->read_only_mask;
}
/* For formats of which pt_can_forbid_writes() is true. */
static inline bool pt_table_is_read_only(const struct pt_format *f, pte_t table)
{
	return (table.v & f->read_only_mask) == f->read_only_value;
}
static inline pte_t pt_table_read_only(const struct pt_format *f, pte_t table)
{
	return PTE((table.v & ~f->read_only_mask) | f->read_only_value);
}

/* ---- spaces ---- */

static inline struct pt_space pt_space_of(const struct pt_mode *mode, const struct pt_env *env, paddr_t root)
{
	return (struct pt_space){ .env = env, .half = { { mode, root }, { mode, root } } };
}
static inline bool pt_is_one_tree(const struct pt_space *s)
{
	return s->half[0].mode == s->half[1].mode;
}
/* Sets the root of half 0. If one root translates all addresses, both halves get it. */
static inline void pt_set_root(struct pt_space *s, paddr_t root)
{
	s->half[0].root = root;
	if (pt_is_one_tree(s))
		s->half[1].root = root;
}
/* Returns the tree that translates `va`. If neither half does, pt_va_valid() of the returned tree's mode is false. */
const struct pt_tree *pt_tree_of_two(const struct pt_space *s, uint64_t va);
static inline const struct pt_tree *pt_tree_at(const struct pt_space *s, uint64_t va)
{
	return pt_is_one_tree(s) ? &s->half[0] : pt_tree_of_two(s, va);
}
/* The addresses that a half of two translates. */
void pt_half_range(const struct pt_space *s, unsigned half, uint64_t *first, uint64_t *last);

/* Converts the value of a root register to a root. ERR_INVALID: the address is not aligned to the size of the root table, so
 * bits would be lost. ERR_RANGE: bits above the address. */
MUST_USE err_t pt_root_of(const struct pt_mode *mode, uint64_t value, paddr_t *root);
/* False: an address in the non-canonical hole, or with bits above va_bits in a format without sign extension. */
bool pt_va_valid(const struct pt_mode *mode, uint64_t va);
/* Cuts `va` to va_bits and makes it canonical if the format sign-extends. */
uint64_t pt_va_canonical(const struct pt_mode *mode, uint64_t va);
/* Combines `above`, the rights of the levels walked so far (at the root: PROT_RIGHTS), with `own`, those of the next entry. The
 * attributes are those of `own`. Call pt_final_prot() after the last entry. */
prot_t pt_combine(prot_t above, prot_t own);
prot_t pt_final_prot(prot_t combined);
/* Returns the PT_FORM_* of an entry, which selects the fields that apply. A bad entry counts as a table if only its address is
 * bad, else as a leaf. */
unsigned pt_form(const struct pt_mode *mode, unsigned level, pte_t pte);
/* Address of the entry of `va` at `level` in a self-map that begins at `base` (docs/formats.md, section 4). */
uint64_t pt_selfmap_entry(const struct pt_mode *mode, uint64_t base, uint64_t va, unsigned level);
/* Writes the letters of the entry (docs/formats.md, section 4): format->letters characters and NUL; size > letters. */
void pt_letters(const struct pt_mode *mode, unsigned level, pte_t pte, char *text, size_t size);
/* As pt_letters(), for a leaf with the effective rights `prot` of all levels (pt_visit_entry.prot). */
void pt_effective_letters(const struct pt_mode *mode, unsigned level, pte_t pte, prot_t prot, char *text, size_t size);
