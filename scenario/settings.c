/* scenario/settings.c - the settings of the paging mode: what the CPU has switched on, and where its tables are.
 * SPDX-License-Identifier: MIT
 *
 * The names and values are those of pagewalk's command line (docs/pagewalk.md).
 */
#include "inspect/refused.h"
#include "isa/isa.h"
#include "isa/setup.h"
#include "lib/string.h"
#include "scenario/impl.h"

enum id {
	FORMAT, ROOT, TTBR1, TTBCR, BASE, LEVELS, SELFMAP, DIRECT, DIRECT_SIZE, PA_BITS, CBIT, NX, WP, SMEP, SMAP, PSE, GIB, HA,
	AFE, TRE, PRRR, NMRR, PXN, SLIDE, UPPER, DACR, MAIR, CR0, CR3, CR4, EFER, TTBR0, TCR, SCTLR, VA_BITS,
	PBMT, NAPOT, EXECUTE_ONLY,
	SATP, SECOND, VTCR, HGATP,
};
enum width { NAME, FLAG, BITS, WORD, QUAD };

#define IN_MODE(field) offsetof(struct scenario, mode.field), sizeof(((struct scenario *)0)->mode.field)
#define IN_TARGET(field) offsetof(struct scenario, target.field), sizeof(((struct scenario *)0)->target.field)

/* offset 0: not a member by itself. Counts of bits and levels are decimal. */
static const struct { const char *name; uint8_t width; size_t offset, bytes; } known[SCENARIO_SETTINGS] = {
	[FORMAT] = { "format", NAME, 0, 0 }, [ROOT] = { "root", QUAD, 0, 0 }, [TTBR1] = { "ttbr1", QUAD, 0, 0 },
	[TTBCR] = { "ttbcr", QUAD, 0, 0 }, [BASE] = { "base", QUAD, 0, 0 }, [LEVELS] = { "levels", BITS, 0, 0 },
	[SELFMAP] = { "selfmap", QUAD, IN_TARGET(selfmap_base) }, [DIRECT] = { "direct", QUAD, IN_TARGET(direct_base) },
	[DIRECT_SIZE] = { "direct_size", QUAD, IN_TARGET(direct_size) }, [PA_BITS] = { "pa_bits", BITS, IN_MODE(pa_bits) },
	[CBIT] = { "cbit", BITS, 0, 0 }, [NX] = { "nx", FLAG, IN_MODE(nx) }, [WP] = { "wp", FLAG, IN_MODE(wp) },
	[SMEP] = { "smep", FLAG, IN_MODE(smep) }, [SMAP] = { "smap", FLAG, IN_MODE(smap) }, [PSE] = { "pse", FLAG, IN_MODE(pse) },
	[GIB] = { "gib", FLAG, IN_MODE(gib_pages) }, [HA] = { "ha", FLAG, IN_MODE(hw_accessed) },
	[AFE] = { "afe", FLAG, IN_MODE(afe) },
	[TRE] = { "tre", FLAG, IN_MODE(tre) }, [PRRR] = { "prrr", WORD, IN_MODE(prrr) }, [NMRR] = { "nmrr", WORD, IN_MODE(nmrr) },
	[PXN] = { "pxn", FLAG, IN_MODE(pxn) }, [SLIDE] = { "slide", QUAD, 0, 0 }, [UPPER] = { "upper", FLAG, IN_MODE(upper) },
	[DACR] = { "dacr", WORD, IN_MODE(dacr) }, [MAIR] = { "mair", QUAD, IN_MODE(mair) }, [CR0] = { "cr0", QUAD, 0, 0 },
	[CR3] = { "cr3", QUAD, 0, 0 }, [CR4] = { "cr4", QUAD, 0, 0 }, [EFER] = { "efer", QUAD, 0, 0 },
	[TTBR0] = { "ttbr0", QUAD, 0, 0 }, [TCR] = { "tcr", QUAD, 0, 0 }, [SCTLR] = { "sctlr", QUAD, 0, 0 },
	[VA_BITS] = { "va_bits", BITS, 0, 0 }, [PBMT] = { "pbmt", FLAG, IN_MODE(pbmt) },
	[NAPOT] = { "napot", FLAG, IN_MODE(napot) },
	[EXECUTE_ONLY] = { "execute_only", FLAG, IN_MODE(execute_only) }, [SATP] = { "satp", QUAD, 0, 0 },
	[SECOND] = { "second", NAME, 0, 0 }, [VTCR] = { "vtcr", QUAD, 0, 0 }, [HGATP] = { "hgatp", QUAD, 0, 0 },
};

static unsigned find(const char *name)
{
	unsigned i = 0;

	while (i < SCENARIO_SETTINGS && strcmp(name, known[i].name))
		i++;
	return i;
}

const char *scenario_setting_name(unsigned i)
{
	return i < SCENARIO_SETTINGS ? known[i].name : NULL;
}

static bool given(const struct scenario *s, enum id id)
{
	return s->settings.given >> id & 1;
}

bool scenario_setting(const struct scenario *s, const char *name, uint64_t *value)
{
	unsigned id = find(name);

	if (id == SCENARIO_SETTINGS || known[id].width == NAME || !given(s, id))
		return false;
	*value = s->settings.value[id];
	return true;
}

/* Decimal digits alone. */
static bool bits(const char *value, uint64_t *v)
{
	char text[8] = "0n";

	return str_copy(text + 2, value, sizeof(text) - 2) < sizeof(text) - 2 && scenario_number(text, v);
}

static bool fits(enum width width, uint64_t v)
{
	static const uint64_t most[] = { [FLAG] = 1, [BITS] = 64, [WORD] = UINT32_MAX, [QUAD] = UINT64_MAX };

	return v <= most[width];
}

/* The last one of a name counts. */
bool scenario_store_setting(void *ctx, const char *name, const char *value)
{
	struct scenario *s = ctx;
	unsigned id = find(name);
	uint64_t v;

	if (id == SCENARIO_SETTINGS)
		return false;
	if (known[id].width == NAME)
		v = (uintptr_t)pt_format_by_name(value);
	else if (known[id].width == BITS ? !bits(value, &v) : !scenario_number(value, &v))
		return false;
	if (known[id].width == NAME ? !v : !fits(known[id].width, v))
		return false;
	s->settings.value[id] = v;
	s->settings.given |= (uint64_t)1 << id;
	return true;
}

/* NULL: none is given. */
static const struct pt_format *format_of(const struct scenario *s)
{
	return given(s, FORMAT) ? (const struct pt_format *)(uintptr_t)s->settings.value[FORMAT] : NULL;
}

/* ---- what registers say: isa/setup.h ---- */

struct setup { struct scenario *s; struct out *errors; const struct pt_format *format; bool good, said[SCENARIO_SETTINGS]; };

static bool reg_value(void *ctx, const char *name, uint64_t *value)
{
	struct setup *u = ctx;
	unsigned id = find(name);

	if (id == SCENARIO_SETTINGS || !given(u->s, id))
		return false;
	*value = u->s->settings.value[id];
	return true;
}

static void contradiction(struct setup *u, unsigned id, const char *from)
{
	if (u->good)
		out_printf(u->errors, "%s= contradicts %s=\n", known[id].name, from);
	u->good = false;
}

static void say(void *ctx, const char *name, uint64_t value, const char *from)
{
	struct setup *u = ctx;
	unsigned id = find(name);

	if (!strcmp(name, "paging")) {
		u->s->target.flat = !value;
		return;
	}
	if (given(u->s, id) && u->s->settings.value[id] != value)
		contradiction(u, id, from);
	u->s->settings.value[id] = value;
	u->s->settings.given |= (uint64_t)1 << id;
}

static void say_format(void *ctx, const struct pt_format *format, const char *from)
{
	struct setup *u = ctx;
	const struct pt_format *old = format_of(u->s);

	/* TTBCR of 32 bits and TCR_EL1 are one setting: a format that is given decides. */
	if (old && find(from) == TTBCR)
		return;
	/* AArch64: a format that is given names the family, the register the granule. */
	if (old && old != format && !(old->isa == format->isa && format->caps & PT_TWO_ROOTS))
		contradiction(u, FORMAT, from);
	else
		u->format = format;
}

/* A second stage is for memory of guests, which the host's program reads. */
static void say_second(void *ctx, const struct pt_format *format, uint64_t root, const char *from)
{
	(void)ctx;
	(void)format;
	(void)root;
	(void)from;
}

/* ---- the mode ---- */

/* Few CPUs have the 52 bits of address that x86's formats allow: see tools/walker/settings.c. */
enum { USUAL_PA_BITS = 45 };

static void set_format(struct scenario *s, const struct pt_format *f)
{
	struct pt_mode *m = &s->mode;

	*m = (struct pt_mode){
		.format = f, .levels = f->levels, .pa_bits = f->caps & PT_MAXPHYADDR ? USUAL_PA_BITS : f->pa_bits,
		.nx = true, .wp = true, .pse = true, .pge = true, .gib_pages = true, .dacr = 0x55555555, .mair = PT_MAIR_DEFAULT,
		.prrr = 0xff0a81a8, .nmrr = 0x40e040e0, .pbmt = true, .napot = true, .execute_only = true,
		.hw_accessed = f->caps & PT_KEEPS_AD, .hw_dirty = f->caps & PT_KEEPS_AD,
	};
	for (unsigned i = 0; i < SCENARIO_SETTINGS; i++)
		if (known[i].offset && given(s, i))
			memcpy((char *)s + known[i].offset, &s->settings.value[i], known[i].bytes);
	if (f->caps & PT_AD_TOGETHER)
		m->hw_dirty = m->hw_accessed;
}

/* NULL, or what does not fit the format. */
static const char *unfit(struct scenario *s)
{
	struct pt_mode *m = &s->mode;
	const struct pt_format *f = m->format;
	uint64_t levels = given(s, LEVELS) ? s->settings.value[LEVELS] : f->levels, cbit = s->settings.value[CBIT];
	uint64_t va_bits = s->settings.value[VA_BITS];

	if (m->pa_bits > f->pa_bits || m->pa_bits < 32)
		return "pa_bits=: the format does not have that many";
	if (levels != f->levels && (!(f->caps & PT_FEWER_LEVELS) || levels < 2 || levels > f->levels))
		return "levels=: the format does not have that many";
	if (cbit && (!(f->caps & PT_HAS_CBIT) || cbit < 32 || cbit >= f->pa_bits))
		return "cbit=: the format has no such bit";
	if (m->tre && !(f->caps & PT_HAS_TEX_REMAP))
		return "tre=: the format has no TEX remap";
	if (va_bits && (!(f->caps & PT_FEWER_LEVELS) || va_bits > f->va_bits || va_bits <= f->level[0].shift + f->level[0].bits))
		return "va_bits=: the tables cannot translate that many";
	m->levels = (uint8_t)levels;
	if (va_bits && !given(s, LEVELS))
		pt_mode_set_va_bits(m, (unsigned)va_bits);
	if (va_bits)
		m->va_bits = (uint8_t)va_bits;
	if (cbit && m->pa_bits > cbit)
		m->pa_bits = (uint8_t)cbit;
	m->encrypted = cbit ? (uint64_t)1 << cbit : 0;
	return NULL;
}

static bool set_root(const struct pt_mode *mode, const char *name, uint64_t value, paddr_t *root, struct out *errors)
{
	char why[REFUSED_WHY];

	if (root_or_why(mode, value, root, why))
		return true;
	out_printf(errors, "%s=%llx: %s\n", name, (unsigned long long)value, why);
	return false;
}

/* Divides the addresses between two roots, as the control register says. */
static bool divide(struct scenario *s, struct out *errors)
{
	const struct isa *isa = s->mode.format->isa;
	struct pt_mode half[2];
	uint64_t control = given(s, TCR) ? s->settings.value[TCR] : s->settings.value[TTBCR];
	bool one_root = !given(s, TTBR1);

	if (!isa->divide || isa->divide(&s->mode, control, half) != OK || !half[s->mode.upper].levels) {
		out_printf(errors, "ttbcr=%llx: not a value of the format's register, or this half is switched off\n",
		           (unsigned long long)control);
		return false;
	}
	s->upper_mode = half[1];
	s->mode = half[s->mode.upper];
	if (one_root || !half[1].levels || (pt_mode_va_mask(&half[0]) == pt_mode_va_mask(&half[1]) && !half[1].upper))
		return true;
	s->upper.mode = &s->upper_mode;
	s->target.upper = &s->upper;
	return set_root(&s->upper_mode, "ttbr1", s->settings.value[TTBR1], &s->upper.root, errors);
}

static bool finish(struct scenario *s, struct out *errors)
{
	const char *what = unfit(s);

	if (what) {
		out_printf(errors, "%s\n", what);
		return false;
	}
	if ((given(s, TTBCR) || given(s, TCR)) && !divide(s, errors))
		return false;
	if (given(s, TTBR1) && !given(s, TTBCR) && !given(s, TCR)) {
		out_puts(errors, "ttbr1=: ttbcr= says which addresses are translated through it\n");
		return false;
	}
	return set_root(&s->mode, "root", s->settings.value[ROOT], &s->target.root, errors);
}

bool scenario_set_mode(struct scenario *s, struct out *errors)
{
	struct setup u = { .s = s, .errors = errors, .good = true };
	struct isa_setup setup = { &u, reg_value, say, say_format, say_second };

	u.format = format_of(s);
	isa_setup(&setup);
	if (!u.good)
		return false;
	if (!u.format) {
		out_puts(errors, "no format=\n");
		return false;
	}
	set_format(s, u.format);
	return finish(s, errors);
}
