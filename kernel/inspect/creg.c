/* kernel/inspect/creg.c - control registers with their bits by name.
 * SPDX-License-Identifier: MIT
 *
 * Intel SDM vol. 3A 2.5 (CR0 to CR4), 2.2.1 (EFER); ARM DDI 0406C B4.1.130 (SCTLR), B4.1.153 (TTBCR), B4.1.154
 * (TTBR0), B4.1.43 (DACR). SCTLR bits that ARMv7 fixes keep the names of ARMv6, which Linux uses.
 */
#include "kernel/inspect/creg.h"
#include "kernel/string.h"

#define FLAG(name, bit) { name, bit, 1, CREG_FLAG, NULL }
#define NUMBER(name, bit, width) { name, bit, width, CREG_NUMBER, NULL }
#define ADDRESS(name, bit, width) { name, bit, width, CREG_ADDRESS, NULL }
#define WORD(name, bit, width, words) { name, bit, width, CREG_WORD, words }

static const struct creg_bit cr0[] = {
	FLAG("PG", 31), FLAG("CD", 30), FLAG("NW", 29), FLAG("AC", 18), FLAG("WP", 16), FLAG("NE", 5), FLAG("ET", 4),
	FLAG("TS", 3), FLAG("EM", 2), FLAG("MP", 1), FLAG("PE", 0),
};
static const struct creg_bit cr2[] = { ADDRESS("LADDR", 0, 64) };
static const struct creg_bit cr3[] = { ADDRESS("BASE", 12, 40), FLAG("PCD", 4), FLAG("PWT", 3) };
static const struct creg_bit cr3_pae[] = { ADDRESS("BASE", 5, 27), FLAG("PCD", 4), FLAG("PWT", 3) };
static const struct creg_bit cr4[] = {
	FLAG("PKS", 24), FLAG("CET", 23), FLAG("PKE", 22), FLAG("SMAP", 21), FLAG("SMEP", 20),
	FLAG("OSXSAVE", 18), FLAG("PCID", 17), FLAG("FSGSBASE", 16), FLAG("SMX", 14), FLAG("VMX", 13),
	FLAG("LA57", 12), FLAG("UMIP", 11), FLAG("OSXMMEXCPT", 10), FLAG("OSFXSR", 9), FLAG("PCE", 8),
	FLAG("PGE", 7), FLAG("MCE", 6), FLAG("PAE", 5), FLAG("PSE", 4), FLAG("DE", 3), FLAG("TSD", 2),
	FLAG("PVI", 1), FLAG("VME", 0),
};
static const struct creg_bit efer[] = {
	FLAG("FFXSR", 14), FLAG("NXE", 11), FLAG("LMA", 10), FLAG("LME", 8), FLAG("SCE", 0),
};

static const struct creg_bit sctlr[] = {
	FLAG("TE", 30), FLAG("AFE", 29), FLAG("TRE", 28), FLAG("NMFI", 27), FLAG("EE", 25), FLAG("VE", 24),
	FLAG("XP", 23), FLAG("U", 22), FLAG("FI", 21), FLAG("UWXN", 20), FLAG("WXN", 19), FLAG("IT", 18),
	FLAG("HA", 17), FLAG("DT", 16), FLAG("L4", 15), FLAG("RR", 14), FLAG("V", 13), FLAG("I", 12),
	FLAG("Z", 11), FLAG("F", 10), FLAG("R", 9), FLAG("S", 8), FLAG("B", 7), FLAG("L", 6), FLAG("D", 5),
	FLAG("P", 4), FLAG("W", 3), FLAG("C", 2), FLAG("A", 1), FLAG("M", 0),
};
static const struct creg_bit ttbcr[] = { FLAG("EAE", 31), FLAG("PD1", 5), FLAG("PD0", 4), NUMBER("N", 0, 3) };
static const char *const cacheability[] = { "NC", "WBWA", "WT", "WB" };
static const char *const shareability[] = { "none", "reserved", "outer", "inner" };
static const struct creg_bit ttbcr_lpae[] = {
	FLAG("EAE", 31), WORD("SH1", 28, 2, shareability), WORD("ORGN1", 26, 2, cacheability),
	WORD("IRGN1", 24, 2, cacheability), FLAG("EPD1", 23), FLAG("A1", 22), NUMBER("T1SZ", 16, 3),
	WORD("SH0", 12, 2, shareability), WORD("ORGN0", 10, 2, cacheability), WORD("IRGN0", 8, 2, cacheability),
	FLAG("EPD0", 7), NUMBER("T0SZ", 0, 3),
};
/* With the multiprocessing extensions IRGN is split: its high bit stands at 0, its low one at 6. */
static const struct creg_bit ttbr[] = {
	ADDRESS("BASE", 7, 25), FLAG("IRGN[0]", 6), FLAG("NOS", 5), WORD("RGN", 3, 2, cacheability), FLAG("IMP", 2),
	FLAG("S", 1), FLAG("IRGN[1]", 0),
};
static const struct creg_bit ttbr_lpae[] = { NUMBER("ASID", 48, 8), ADDRESS("BASE", 5, 35) };

static const char *const domain_access[] = { "none", "client", "reserved", "manager" };
#define DOMAIN(name, n) { name, 2 * (n), 2, CREG_SET_WORD, domain_access }
static const struct creg_bit dacr[] = {
	DOMAIN("D15", 15), DOMAIN("D14", 14), DOMAIN("D13", 13), DOMAIN("D12", 12), DOMAIN("D11", 11),
	DOMAIN("D10", 10), DOMAIN("D9", 9), DOMAIN("D8", 8), DOMAIN("D7", 7), DOMAIN("D6", 6),
	DOMAIN("D5", 5), DOMAIN("D4", 4), DOMAIN("D3", 3), DOMAIN("D2", 2), DOMAIN("D1", 1), DOMAIN("D0", 0),
};

#define REG(name, format, digits, bits) { name, format, digits, ARRAY_LEN(bits), bits }
/* The first row of a name that fits the format holds. */
static const struct creg registers[] = {
	REG("CR0", NULL, 8, cr0), REG("CR2", NULL, 16, cr2), REG("CR3", "pae", 12, cr3_pae), REG("CR3", NULL, 12, cr3),
	REG("CR4", NULL, 8, cr4), REG("EFER", NULL, 8, efer), REG("SCTLR", NULL, 8, sctlr),
	REG("TTBCR", "lpae", 8, ttbcr_lpae), REG("TTBCR", NULL, 8, ttbcr), REG("TTBR0", "lpae", 16, ttbr_lpae),
	REG("TTBR0", NULL, 8, ttbr), REG("TTBR1", "lpae", 16, ttbr_lpae), REG("TTBR1", NULL, 8, ttbr),
	REG("DACR", NULL, 8, dacr),
};

static bool fits(const struct creg *reg, const struct pt_mode *mode)
{
	return !reg->format || !strcmp(reg->format, mode->format->name);
}

const struct creg *creg_by_name(const char *name, const struct pt_mode *mode)
{
	for (size_t i = 0; i < ARRAY_LEN(registers); i++)
		if (!str_casecmp(name, registers[i].name) && fits(&registers[i], mode))
			return &registers[i];
	return NULL;
}

static void put_lower(struct out *out, const char *name)
{
	for (; *name; name++)
		out_char(out, *name >= 'A' && *name <= 'Z' ? (char)(*name + 'a' - 'A') : *name);
}

static void put_bit(struct out *out, const struct creg_bit *bit, uint64_t value)
{
	uint64_t mask = (bit->width == 64 ? 0 : (uint64_t)1 << bit->width) - 1, v = value >> bit->bit & mask;

	if (bit->form == CREG_SET_WORD && v == 0)
		return;
	out_char(out, ' ');
	if (bit->form == CREG_FLAG && !v)
		put_lower(out, bit->name);
	else
		out_puts(out, bit->name);
	if (bit->form == CREG_NUMBER)
		out_printf(out, "=%llx", (unsigned long long)v);
	else if (bit->form == CREG_ADDRESS)
		out_printf(out, "=%llx", (unsigned long long)(v << bit->bit));
	else if (bit->form != CREG_FLAG)
		out_printf(out, "=%s", bit->words[v]);
}

void creg_put(struct out *out, const struct creg *reg, uint64_t value)
{
	out_printf(out, "%s=0x%0*llx:", reg->name, reg->digits, (unsigned long long)value);
	for (unsigned i = 0; i < reg->count; i++)
		put_bit(out, &reg->bits[i], value);
	out_char(out, '\n');
}

static err_t read_reg(const struct target *t, const struct creg *reg, uint64_t *value)
{
	char name[16];

	/* Targets know registers by their small letters. */
	str_copy(name, reg->name, sizeof(name));
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 'a' - 'A');
	return t->reg ? t->reg(t->ctx, name, value) : ERR_NOT_FOUND;
}

err_t creg_show(struct out *out, const struct target *t, const char *name)
{
	const struct creg *reg = creg_by_name(name, t->mode);
	uint64_t value;

	if (!reg || read_reg(t, reg, &value) != OK)
		return ERR_NOT_FOUND;
	creg_put(out, reg, value);
	return OK;
}

void creg_show_all(struct out *out, const struct target *t)
{
	uint64_t value;

	for (size_t i = 0; i < ARRAY_LEN(registers); i++)
		if (creg_by_name(registers[i].name, t->mode) == &registers[i] &&
		    read_reg(t, &registers[i], &value) == OK)
			creg_put(out, &registers[i], value);
}
