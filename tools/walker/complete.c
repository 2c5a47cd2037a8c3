/* tools/walker/complete.c - checks that need all settings, and what follows from them.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "isa/second.h"
#include "tools/walker/session.h"

/* First-level entries of type 3 exist on a CPU with PXN alone (ARM DDI 0406C B3.5.1): one such entry in the
 * table shows that the CPU has it. Tested with the format: an entry that is bad without PXN and not bad with it. */
static void detect_pxn(struct session *s)
{
	const struct pt_format *f = s->mode.format;
	struct pt_mode with = s->mode;
	unsigned top = s->mode.levels - 1u;

	if (setting_given(s, SET_PXN) || s->mode.pxn)
		return;
	with.pxn = true;
	for (unsigned i = 0; i < pt_root_entries(&s->mode); i++) {
		paddr_t at = paddr_add(s->target.root, (uint64_t)i * f->entry_bytes);
		pte_t pte;

		if (pt_read(&s->env, at, f->entry_bytes, &pte) != OK || f->kind(&s->mode, top, pte) != PT_BAD ||
		    f->kind(&with, top, pte) == PT_BAD)
			continue;
		message("pxn=1 is assumed: the entry at %llx, %llx, exists only on a CPU that has PXN\n",
		        (unsigned long long)at.v, (unsigned long long)pte.v);
		s->mode.pxn = true;
		return;
	}
}

/* The number of levels is the format's, unless T0SZ can shorten the walk. */
static bool levels_fit(const struct session *s)
{
	const struct pt_format *f = s->mode.format;
	uint64_t levels = s->setting[SET_LEVELS].value;

	if (!levels || levels == f->levels)
		return true;
	return (f->caps & PT_FEWER_LEVELS) && levels >= 2 && levels < f->levels;
}

/* The address bits of the root. With levels= they make the root table smaller; in a second stage also a row of up to sixteen
 * tables. */
static bool set_va_bits(struct session *s)
{
	const struct pt_format *f = s->mode.format;
	uint64_t bits = s->setting[SET_VA_BITS].value;
	const struct pt_level *top;
	unsigned more = f->caps & PT_SECOND_STAGE ? 4 : 0;

	if (!bits)
		return true;
	if ((f->caps & PT_FEWER_LEVELS) && bits <= f->va_bits && !s->setting[SET_LEVELS].value)
		pt_mode_set_va_bits(&s->mode, (unsigned)bits);
	s->mode.va_bits = (uint8_t)bits;
	top = &f->level[s->mode.levels - 1];
	if ((f->caps & PT_FEWER_LEVELS) && bits <= f->va_bits && bits > top->shift && bits <= top->shift + f->level[0].bits + more)
		return true;
	message("va_bits=: the tables of %s cannot translate that many bits\n", f->name);
	return false;
}

/* VTCR_EL2 of a second stage whose own tables are looked at. */
static bool set_second_mode(struct session *s)
{
	struct isa_second q = {
		.first = s->mode.format, .format = s->mode.format, .root = s->setting[SET_ROOT].value,
		.has_control = s->setting[SET_VTCR].source, .control = s->setting[SET_VTCR].value,
	};

	if (!(s->mode.format->caps & PT_SECOND_STAGE) || isa_second_mode(&q, &s->mode) == OK)
		return true;
	message("vtcr=%llx is not a value of the register\n", (unsigned long long)q.control);
	return false;
}

/* The C-bit is one of the address bits from 32 up that the format has. */
static bool cbit_fits(const struct session *s)
{
	uint64_t cbit = s->setting[SET_CBIT].value;

	return !cbit || ((s->mode.format->caps & PT_HAS_CBIT) && cbit >= 32 && cbit < s->mode.format->pa_bits);
}

/* SCTLR.TRE is one, or whatever a system writes, where the format has no use for it. */
static bool tre_fits(struct session *s)
{
	bool used = s->mode.format->caps & PT_HAS_TEX_REMAP, asked = s->mode.tre && setting_given(s, SET_TRE);

	s->mode.tre &= used;
	return used || !asked || s->setting[SET_SCTLR].source;
}

/* What the settings say of the layout, in the order of addresses. */
static void set_regions(struct session *s)
{
	struct target *t = &s->target;
	uint64_t first, last;
	unsigned n = 0;

	if (s->layout && !s->off)
		linux_regions(s, s->layout);
	if (s->layout)
		return;
	if (s->named) {
		t->regions = s->regions;
		return;
	}
	if (t->direct_size)
		s->regions[n++] = (struct region){
			t->direct_base, t->direct_base + (t->direct_size - 1), REGION_LOGICAL, "direct map",
		};
	if (target_selfmap(t, &first, &last)) {
		bool below = n && first < s->regions[0].first;

		if (below)
			s->regions[1] = s->regions[0];
		s->regions[below ? 0 : n] = (struct region){ first, last, REGION_SELFMAP, "self-map" };
		n++;
	}
	t->regions = n ? s->regions : NULL;
}

static bool values_fit(struct session *s)
{
	const struct pt_format *f = s->mode.format;
	uint64_t cbit = s->setting[SET_CBIT].value;

	if (!levels_fit(s) || s->mode.pa_bits > f->pa_bits || s->mode.pa_bits < 32) {
		message("levels= or pa_bits= is not one that %s has\n", f->name);
		return false;
	}
	if (!cbit_fits(s) || !tre_fits(s)) {
		message("cbit= or tre= is not one that %s has\n", f->name);
		return false;
	}
	/* The address ends below it. */
	if (cbit && s->mode.pa_bits > cbit)
		s->mode.pa_bits = (uint8_t)cbit;
	s->mode.encrypted = cbit ? (uint64_t)1 << cbit : 0;
	/* The upper half of a sign-extending format belongs to the same root; a 32-bit format's TTBR1 depends on TTBCR. */
	if (s->mode.upper && ((f->va_bits <= 32 && !s->halves.ttbcr_given) || (f->caps & PT_SIGN_EXTEND))) {
		message("upper=1: %s has no root of upper addresses here\n", f->name);
		return false;
	}
	return true;
}

bool session_complete(struct session *s)
{
	uint64_t root;

	if (!settings_apply(s))
		return false;
	root = s->setting[SET_ROOT].value;
	if (!values_fit(s))
		return false;
	if (s->setting[SET_LEVELS].value)
		s->mode.levels = (uint8_t)s->setting[SET_LEVELS].value;
	if (!set_va_bits(s) || !set_second_mode(s))
		return false;
	if (!halves_set(&s->halves, &s->mode, &s->target))
		return false;
	if (!halves_root(&s->mode, "root", s->halves.only_upper ? s->halves.ttbr1 : root, &s->target.root))
		return false;
	s->target.hw_root = s->target.root;
	set_regions(s);
	detect_pxn(s);
	s->halves.mode.pxn = s->mode.pxn;
	if (s->scenario)
		scenario_adopt(s->scenario, &s->target);
	return true;
}
