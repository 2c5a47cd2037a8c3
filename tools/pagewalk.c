/* tools/pagewalk.c - the walker and the renderers as a program of the host: any system's tables, in any format.
 * SPDX-License-Identifier: MIT
 *
 * pagewalk FILE [NAME=VALUE]... COMMAND [EXPRESSION]...
 *
 * FILE is an image of physical memory (QEMU: pmemsave 0 SIZE "file"; a memory-backend-file) or a scenario, see
 * pagewalk_memory.h. The settings say what the CPU had switched on; a scenario has its own, later ones win. It makes
 * the same struct target that the kernel's shell has, so the words on the screen are the same.
 *
 * Exit status: 0 the question was answered, 1 there is no translation, a table could not be read or the output not be
 * written, 2 wrong use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/eval.h"
#include "inspect/explain.h"
#include "inspect/linux.h"
#include "inspect/windbg.h"
#include "lib/assert.h"
#include "tools/pagewalk_folds.h"
#include "tools/pagewalk_memory.h"
#include "tools/pagewalk_number.h"

enum { ANSWERED, FAILED, WRONG_USE };

struct session {
	struct memory *memory;
	struct pt_mode mode;
	struct pt_env env;
	struct target target;
	uint64_t root, base;
	uint64_t levels;          /* 0: all that the format has */
	bool pxn_given;
	bool unreadable;          /* an entry could not be read */
	struct folds *folds;
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
	struct session *s = ctx;
	err_t err = read_phys(ctx, pa, raw, bytes);

	s->unreadable |= err != OK;
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
	{ "ha", FLAG, offsetof(struct session, mode.hw_accessed), "the CPU sets the access flag (a64: TCR_EL1.HA)" },
	{ "afe", FLAG, offsetof(struct session, mode.afe), "SCTLR.AFE" },
	{ "pxn", FLAG, offsetof(struct session, mode.pxn), "the CPU has PXN" },
	{ "upper", FLAG, offsetof(struct session, mode.upper), "the root is TTBR1's" },
	{ "dacr", WORD, offsetof(struct session, mode.dacr), "domain access control" },
	{ "mair", QUAD, offsetof(struct session, mode.mair), "memory attributes; without it 444BBFF" },
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
	s->mode.hw_accessed = s->mode.hw_dirty = format->caps & PT_KEEPS_AD;
}

static bool is_setting(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (!strcmp(name, settings[i].name))
			return true;
	return !strcmp(name, "format");
}

/* Numbers as everywhere: hex, but counts of bits and levels as people say them, in decimal. */
static bool set(void *ctx, const char *name, const char *value)
{
	struct session *s = ctx;

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
		s->pxn_given |= !strcmp(name, "pxn");
		return parse_number(value, decimal ? 10 : 16, &v) && store_setting(s, i, v);
	}
	return false;
}

/* The root that a number names, or a message. */
static bool root_of(const struct pt_mode *mode, const char *what, uint64_t value, paddr_t *root)
{
	const struct pt_format *f = mode->format;
	err_t err = pt_root_of(mode, value, root);

	if (err == ERR_RANGE)
		fprintf(stderr, "%s%llx: bits above the %u of a physical address (pa_bits) would be dropped\n", what,
		        (unsigned long long)value, f->root_bits < mode->pa_bits ? f->root_bits : mode->pa_bits);
	else if (err != OK)
		fprintf(stderr, "%s%llx: bits would be dropped: a root of %s is aligned to %u %s%s%s\n", what,
		        (unsigned long long)value, f->name, f->root_align < 1024 ? f->root_align : f->root_align / 1024,
		        f->root_align < 1024 ? "bytes" : "KiB", f->root_other ? "; not supported: " : "",
		        f->root_other ? f->root_other : "");
	return err == OK;
}

/* ---- commands ---- */

struct command {
	const char *name;
	unsigned least, most;     /* expressions */
	const char *usage;
	/* ANSWERED or FAILED; WRONG_USE when a message was printed. */
	int (*run)(struct out *out, const struct target *t, const uint64_t *arg, unsigned n);
};

static int translated(const struct target *t, uint64_t va)
{
	struct pt_space space = target_space(t);
	struct pt_walk w;

	pt_walk(&space, va, &w, NULL, 0);
	return w.outcome == PT_LEAF ? ANSWERED : FAILED;
}

/* As the kernel's shell takes one: a root register's value, or the frame number of a root. */
static bool dirbase_of(const struct target *t, uint64_t value, paddr_t *root)
{
	enum { FIRST_ADDRESS = 0x100000 };

	*root = t->root;
	if (value == 0 || (pt_root_of(t->mode, value, root) == OK && root->v == t->root.v))
		return true;
	return root_of(t->mode, "", value < FIRST_ADDRESS ? value << PAGE_SHIFT : value, root);
}

static int run_pte(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	if (n == 2 && arg[1] < arg[0]) {
		fprintf(stderr, "the range ends before it begins\n");
		return WRONG_USE;
	}
	if (n == 1)
		windbg_pte(out, t, arg[0]);
	else
		windbg_pte_range(out, t, arg[0], arg[1], NULL, NULL);
	return n == 1 ? translated(t, arg[0]) : ANSWERED;
}

static int run_vtop(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	paddr_t root = t->root;

	if (n == 2 && !dirbase_of(t, arg[0], &root))
		return WRONG_USE;
	return windbg_vtop(out, t, root, arg[n - 1]) == OK ? ANSWERED : FAILED;
}

static int run_ptov(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	paddr_t root = t->root;

	if (n && !dirbase_of(t, arg[0], &root))
		return WRONG_USE;
	return windbg_ptov(out, t, root, NULL, NULL) == OK ? ANSWERED : FAILED;
}

static int run_linux(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	(void)n;
	linux_entries(out, t, arg[0]);
	return translated(t, arg[0]);
}

static int run_ptdump(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	const struct session *s = t->ctx;

	linux_ptdump(out, t, NULL, 0, n > 0 ? arg[0] : 0, n > 1 ? arg[1] : UINT64_MAX);
	return s->unreadable ? FAILED : ANSWERED;
}

static int run_explain(struct out *out, const struct target *t, const uint64_t *arg, unsigned n)
{
	(void)n;
	explain_va(out, t, arg[0]);
	return translated(t, arg[0]);
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

static int usage(FILE *to)
{
	fprintf(to, "pagewalk FILE [NAME=VALUE]... COMMAND [EXPRESSION]...\n\n"
	        "FILE: an image of physical memory, or a scenario (first line \"# pagewalk\")\n\nsettings:\n"
	        "  format        ");
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		fprintf(to, "%s%s", (*f)->name, f[1] ? "|" : "\n");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		fprintf(to, "  %-13s %s\n", settings[i].name, settings[i].what);
	fprintf(to, "\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %s\n", commands[i].usage);
	fprintf(to, "\nexit status: 0 answered; 1 no translation, an unreadable table or a write error; 2 wrong use\n");
	return to == stdout ? ANSWERED : WRONG_USE;
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

/* A setting is the name of one and an equals sign; == belongs to an expression. */
static bool is_assignment(const char *text)
{
	char name[16];
	size_t length = strcspn(text, "=");

	if (text[length] != '=' || length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = 0;
	return is_setting(name);
}

static int run_command(struct session *s, const struct command *c, char **text, unsigned n)
{
	struct out out = { .put = put_stdout };
	uint64_t arg[2];
	int status;

	for (unsigned k = 0; k < n; k++)
		if (is_assignment(text[k])) {
			fprintf(stderr, "%s: settings stand before the command\n", text[k]);
			return WRONG_USE;
		}
	if (n < c->least || n > c->most) {
		fprintf(stderr, "usage: %s\n", c->usage);
		return WRONG_USE;
	}
	for (unsigned k = 0; k < n; k++)
		if (!evaluate(&s->target, text[k], &arg[k]))
			return WRONG_USE;
	s->unreadable = false;
	status = c->run(&out, &s->target, arg, n);
	folds_print(s->folds, s->mode.format);
	return status;
}

static int run(struct session *s, const char *name, char **text, unsigned n)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(name, commands[i].name))
			return run_command(s, &commands[i], text, n);
	fprintf(stderr, "%s: no such command\n", name);
	return usage(stderr);
}

/* First-level entries of type 3 exist on a CPU with PXN alone (ARM DDI 0406C B3.5.1): one in the table tells that it is
 * one. Asked of the format: an entry that is bad without PXN and not bad with it. */
static void detect_pxn(struct session *s)
{
	const struct pt_format *f = s->mode.format;
	struct pt_mode with = s->mode;
	unsigned top = s->mode.levels - 1u;

	if (s->pxn_given || s->mode.pxn)
		return;
	with.pxn = true;
	for (unsigned i = 0; i < pt_level_entries(f, top); i++) {
		paddr_t at = paddr_add(s->target.root, (uint64_t)i * f->entry_bytes);
		pte_t pte;

		if (read_entry(s, at, f->entry_bytes, &pte) != OK || f->kind(&s->mode, top, pte) != PT_BAD ||
		    f->kind(&with, top, pte) == PT_BAD)
			continue;
		fprintf(stderr, "pxn=1 is assumed: the entry at %llx, %llx, exists only on a CPU that has PXN\n",
		        (unsigned long long)at.v, (unsigned long long)pte.v);
		s->mode.pxn = true;
		return;
	}
}

/* The number of levels is the format's, unless T0SZ can shorten the walk. */
static bool levels_fit(const struct session *s)
{
	const struct pt_format *f = s->mode.format;

	if (!s->levels || s->levels == f->levels)
		return true;
	return (f->caps & PT_FEWER_LEVELS) && s->levels >= 2 && s->levels < f->levels;
}

/* What can be said only when all settings are known. False: they do not fit together. */
static bool complete(struct session *s)
{
	const struct pt_format *f = s->mode.format;

	if (!f) {
		fprintf(stderr, "no format=\n");
		return false;
	}
	if (!levels_fit(s) || s->mode.pa_bits > f->pa_bits || s->mode.pa_bits < 32) {
		fprintf(stderr, "levels= or pa_bits= is not one that %s has\n", f->name);
		return false;
	}
	/* The upper half of a sign-extending format belongs to the same root; a 32-bit format's TTBR1 is not supported. */
	if (s->mode.upper && (f->va_bits <= 32 || (f->caps & PT_SIGN_EXTEND))) {
		fprintf(stderr, "upper=1: %s has no root of upper addresses here\n", f->name);
		return false;
	}
	if (s->levels)
		s->mode.levels = (uint8_t)s->levels;
	memory_set_base(s->memory, s->base);
	if (!root_of(&s->mode, "root=", s->root, &s->target.root))
		return false;
	s->target.hw_root = s->target.root;
	detect_pxn(s);
	return true;
}

/* Buffered output may fail as late as here: a full disk is no answer. */
static int finish(int status)
{
	if (!ferror(stdout) && !fflush(stdout))
		return status;
	fprintf(stderr, "standard output: %s\n", strerror(errno));
	return status == ANSWERED ? FAILED : status;
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
		.env = { .ctx = &s, .read = read_entry, .again = again },
		.target = {
			.name = "file", .mode = &s.mode, .env = &s.env, .ctx = &s, .decode = DECODE_ALL,
			.read_phys = read_phys, .reg = root_register, .symbol = no_symbol, .symbol_at = no_symbol_at,
		},
	};
	int i = 2, status;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return finish(usage(stdout));
	if (argc < 3)
		return usage(stderr);
	s.memory = memory_open(argv[1], set, &s);
	if (!s.memory)
		return WRONG_USE;
	for (; i < argc && strchr(argv[i], '='); i++) {
		char *equals = strchr(argv[i], '=');

		*equals = 0;
		if (!set(&s, argv[i], equals + 1)) {
			fprintf(stderr, "%s=%s: no such setting, or not a value of it\n", argv[i], equals + 1);
			return WRONG_USE;
		}
	}
	if (i == argc)
		return usage(stderr);
	s.folds = folds_new();
	status = complete(&s) ? run(&s, argv[i], argv + i + 1, (unsigned)(argc - i - 1)) : WRONG_USE;
	folds_free(s.folds);
	memory_close(s.memory);
	return finish(status);
}
