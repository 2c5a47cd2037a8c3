/* tools/pagewalk.c - the walker and the renderers as a program of the host: any system's tables, in any format.
 * SPDX-License-Identifier: MIT
 *
 * pagewalk FILE [NAME=VALUE]... COMMAND [ARGUMENT]...
 *
 * FILE is an image of physical memory (QEMU: pmemsave 0 SIZE "file"; a memory-backend-file) or a scenario, see
 * pagewalk_memory.h. The settings say what the CPU had switched on; a scenario has its own, later ones win. It makes
 * a struct target as the kernel's shell has one, and runs the shell's commands (shell/look/).
 *
 * Exit status: 0 the question was answered, 1 there is no translation, a table could not be read or the output not be
 * written, 2 wrong use.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/target.h"
#include "lib/assert.h"
#include "shell/command.h"
#include "tools/pagewalk_folds.h"
#include "tools/pagewalk_halves.h"
#include "tools/pagewalk_memory.h"
#include "tools/pagewalk_number.h"

enum { ANSWERED, FAILED, WRONG_USE };

struct session {
	struct memory *memory;
	struct pt_mode mode;
	struct pt_env env;
	struct target target;
	uint64_t root, base;
	struct halves halves;
	uint64_t levels;          /* 0: all that the format has */
	uint8_t cbit;             /* 0: none */
	bool pxn_given;
	struct region regions[3];
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
	err_t err = read_phys(ctx, pa, raw, bytes);

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

/* cr3, ttbr0: any name of a format's root register is accepted. */
static err_t root_register(void *ctx, const char *name, uint64_t *value)
{
	struct session *s = ctx;
	const char *const names[] = { "cr3", "root", s->mode.upper ? "ttbr1" : "ttbr0" };

	if (s->halves.ttbr1_given && !strcmp(name, "ttbr1")) {
		*value = s->halves.ttbr1;
		return OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*value = s->root;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

/* ---- settings ---- */

enum width { FLAG, BYTE, WORD, QUAD };
static const struct { const char *name; enum width width; size_t offset; const char *what; } settings[] = {
	{ "root", QUAD, offsetof(struct session, root), "CR3 or TTBR: where the tables begin" },
	{ "ttbr1", QUAD, offsetof(struct session, halves.ttbr1), "ARM: the root of the upper addresses, with ttbcr=" },
	{ "ttbcr", QUAD, offsetof(struct session, halves.ttbcr), "TTBCR or TCR_EL1: which addresses are TTBR1's" },
	{ "base", QUAD, offsetof(struct session, base), "physical address of an image's first byte" },
	{ "levels", QUAD, offsetof(struct session, levels), "fewer than the format has (a64: 3)" },
	{ "selfmap", QUAD, offsetof(struct session, target.selfmap_base), "where the self-map begins" },
	{ "direct", QUAD, offsetof(struct session, target.direct_base), "where the direct map begins" },
	{ "direct_size", QUAD, offsetof(struct session, target.direct_size), "and how long it is" },
	{ "pa_bits", BYTE, offsetof(struct session, mode.pa_bits), "MAXPHYADDR; without it 45 where the format allows 52" },
	{ "cbit", BYTE, offsetof(struct session, cbit), "address bit that marks encrypted memory (AMD: 47 or 51)" },
	{ "nx", FLAG, offsetof(struct session, mode.nx), "EFER.NXE" },
	{ "wp", FLAG, offsetof(struct session, mode.wp), "CR0.WP; without it 1" },
	{ "smep", FLAG, offsetof(struct session, mode.smep), "CR4.SMEP" },
	{ "smap", FLAG, offsetof(struct session, mode.smap), "CR4.SMAP" },
	{ "pse", FLAG, offsetof(struct session, mode.pse), "CR4.PSE" },
	{ "gib", FLAG, offsetof(struct session, mode.gib_pages), "1 GiB pages" },
	{ "ha", FLAG, offsetof(struct session, mode.hw_accessed), "the CPU sets the access flag (a64: TCR_EL1.HA)" },
	{ "afe", FLAG, offsetof(struct session, mode.afe), "SCTLR.AFE" },
	{ "tre", FLAG, offsetof(struct session, mode.tre), "SCTLR.TRE: memory types by prrr and nmrr" },
	{ "prrr", WORD, offsetof(struct session, mode.prrr), "without it Linux's ff0a81a8" },
	{ "nmrr", WORD, offsetof(struct session, mode.nmrr), "without it Linux's 40e040e0" },
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

/* Few CPUs have the 52 bits of address that x86's formats allow, and systems keep bits of their own at the top: a C-bit, a
 * mark of entries that are not present. 45 are what a virtual machine of VMware's has. */
enum { MOST_PA_BITS = 48, USUAL_PA_BITS = 45 };

static void set_format(struct session *s, const struct pt_format *format)
{
	s->mode.format = format;
	s->mode.levels = format->levels;
	s->mode.pa_bits = format->pa_bits > MOST_PA_BITS ? USUAL_PA_BITS : format->pa_bits;
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
		bool decimal = !strcmp(name, "pa_bits") || !strcmp(name, "levels") || !strcmp(name, "cbit");
		uint64_t v;

		if (strcmp(name, settings[i].name) != 0)
			continue;
		s->pxn_given |= !strcmp(name, "pxn");
		s->halves.ttbr1_given |= !strcmp(name, "ttbr1");
		s->halves.ttbcr_given |= !strcmp(name, "ttbcr");
		return parse_number(value, decimal ? 10 : 16, &v) && store_setting(s, i, v);
	}
	return false;
}

/* ---- commands ---- */

static void put_stdout(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	fwrite(bytes, 1, n, stdout);
}

static void put_stderr(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	fwrite(bytes, 1, n, stderr);
}

static struct out answers = { .put = put_stdout }, errors = { .put = put_stderr };

static int usage(FILE *to)
{
	fprintf(to, "pagewalk FILE [NAME=VALUE]... COMMAND [ARGUMENT]...\n\n"
	        "FILE: an image of physical memory, or a scenario (first line \"# pagewalk\")\n\nsettings:\n"
	        "  format        ");
	for (const struct pt_format *const *f = pt_formats; *f; f++)
		fprintf(to, "%s%s", (*f)->name, f[1] ? "|" : "\n");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		fprintf(to, "  %-13s %s\n", settings[i].name, settings[i].what);
	fprintf(to, "\ncommands, as the kernel's shell has them (pagewalk FILE help COMMAND tells more):\n");
	for (const struct command *c = commands_start; c < commands_end; c++)
		if (!(c->flags & CMD_ABSENT))
			fprintf(to, "  %s\n", c->synopsis);
	fprintf(to, "\nexit status: 0 answered; 1 no translation, an unreadable table or a write error; 2 wrong use\n");
	return to == stdout ? ANSWERED : WRONG_USE;
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

static int run(struct session *s, char **words, unsigned n)
{
	struct call c = { .out = &answers, .target = &s->target };

	for (unsigned k = 1; k < n; k++)
		if (is_assignment(words[k])) {
			fprintf(stderr, "%s: settings stand before the command\n", words[k]);
			return WRONG_USE;
		}
	if (!call_parse_words(&c, &errors, (const char *const *)words, n))
		return WRONG_USE;
	if (!c.command)
		return usage(stderr);
	c.command->run(&c);
	folds_print(s->folds, s->mode.format);
	return c.no_answer ? FAILED : c.failed ? WRONG_USE : ANSWERED;
}

/* First-level entries of type 3 exist on a CPU with PXN alone (ARM DDI 0406C B3.5.1): one such entry in the
 * table shows that the CPU has it. Tested with the format: an entry that is bad without PXN and not bad with it. */
static void detect_pxn(struct session *s)
{
	const struct pt_format *f = s->mode.format;
	struct pt_mode with = s->mode;
	unsigned top = s->mode.levels - 1u;

	if (s->pxn_given || s->mode.pxn)
		return;
	with.pxn = true;
	for (unsigned i = 0; i < pt_root_entries(&s->mode); i++) {
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

/* The C-bit is one of the address bits from 32 up that the format has. */
static bool cbit_fits(const struct session *s)
{
	return !s->cbit || ((s->mode.format->caps & PT_HAS_CBIT) && s->cbit >= 32 && s->cbit < s->mode.format->pa_bits);
}

/* What the settings say of the layout, in the order of addresses. */
static void set_regions(struct session *s)
{
	struct target *t = &s->target;
	uint64_t first, last;
	unsigned n = 0;

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

/* Checks that need all settings. False: the settings contradict each other. */
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
	if (!cbit_fits(s) || (s->mode.tre && !(f->caps & PT_HAS_TEX_REMAP))) {
		fprintf(stderr, "cbit= or tre= is not one that %s has\n", f->name);
		return false;
	}
	/* The address ends below it. */
	if (s->cbit && s->mode.pa_bits > s->cbit)
		s->mode.pa_bits = s->cbit;
	s->mode.encrypted = s->cbit ? (uint64_t)1 << s->cbit : 0;
	/* The upper half of a sign-extending format belongs to the same root; a 32-bit format's TTBR1 depends on TTBCR. */
	if (s->mode.upper && ((f->va_bits <= 32 && !s->halves.ttbcr_given) || (f->caps & PT_SIGN_EXTEND))) {
		fprintf(stderr, "upper=1: %s has no root of upper addresses here\n", f->name);
		return false;
	}
	if (s->levels)
		s->mode.levels = (uint8_t)s->levels;
	memory_set_base(s->memory, s->base);
	if (!halves_set(&s->halves, &s->mode, &s->target) || !halves_root(&s->mode, "root", s->root, &s->target.root))
		return false;
	s->target.hw_root = s->target.root;
	set_regions(s);
	detect_pxn(s);
	s->halves.mode.pxn = s->mode.pxn;
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
			.nx = true, .wp = true, .pse = true, .pge = true, .gib_pages = true,
			.dacr = 0x55555555, .mair = PT_MAIR_DEFAULT, .prrr = 0xff0a81a8, .nmrr = 0x40e040e0,
		},
		.env = { .ctx = &s, .read = read_entry, .again = again },
		.target = {
			.mode = &s.mode, .env = &s.env, .ctx = &s, .decode = DECODE_ALL, .only_memory = true,
			.read_phys = read_phys, .reg = root_register, .search = search, .found = found,
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
	s.target.name = memory_is_image(s.memory) ? "an image" : "a scenario";
	s.folds = folds_new();
	status = complete(&s) ? run(&s, argv + i, (unsigned)(argc - i)) : WRONG_USE;
	folds_free(s.folds);
	memory_close(s.memory);
	return finish(status);
}
