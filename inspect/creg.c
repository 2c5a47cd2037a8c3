/* inspect/creg.c - control registers with their bits by name.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/creg.h"
#include "lib/string.h"

const struct creg *creg_by_name(const char *name, const struct pt_mode *mode)
{
	for (const struct creg *r = mode->format->isa->registers; r->name; r++)
		if (!str_casecmp(name, r->name))
			return r;
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

	/* Targets have the registers under lower-case names. */
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

	for (const struct creg *r = t->mode->format->isa->registers; r->name; r++)
		if (read_reg(t, r, &value) == OK)
			creg_put(out, r, value);
}
