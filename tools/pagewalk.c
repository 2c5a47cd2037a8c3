/* tools/pagewalk.c - the walker and the renderers as a program of the host: any system's tables, in any format.
 * SPDX-License-Identifier: MIT
 *
 * pagewalk FILE [NAME=VALUE]... COMMAND [EXPRESSION]...
 *
 * FILE is an image of physical memory (QEMU: pmemsave 0 SIZE "file"; a memory-backend-file) or a scenario, see
 * pagewalk_memory.h. The settings say what the CPU had switched on; a scenario has its own, later ones win. It makes
 * the same struct target that the kernel's shell has, so the words on the screen are the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/assert.h"
#include "kernel/inspect/eval.h"
#include "kernel/inspect/explain.h"
#include "kernel/inspect/linux.h"
#include "kernel/inspect/windbg.h"
#include "tools/pagewalk_memory.h"

struct session {
	struct memory *memory;
	struct pt_mode mode;
	struct pt_env env;
	struct target target;
	uint64_t root, base;
	uint64_t levels;          /* 0: all that the format has */
};

/* ---- the target ---- */

static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	struct session *s = ctx;

	return memory_read(s->memory, pa.v, buf, n);
}

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	uint8_t raw[8] = { 0 };
	err_t err = read_phys(ctx, pa, raw, bytes);

	out->v = 0;
	for (unsigned i = 0; i < bytes; i++)
		out->v |= (uint64_t)raw[i] << 8 * i;
	return err;
}

/* cr3, ttbr0: whatever the format's root register is called, it is the root. */
static err_t root_register(void *ctx, const char *name, uint64_t *value)
{
	static const char *const names[] = { "cr3", "ttbr0", "ttbr1", "root" };
	struct session *s = ctx;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*value = s->root;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

static err_t no_symbol(void *ctx, const char *name, unsigned i, uint64_t *value)
{
	(void)ctx;
	(void)name;
	(void)i;
	(void)value;
	return ERR_NOT_FOUND;
}

static err_t no_symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	(void)ctx;
	(void)va;
	(void)name;
	(void)offset;
	return ERR_NOT_FOUND;
}

/* ---- settings ---- */

enum width { FLAG, BYTE, WORD, QUAD };
static const struct { const char *name; enum width width; size_t offset; const char *what; } settings[] = {
	{ "root", QUAD, offsetof(struct session, root), "CR3 or TTBR: where the tables begin" },
	{ "base", QUAD, offsetof(struct session, base), "physical address of an image's first byte" },
	{ "levels", QUAD, offsetof(struct session, levels), "fewer than the format has (a64: 3)" },
	{ "selfmap", QUAD, offsetof(struct session, target.selfmap_base), "where the self-map begins" },
	{ "direct", QUAD, offsetof(struct session, target.direct_base), "where the direct map begins" },
	{ "direct_size", QUAD, offsetof(struct session, target.direct_size), "and how long it is" },
	{ "pa_bits", BYTE, offsetof(struct session, mode.pa_bits), "MAXPHYADDR" },
	{ "nx", FLAG, offsetof(struct session, mode.nx), "EFER.NXE" },
	{ "pse", FLAG, offsetof(struct session, mode.pse), "CR4.PSE" },
	{ "gib", FLAG, offsetof(struct session, mode.gib_pages), "1 GiB pages" },
	{ "afe", FLAG, offsetof(struct session, mode.afe), "SCTLR.AFE" },
	{ "pxn", FLAG, offsetof(struct session, mode.pxn), "the CPU has PXN" },
	{ "upper", FLAG, offsetof(struct session, mode.upper), "the root is TTBR1's" },
	{ "dacr", WORD, offsetof(struct session, mode.dacr), "domain access control" },
	{ "mair", QUAD, offsetof(struct session, mode.mair), "memory attributes" },
};

static bool store_setting(struct session *s, size_t i, uint64_t v)
{
	void *at = (char *)s + settings[i].offset;

	switch (settings[i].width) {
	case FLAG:
		*(bool *)at = v;
		return v <= 1;
	case BYTE:
		*(uint8_t *)at = (uint8_t)v;
		return v <= 64;
	case WORD:
		*(uint32_t *)at = (uint32_t)v;
		return v <= UINT32_MAX;
	default:
		*(uint64_t *)at = v;
		return true;
	}
}

static void set_format(struct session *s, const struct pt_format *format)
{
	s->mode.format = format;
	s->mode.levels = format->levels;
	s->mode.pa_bits = format->pa_bits;
}

/* Numbers as everywhere: hex, but counts of bits and levels as people say them, in decimal. */
static bool set(void *ctx, const char *name, const char *value)
{
	struct session *s = ctx;
	char *end;

	if (strcmp(name, "format") == 0) {
		const struct pt_format *format = pt_format_by_name(value);

		if (format)
			set_format(s, format);
		return format != NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		bool decimal = !strcmp(name, "pa_bits") || !strcmp(name, "levels");
		uint64_t v;

		if (strcmp(name, settings[i].name) != 0)
			continue;
		v = strtoull(value, &end, decimal ? 10 : 16);
		return *value && !*end && store_setting(s, i, v);
	}
	return false;
}

/* ---- commands ---- */

struct command {
	const char *name;
	unsigned least, most;     /* expressions */
	const char *usage;
	void (*run)(struct out *out, const struct target *t, const uint64_t *arg, unsigned n);
};

static void run_pte(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	if (n == 2)
		windbg_pte_range(out, t, arg[0], arg[1], NULL, NULL);
	else
		windbg_pte(out, t, arg[0]);
}

static void run_vtop(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	paddr_t root = n == 2 && arg[0] ? PADDR(arg[0]) : t->root;

	/* The failure is part of what was printed. */
	(void)!windbg_vtop(out, t, root, arg[n - 1]);
}

static void run_ptov(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	(void)!windbg_ptov(out, t, n ? PADDR(arg[0]) : t->root, NULL, NULL);
}

static void run_linux(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	(void)n;
	linux_entries(out, t, arg[0]);
}

static void run_ptdump(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	linux_ptdump(out, t, NULL, 0, n > 0 ? arg[0] : 0, n > 1 ? arg[1] : UINT64_MAX);
}

static void run_explain(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	(void)n;
	explain_va(out, t, arg[0]);
}

static const struct command commands[] = {
	{ "pte", 1, 2, "pte VA | pte FIRST LAST", run_pte },
	{ "vtop", 1, 2, "vtop VA | vtop DIRBASE VA", run_vtop },
	{ "ptov", 0, 1, "ptov [DIRBASE]", run_ptov },
	{ "entries", 1, 1, "entries VA             Linux's line of an oops", run_linux },
	{ "ptdump", 0, 2, "ptdump [FIRST [LAST]]", run_ptdump },
	{ "explain", 1, 1, "explain VA", run_explain },
};

static void put_stdout(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	fwrite(bytes, 1, n, stdout);
}

static int usage(void)
{
	fprintf(stderr, "pagewalk FILE [NAME=VALUE]... COMMAND [EXPRESSION]...\n\n"
	        "FILE: an image of physical memory, or a scenario (first line \"# pagewalk\")\n\nsettings:\n"
	        "  format        ");
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		fprintf(stderr, "%s%s", (*f)->name, f[1] ? "|" : "\n");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		fprintf(stderr, "  %-13s %s\n", settings[i].name, settings[i].what);
	fprintf(stderr, "\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(stderr, "  %s\n", commands[i].usage);
	return 2;
}

/* A caret under what is wrong with an expression. */
static bool evaluate(const struct target *t, const char *text, uint64_t *value)
{
	struct eval_error error;
	const char *end = text;

	if (eval(t, text, 16, &end, value, &error) == OK && *end == 0) {
		*value = target_address(t, *value);
		return true;
	}
	if (*end == 0 || end == text)
		fprintf(stderr, "%s\n%*s^ %s\n", text, (int)error.at, "", error.what);
	else
		fprintf(stderr, "%s\n%*s^ not part of an expression\n", text, (int)(end - text), "");
	return false;
}

static int run(struct session *s, const char *name, char **text, unsigned n)
{
	struct out out = { .put = put_stdout };
	uint64_t arg[2];

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const struct command *c = &commands[i];

		if (strcmp(name, c->name) != 0)
			continue;
		if (n < c->least || n > c->most) {
			fprintf(stderr, "usage: %s\n", c->usage);
			return 2;
		}
		for (unsigned k = 0; k < n; k++)
			if (!evaluate(&s->target, text[k], &arg[k]))
				return 2;
		c->run(&out, &s->target, arg, n);
		return 0;
	}
	fprintf(stderr, "%s: no such command\n", name);
	return usage();
}

/* What can be said only when all settings are known. False: they do not fit together. */
static bool complete(struct session *s)
{
	const struct pt_format *f = s->mode.format;

	if (!f || s->levels > f->levels || (s->levels && s->levels < 2) || s->mode.pa_bits > f->pa_bits ||
	    s->mode.pa_bits < 32) {
		fprintf(stderr, !f ? "no format=\n" : "levels= or pa_bits= is not one that %s has\n", f ? f->name : "");
		return false;
	}
	if (s->levels)
		s->mode.levels = (uint8_t)s->levels;
	memory_set_base(s->memory, s->base);
	/* Low bits of the register are not the address's: cache attributes, PCID. */
	s->target.root = PADDR(ALIGN_DOWN(s->root, (uint64_t)f->root_align));
	s->target.hw_root = s->target.root;
	return true;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

int main(int argc, char **argv)
{
	static struct session s = {
		.mode = {
			.nx = true, .pse = true, .pge = true, .gib_pages = true,
			.dacr = 0x55555555, .mair = PT_MAIR_DEFAULT,
		},
		.env = { .ctx = &s, .read = read_entry },
		.target = {
			.name = "file", .mode = &s.mode, .env = &s.env, .ctx = &s, .decode = DECODE_ALL,
			.read_phys = read_phys, .reg = root_register, .symbol = no_symbol, .symbol_at = no_symbol_at,
		},
	};
	int i = 2, status;

	if (argc < 3)
		return usage();
	s.memory = memory_open(argv[1], set, &s);
	if (!s.memory)
		return 2;
	for (; i < argc && strchr(argv[i], '='); i++) {
		char *equals = strchr(argv[i], '=');

		*equals = 0;
		if (!set(&s, argv[i], equals + 1)) {
			fprintf(stderr, "%s=%s: no such setting, or not a value of it\n", argv[i], equals + 1);
			return 2;
		}
	}
	if (i == argc)
		return usage();
	status = complete(&s) ? run(&s, argv[i], argv + i + 1, (unsigned)(argc - i - 1)) : 2;
	memory_close(s.memory);
	return status;
}
