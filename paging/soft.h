/* paging/soft.h - software entries: not present and not zero; they record where the page is.
 * SPDX-License-Identifier: MIT
 *
 * The hardware ignores them. The layouts are those of Windows, which a debugger finds in images too; each format has its
 * own as a table of bit fields (pt_format.soft), in the bits that its hardware leaves free.
 */
#pragma once
#include "paging/format.h"

/* What a not-present entry says. */
enum pt_soft_kind { SOFT_ZERO, SOFT_DEMAND_ZERO, SOFT_PAGEFILE, SOFT_TRANSITION, SOFT_PROTOTYPE };
/* The number of the page file whose slots are compressed pages in memory: that of Windows 10, too. */
#define SOFT_FILE_COMPRESSED 2
struct pt_soft {
	enum pt_soft_kind kind;
	uint8_t protect;      /* 0..31, WinDbg's numbering: 4 is ReadWrite */
	uint8_t file;         /* SOFT_PAGEFILE: which page file */
	uint64_t offset;      /* SOFT_PAGEFILE: slot in it, in pages */
	pfn_t pfn;            /* SOFT_TRANSITION */
	bool vad;             /* SOFT_PROTOTYPE: the VAD has the location */
	uint64_t proto;       /* SOFT_PROTOTYPE and not vad: the prototype entry's address, relative to proto_base */
};

/* Kinds of entries that have a field, one bit for each. A prototype entry that refers to the VAD is a kind of its own here. */
enum {
	SOFT_IN_DEMAND_ZERO = 1u << SOFT_DEMAND_ZERO,
	SOFT_IN_PAGEFILE = 1u << SOFT_PAGEFILE,
	SOFT_IN_TRANSITION = 1u << SOFT_TRANSITION,
	SOFT_IN_PROTOTYPE = 1u << SOFT_PROTOTYPE,
	SOFT_IN_VAD = 1u << (SOFT_PROTOTYPE + 1),
	SOFT_IN_ANY = 0xFF,
};

/* The number that a field is a part of. The marks are tested in every entry; Prototype has priority over Transition. */
enum pt_soft_number {
	SOFT_NO_NUMBER, SOFT_MARK_PROTOTYPE, SOFT_MARK_TRANSITION, SOFT_PROTECT, SOFT_FILE, SOFT_OFFSET, SOFT_FRAME,
	SOFT_PROTO, SOFT_NUMBERS,
};

struct pt_soft_field {
	const char *name;     /* as in _MMPTE_SOFTWARE, _MMPTE_TRANSITION, _MMPTE_PROTOTYPE */
	uint8_t lsb, width;
	uint8_t kinds;        /* SOFT_IN_* */
	uint8_t number;       /* enum pt_soft_number */
	uint8_t shift;        /* bit of the number that stands at lsb */
};

struct pt_soft_layout {
	const struct pt_soft_field *fields;
	uint8_t count;
	bool proto_signed;        /* the address of a prototype is sign-extended from its highest bit */
	uint64_t proto_first;     /* the address of a prototype whose number is 0 */
	const char *proto_base;   /* name of a variable that the address is relative to; NULL: none */
};
#define PT_SOFT_LAYOUT(table) .fields = (table), .count = ARRAY_LEN(table)

/* The fields that every layout has at the same place; the offset begins at offset_lsb and ends with the entry. */
#define PT_SOFT_COMMON(entry_bits, offset_lsb, protected_kinds, marked_kinds) \
	{ "Protection", 5, 5, (protected_kinds), SOFT_PROTECT, 0 }, \
	{ "Prototype", 10, 1, SOFT_IN_ANY, SOFT_MARK_PROTOTYPE, 0 }, \
	{ "Transition", 11, 1, (marked_kinds), SOFT_MARK_TRANSITION, 0 }, \
	{ "PageFileHigh", (offset_lsb), (entry_bits) - (offset_lsb), SOFT_IN_PAGEFILE, SOFT_OFFSET, 0 }

/* SOFT_IN_* of a decoded entry; 0 for SOFT_ZERO. */
unsigned pt_soft_in(const struct pt_soft *soft);
/* Width of a field in bits: a frame number ends at the CPU's physical address width. */
unsigned pt_soft_width(const struct pt_mode *mode, const struct pt_soft_field *field);
/* True if entries of these kinds have a field for the number. */
bool pt_soft_has(const struct pt_format *f, unsigned kinds, enum pt_soft_number number);
void pt_soft_decode(const struct pt_mode *mode, pte_t pte, struct pt_soft *out);
/* ERR_RANGE: a field is too narrow. ERR_INVALID: the entry would read as zero or as another kind. */
MUST_USE err_t pt_soft_encode(const struct pt_mode *mode, const struct pt_soft *soft, pte_t *out);
