/* tools/walker/settings.c - the settings: names, widths, sources, and the mode that they make.
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "isa/setup.h"
#include "tools/walker/number.h"
#include "tools/walker/session.h"

enum width { NAME, FLAG, BYTE, WORD, QUAD };
static const struct { const char *name; enum width width; const char *what; } settings[SETTINGS] = {
	[SET_FORMAT] = { "format", NAME, "the paging format: see below" },
	[SET_ROOT] = { "root", QUAD, "CR3 or TTBR: where the tables begin" },
	[SET_TTBR1] = { "ttbr1", QUAD, "ARM: the root of the upper addresses, with ttbcr=" },
	[SET_TTBCR] = { "ttbcr", QUAD, "TTBCR or TCR_EL1: which addresses are TTBR1's" },
	[SET_BASE] = { "base", QUAD, "physical address of a raw image's first byte" },
	[SET_LEVELS] = { "levels", QUAD, "fewer than the format has (a64: 3)" },
	[SET_SELFMAP] = { "selfmap", QUAD, "where the self-map begins" },
	[SET_DIRECT] = { "direct", QUAD, "where the direct map begins" },
	[SET_DIRECT_SIZE] = { "direct_size", QUAD, "and how long it is" },
	[SET_PA_BITS] = { "pa_bits", BYTE, "MAXPHYADDR; without it 45 where the format allows 52" },
	[SET_CBIT] = { "cbit", BYTE, "address bit that marks encrypted memory (AMD: 47 or 51)" },
	[SET_NX] = { "nx", FLAG, "EFER.NXE" },
	[SET_WP] = { "wp", FLAG, "CR0.WP; without it 1" },
	[SET_SMEP] = { "smep", FLAG, "CR4.SMEP" },
	[SET_SMAP] = { "smap", FLAG, "CR4.SMAP" },
	[SET_PSE] = { "pse", FLAG, "CR4.PSE" },
	[SET_GIB] = { "gib", FLAG, "1 GiB pages" },
	[SET_HA] = { "ha", FLAG, "the CPU sets the access flag (a64: TCR_EL1.HA)" },
	[SET_AFE] = { "afe", FLAG, "SCTLR.AFE" },
	[SET_TRE] = { "tre", FLAG, "SCTLR.TRE: memory types by prrr and nmrr" },
	[SET_PRRR] = { "prrr", WORD, "without it Linux's ff0a81a8" },
	[SET_NMRR] = { "nmrr", WORD, "without it Linux's 40e040e0" },
	[SET_PXN] = { "pxn", FLAG, "the CPU has PXN" },
	[SET_SLIDE] = { "slide", QUAD, "added to the addresses of --symbols (KASLR)" },
	[SET_UPPER] = { "upper", FLAG, "the root is TTBR1's" },
	[SET_DACR] = { "dacr", WORD, "domain access control" },
	[SET_MAIR] = { "mair", QUAD, "memory attributes; without it 444BBFF" },
	[SET_CR0] = { "cr0", QUAD, "x86: says wp, and whether paging is on" },
	[SET_CR3] = { "cr3", QUAD, "x86: says root" },
	[SET_CR4] = { "cr4", QUAD, "x86: says pse, smep, smap and, with efer, the format" },
	[SET_EFER] = { "efer", QUAD, "x86: says nx and, with cr4, the format" },
	[SET_TTBR0] = { "ttbr0", QUAD, "ARM: says root" },
	[SET_TCR] = { "tcr", QUAD, "AArch64: TCR_EL1, as ttbcr; says the format" },
	[SET_VA_BITS] = { "va_bits", BYTE, "ARM without tcr: address bits that the root translates" },
	[SET_PBMT] = { "pbmt", FLAG, "RISC-V: menvcfg.PBMTE (Svpbmt); without it 1" },
	[SET_NAPOT] = { "napot", FLAG, "RISC-V: the CPU has Svnapot; without it 1" },
	[SET_EXECUTE_ONLY] = { "execute_only", FLAG, "EPT: the CPU has execute-only entries; without it 1" },
	[SET_SATP] = { "satp", QUAD, "RISC-V: says root and format, and whether paging is on" },
	[SET_SECOND] = { "second", NAME, "the format of the second stage: vtop --second" },
	[SET_VTCR] = { "vtcr", QUAD, "AArch64: VTCR_EL2, for a second stage" },
	[SET_HGATP] = { "hgatp", QUAD, "RISC-V: the second stage's root and format" },
	[SET_SCTLR] = { "sctlr", QUAD, "ARM: says afe, tre, and whether the MMU is on" },
};

void session_init(struct session *s)
{
	*s = (struct session){
		.mode = {
			.nx = true, .wp = true, .pse = true, .pge = true, .gib_pages = true,
			.dacr = 0x55555555, .mair = PT_MAIR_DEFAULT, .prrr = 0xff0a81a8, .nmrr = 0x40e040e0,
			.pbmt = true, .napot = true, .execute_only = true,
		},
	};
}

/* Counts of bits and levels are decimal, as people say them; everything else is hexadecimal. */
static bool is_decimal(enum setting_id id)
{
	return id == SET_PA_BITS || id == SET_LEVELS || id == SET_CBIT || id == SET_VA_BITS;
}

static enum setting_id find(const char *name)
{
	unsigned i = 0;

	while (i < SETTINGS && strcmp(name, settings[i].name))
		i++;
	return i;
}

bool setting_exists(const char *name)
{
	return find(name) < SETTINGS;
}

static bool fits(enum width width, uint64_t v)
{
	static const uint64_t most[] = { [FLAG] = 1, [BYTE] = 64, [WORD] = UINT32_MAX, [QUAD] = UINT64_MAX };

	return v <= most[width];
}

/* The command line has a setting once; in a scenario the last one counts. */
static bool twice(const struct session *s, enum setting_id id, uint64_t v, enum source source)
{
	if (source != OF_COMMAND_LINE || s->setting[id].source != source || s->setting[id].value == v)
		return false;
	message("%s= is given twice, with two values\n", settings[id].name);
	return true;
}

bool setting_store(struct session *s, const char *name, const char *value, enum source source)
{
	enum setting_id id = find(name);
	bool name_of_format = id < SETTINGS && settings[id].width == NAME;
	const struct pt_format *format = name_of_format ? pt_format_by_name(value) : NULL;
	uint64_t v = (uintptr_t)format;

	if (id == SETTINGS || (name_of_format && !format))
		return false;
	if (!name_of_format && (!parse_number(value, is_decimal(id) ? 10 : 16, &v) || !fits(settings[id].width, v)))
		return false;
	if (twice(s, id, v, source))
		return false;
	if (source < s->setting[id].source)
		return true;
	s->setting[id] = (struct setting){ v, source };
	if (format)
		*(id == SET_FORMAT ? &s->format : &s->second) = format;
	return true;
}

const char *setting_name(unsigned i, const char **what)
{
	if (i >= SETTINGS)
		return NULL;
	*what = settings[i].what;
	return settings[i].name;
}

/* ---- what registers say ---- */

struct setup { struct session *s; bool good; };

/* The value of a register: a setting, or what the file or the machine says. */
static bool reg_value(void *ctx, const char *name, uint64_t *value)
{
	struct setup *u = ctx;
	enum setting_id id = find(name);

	if (id < SETTINGS && u->s->setting[id].source) {
		*value = u->s->setting[id].value;
		return true;
	}
	return u->s->cpu && image_register(u->s->cpu, name, value);
}

/* The register's value counts as its source does; two of the same source must agree. */
static bool says(struct setup *u, enum setting_id id, uint64_t value, const char *from)
{
	enum setting_id reg = find(from);
	enum source source = reg < SETTINGS && u->s->setting[reg].source ? u->s->setting[reg].source : OF_IMAGE;
	struct setting *old = &u->s->setting[id];

	if (source < old->source)
		return false;
	if (source == old->source && source > OF_IMAGE && old->value != value) {
		u->good = false;
		return false;
	}
	*old = (struct setting){ value, source };
	return true;
}

static void say(void *ctx, const char *name, uint64_t value, const char *from)
{
	struct setup *u = ctx;
	enum setting_id id = find(name);
	bool before = u->good;

	if (!strcmp(name, "paging")) {
		u->s->off = !value;
		return;
	}
	says(u, id, value, from);
	if (before && !u->good)
		message("%s=%" PRIx64 " contradicts %s=, which says %" PRIx64 "\n", name, u->s->setting[id].value,
		        from, value);
}

static void say_format(void *ctx, const struct pt_format *format, const char *from)
{
	struct setup *u = ctx;
	bool before = u->good;

	/* TTBCR of 32 bits and TCR_EL1 are one setting: a format that is given decides. */
	if (find(from) == SET_TTBCR && u->s->setting[SET_FORMAT].source)
		return;
	/* AArch64: a format that is given names the family, the register the granule of each half. */
	if (u->s->setting[SET_FORMAT].source && u->s->format && u->s->format->isa == format->isa && format->caps & PT_TWO_ROOTS)
		u->s->setting[SET_FORMAT].value = (uintptr_t)format;
	if (says(u, SET_FORMAT, (uintptr_t)format, from))
		u->s->format = format;
	if (before && !u->good)
		message("format=%s contradicts %s=, which says %s\n", u->s->format->name, from, format->name);
}

static void say_second(void *ctx, const struct pt_format *format, uint64_t root, const char *from)
{
	struct setup *u = ctx;

	(void)from;
	u->s->second_root = root;
	if (!u->s->second)
		u->s->second = format;
}

/* TCR_EL1 under its own name, and TTBCR, are one value. */
static bool same_control(struct session *s)
{
	const struct setting *tcr = &s->setting[SET_TCR], *ttbcr = &s->setting[SET_TTBCR];

	if (!tcr->source || tcr->source < ttbcr->source)
		return true;
	if (tcr->source == ttbcr->source && tcr->value != ttbcr->value) {
		message("tcr= and ttbcr= are the same register, with two values\n");
		return false;
	}
	s->setting[SET_TTBCR] = *tcr;
	return true;
}

/* Registers that are settings by themselves, and what an image says beside them. */
static void take_registers(struct session *s)
{
	static const enum setting_id own[] = { SET_ROOT, SET_TTBR1, SET_TTBCR, SET_TCR, SET_MAIR, SET_DACR, SET_PRRR, SET_NMRR };
	uint64_t v;

	for (size_t i = 0; s->cpu && i < ARRAY_LEN(own); i++)
		if (!s->setting[own[i]].source && image_register(s->cpu, settings[own[i]].name, &v))
			s->setting[own[i]] = (struct setting){ v, OF_IMAGE };
}

/* ---- the mode ---- */

/* Few CPUs have the 52 bits of address that x86's formats allow, and systems keep bits of their own at the top: a C-bit, a
 * mark of entries that are not present. 45 are what a virtual machine of VMware's has. */
enum { USUAL_PA_BITS = 45 };

void settings_format(const struct session *s, struct pt_mode *mode, const struct pt_format *format)
{
	const struct setting *given = &s->setting[SET_PA_BITS];

	mode->format = format;
	mode->levels = format->levels;
	mode->va_bits = 0;
	mode->pa_bits = format->caps & PT_MAXPHYADDR ? USUAL_PA_BITS : format->pa_bits;
	if (given->source && given->value < format->pa_bits)
		mode->pa_bits = (uint8_t)given->value;
	mode->hw_accessed = mode->hw_dirty = format->caps & PT_KEEPS_AD;
}

#define PLACE(id, field) { id, offsetof(struct session, field), sizeof(((struct session *)0)->field) }
static const struct { enum setting_id id; size_t offset, bytes; } places[] = {
	PLACE(SET_PA_BITS, mode.pa_bits), PLACE(SET_NX, mode.nx), PLACE(SET_WP, mode.wp), PLACE(SET_SMEP, mode.smep),
	PLACE(SET_SMAP, mode.smap), PLACE(SET_PSE, mode.pse), PLACE(SET_GIB, mode.gib_pages), PLACE(SET_HA, mode.hw_accessed),
	PLACE(SET_AFE, mode.afe), PLACE(SET_TRE, mode.tre), PLACE(SET_PRRR, mode.prrr), PLACE(SET_NMRR, mode.nmrr),
	PLACE(SET_PXN, mode.pxn), PLACE(SET_UPPER, mode.upper), PLACE(SET_DACR, mode.dacr), PLACE(SET_MAIR, mode.mair),
	PLACE(SET_SELFMAP, target.selfmap_base), PLACE(SET_DIRECT, target.direct_base),
	PLACE(SET_PBMT, mode.pbmt), PLACE(SET_NAPOT, mode.napot), PLACE(SET_EXECUTE_ONLY, mode.execute_only),
	PLACE(SET_DIRECT_SIZE, target.direct_size), PLACE(SET_TTBR1, halves.ttbr1), PLACE(SET_TTBCR, halves.ttbcr),
};

/* Little-endian hosts only, as everything that reads tables here. */
static void set_places(struct session *s)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (s->setting[places[i].id].source)
			memcpy((char *)s + places[i].offset, &s->setting[places[i].id].value, places[i].bytes);
	s->halves.ttbr1_given = s->setting[SET_TTBR1].source;
	s->halves.ttbcr_given = s->setting[SET_TTBCR].source;
	if (s->mode.format->caps & PT_AD_TOGETHER)
		s->mode.hw_dirty = s->mode.hw_accessed;
}

/* While paging is off no table is read, and the format only says how wide addresses are. */
static const struct pt_format *widest(void)
{
	const struct pt_format *widest = pt_formats[0];

	for (const struct pt_format *const *f = pt_formats; *f; f++)
		if ((*f)->va_bits > widest->va_bits)
			widest = *f;
	return widest;
}

bool settings_apply(struct session *s)
{
	struct setup u = { s, true };
	struct isa_setup setup = { &u, reg_value, say, say_format, say_second };

	take_registers(s);
	if (!same_control(s))
		return false;
	isa_setup(&setup);
	if (!u.good)
		return false;
	if (!s->setting[SET_FORMAT].source && s->image && s->image->format[0])
		s->format = pt_format_by_name(s->image->format);
	/* The registers of a second stage alone: its own tables are looked at. */
	if (!s->format && s->second_root) {
		s->format = s->second;
		s->setting[SET_ROOT] = (struct setting){ s->second_root, OF_IMAGE };
	}
	if (!s->format && s->off)
		s->format = widest();
	s->target.flat = s->off;
	if (!s->format) {
		message("no format=; --detect searches an image for page tables\n");
		return false;
	}
	settings_format(s, &s->mode, s->format);
	set_places(s);
	return true;
}
