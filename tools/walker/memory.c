/* tools/walker/memory.c - the memory that is inspected, and the target that the shell's commands get.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/live/live.h"
#include "tools/walker/session.h"
#include "tools/walker/symbols.h"

/* ---- memory ---- */

static bool store_of_scenario(void *ctx, const char *name, const char *value)
{
	return setting_store(ctx, name, value, OF_SCENARIO);
}

/* The registers of CPU --cpu, by default the first. */
static bool choose_cpu(struct session *s)
{
	const struct options *o = &s->options;
	char *end;
	unsigned long n = o->cpu ? strtoul(o->cpu, &end, 10) : 0;
	unsigned cpus = s->image ? s->image->cpus : 0;

	if (o->cpu && (*end || !*o->cpu || n >= cpus)) {
		message("--cpu %s: %u CPUs are described here, from 0 on\n", o->cpu, cpus);
		return false;
	}
	s->cpu = n < cpus ? &s->image->cpu[n] : NULL;
	return true;
}

static int open_image(struct session *s)
{
	enum image_status status = IMAGE_REFUSED;

	if (s->options.gdb)
		s->image = live_open_gdb(s->options.gdb);
	else if (s->options.qmp)
		s->image = live_open_qmp(s->options.qmp);
	else
		s->image = image_open(s->options.image, &status);
	if (!s->image)
		return status;
	s->options.layout.base = s->setting[SET_BASE].value;
	if (image_set_layout(s->image, &s->options.layout))
		return ANSWERED;
	return s->image->status ? (int)s->image->status : WRONG_USE;
}

int memory_open(struct session *s)
{
	int status;

	if (s->options.image && scenario_is(s->options.image)) {
		if (s->options.layout.run || s->options.layout.hole) {
			message("%s: a scenario has no runs\n", s->options.image);
			return WRONG_USE;
		}
		s->scenario = scenario_open(s->options.image, store_of_scenario, s);
		status = s->scenario ? ANSWERED : WRONG_USE;
	} else {
		status = open_image(s);
	}
	if (status == ANSWERED && !choose_cpu(s))
		status = WRONG_USE;
	if (status == ANSWERED && s->options.regions && !regions_take(s, s->options.regions))
		status = WRONG_USE;
	if (status == ANSWERED && s->options.symbols) {
		s->symbols = symbols_open(s->options.symbols, s->setting[SET_SLIDE].value);
		status = s->symbols ? ANSWERED : WRONG_USE;
	}
	return status;
}

void memory_close(struct session *s)
{
	if (s->image)
		image_close(s->image);
	if (s->scenario)
		scenario_free(s->scenario);
	if (s->folds)
		folds_free(s->folds);
	regions_free(s);
	free(s->roots.list);
	if (s->symbols)
		symbols_close(s->symbols);
	free(s->options.layout.run);
}

err_t memory_read(struct session *s, uint64_t pa, void *buf, size_t n)
{
	err_t err = s->image ? image_read(s->image, pa, buf, n) : scenario_read(s->scenario, pa, buf, n);

	return err == OK ? OK : ERR_IO;
}

int memory_status(const struct session *s)
{
	return s->image ? (int)s->image->status : ANSWERED;
}

/* ---- the target ---- */

static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	return memory_read(ctx, pa.v, buf, n);
}

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	uint8_t raw[8] = { 0 };
	err_t err = memory_read(ctx, pa.v, raw, bytes);

	out->v = 0;
	for (unsigned i = 0; i < bytes; i++)
		out->v |= (uint64_t)raw[i] << 8 * i;
	return err;
}

/* A table met again with the same rights is shown once: one that names itself would otherwise have no end. */
static bool again(void *ctx, uint64_t va, paddr_t table, unsigned level, prot_t above)
{
	struct session *s = ctx;

	return folds_add(s->folds, va, table.v, level, above);
}

static void search(void *ctx)
{
	struct session *s = ctx;

	folds_search(s->folds);
}

static void found(void *ctx, unsigned level)
{
	struct session *s = ctx;

	folds_found(s->folds, level);
}

static void *grow(void *ctx, void *old, size_t bytes)
{
	(void)ctx;
	if (bytes)
		return realloc(old, bytes);
	free(old);
	return NULL;
}

/* cr3, ttbr0: any name of a format's root register is accepted; the others as the settings or the image have them. */
static err_t reg(void *ctx, const char *name, uint64_t *value)
{
	static const struct { const char *name; enum setting_id id; } others[] = {
		{ "cr0", SET_CR0 }, { "cr4", SET_CR4 }, { "efer", SET_EFER }, { "ttbcr", SET_TTBCR }, { "tcr", SET_TCR },
		{ "sctlr", SET_SCTLR }, { "satp", SET_SATP }, { "hgatp", SET_HGATP }, { "vtcr_el2", SET_VTCR },
	};
	struct session *s = ctx;
	const char *const names[] = { "cr3", "root", s->mode.upper ? "ttbr1" : "ttbr0" };

	if (s->scenario && scenario_register(s->scenario, name, value) == OK)
		return OK;
	if (s->halves.ttbr1_given && !strcmp(name, "ttbr1")) {
		*value = s->halves.ttbr1;
		return OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0) {
			*value = s->setting[SET_ROOT].value;
			return OK;
		}
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!strcmp(name, others[i].name) && s->setting[others[i].id].source) {
			*value = s->setting[others[i].id].value;
			return OK;
		}
	return s->cpu && image_register(s->cpu, name, value) ? OK : ERR_NOT_FOUND;
}

/* ---- symbols ---- */

/* A file of --symbols replaces those of a scenario. */
static err_t symbol(void *ctx, const char *name, unsigned i, uint64_t *value)
{
	const struct session *s = ctx;

	if (!s->symbols)
		return scenario_symbol(s->scenario, name, i, value);
	return symbols_named(s->symbols, name, i, value) ? OK : ERR_NOT_FOUND;
}

static const char *symbol_number(void *ctx, unsigned i, uint64_t *value)
{
	const struct session *s = ctx;

	return s->symbols ? symbols_number(s->symbols, i, value) : scenario_symbol_number(s->scenario, i, value);
}

static err_t symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	const struct session *s = ctx;
	uint64_t size;

	if (!s->symbols)
		return scenario_symbol_at(s->scenario, va, name, offset);
	return symbols_at(s->symbols, va, name, offset, &size) ? OK : ERR_NOT_FOUND;
}

static err_t symbol_size(void *ctx, uint64_t va, uint64_t *size)
{
	const struct session *s = ctx;
	const char *name;
	uint64_t offset;

	if (!s->symbols)
		return scenario_symbol_size(s->scenario, va, size);
	return symbols_at(s->symbols, va, &name, &offset, size) ? OK : ERR_NOT_FOUND;
}

/* .process and .cache. */
static void look(void *ctx, paddr_t root, enum decode decode)
{
	struct session *s = ctx;

	s->target.root = root;
	s->target.decode = decode;
}

void target_make(struct session *s)
{
	uint64_t first = 0, size = 0;
	const uint8_t *bytes = NULL;

	s->env = (struct pt_env){ .ctx = s, .read = read_entry, .again = again };
	if (s->image)
		image_linear(s->image, &bytes, &first, &size);
	if (size) {
		s->env.linear = (const char *)bytes;
		s->env.linear_first = first;
		s->env.linear_size = size;
	}
	s->target = (struct target){
		.name = s->scenario ? "a scenario" : s->options.image ? "an image" : "QEMU's memory",
		.mode = &s->mode, .env = &s->env, .ctx = s, .decode = DECODE_ALL,
		.only_memory = true, .read_phys = read_phys, .reg = reg, .search = search, .found = found, .second = second_space,
		.some_regions = !s->named && !s->layout, .grow = grow, .folds = !s->options.json && !s->options.csv,
		.root_number = s->options.roots ? roots_number : NULL,
	};
	if (s->scenario) {
		scenario_describe(s->scenario, &s->target);
		s->target.look = look;
	}
	if (!s->symbols && !(s->scenario && scenario_counts(s->scenario).symbols))
		return;
	s->target.symbol = symbol;
	s->target.symbol_number = symbol_number;
	s->target.symbol_at = symbol_at;
	s->target.symbol_size = symbol_size;
}
