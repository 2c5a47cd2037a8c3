/* tools/walker/answers.c - addresses of standard input, one a line: one line of answer for each.
 * SPDX-License-Identifier: MIT
 *
 * "VA PA", or "VA - " and why there is no translation. Plain hexadecimal numbers, a million a second, take no other way than
 * the walk; anything else is an expression of the shell.
 */
#define _POSIX_C_SOURCE 200809L   /* getline */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/eval.h"
#include "shell/command.h"
#include "tools/walker/report.h"
#include "tools/walker/session.h"
#include "tools/walker/symbols.h"

/* A number of at most 16 hexadecimal digits, with 0x before it or not. False: it is an expression. */
static bool plain(const char *s, uint64_t *value)
{
	unsigned digits = 0;
	uint64_t v = 0;

	if (s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	for (; isxdigit((unsigned char)*s); s++, digits++)
		v = v << 4 | (uint64_t)(*s <= '9' ? *s - '0' : (*s | 0x20) - 'a' + 10);
	*value = v;
	return !*s && digits && digits <= 16;
}

static bool evaluate(struct session *s, const char *text, uint64_t *va)
{
	struct eval_error error = { .what = NULL };
	const char *end;

	if (eval(&s->target, text, shell_radix, &end, va, &error) != OK) {
		message("%s: %s\n", text, error.what);
		return false;
	}
	if (end[strspn(end, " \t")]) {
		message("%s: one address is expected\n", text);
		return false;
	}
	*va = target_address(&s->target, *va);
	return true;
}

/* The reason: the last entry of the walk. */
static void put_obstacle(const struct session *s, const struct pt_walk *w)
{
	const struct pt_level *level = w->n ? &target_mode_at(&s->target, w->va)->format->level[w->last.level] : NULL;

	if (w->err == ERR_RANGE || !level)
		fputs(target_no_address(&s->target), stdout);
	else if (w->err == ERR_IO)
		printf("unable to read the %s at %llx", level->vendor, (unsigned long long)w->last.entry_pa.v);
	else
		printf("%s at %llx: %llx, %s", level->vendor, (unsigned long long)w->last.entry_pa.v,
		       (unsigned long long)w->last.entry.v, w->outcome == PT_BAD ? "bad" : "not present");
}

static void put_name(const struct session *s, uint64_t va)
{
	const char *name;
	uint64_t offset, size;

	if (symbols_at(s->symbols, va, &name, &offset, &size))
		printf(offset ? " %s+0x%llx" : " %s", name, (unsigned long long)offset);
}

static bool answer(struct session *s, const struct pt_space *space, const char *text, uint64_t va)
{
	struct pt_walk w = { 0 };

	if (s->off) {
		char line[64];

		snprintf(line, sizeof(line), "%llx %llx", (unsigned long long)va, (unsigned long long)va);
		if (s->options.json)
			report_json(text, ANSWERED, line, &s->target, NULL);
		else
			printf("%s %llx\n", text, (unsigned long long)va);
		return true;
	}
	pt_walk(space, va, &w, NULL, 0);
	if (s->options.json) {
		report_json(text, w.outcome == PT_LEAF ? ANSWERED : FAILED, "", &s->target, &(struct subject){ .va = va });
		return w.outcome == PT_LEAF;
	}
	fputs(text, stdout);
	if (w.outcome == PT_LEAF) {
		printf(" %llx", (unsigned long long)w.pa.v);
		if (s->symbols)
			put_name(s, va);
		putchar('\n');
		return true;
	}
	fputs(" - ", stdout);
	put_obstacle(s, &w);
	putchar('\n');
	return false;
}

int run_addresses(struct session *s)
{
	struct pt_space space = target_space(&s->target);
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int worst = ANSWERED;

	while ((n = getline(&line, &room, stdin)) >= 0) {
		char *text = line + strspn(line, " \t");
		uint64_t va;
		int status = ANSWERED;

		for (char *end = line + n; end > text && isspace((unsigned char)end[-1]); )
			*--end = 0;
		if (!*text || *text == '#')
			continue;
		if (!plain(text, &va) && !evaluate(s, text, &va)) {
			status = WRONG_USE;
			if (s->options.json)
				report_json(text, status, "", &s->target, NULL);
		} else if (!answer(s, &space, text, va))
			status = FAILED;
		worst = status > worst ? status : worst;
	}
	free(line);
	return memory_status(s) ? memory_status(s) : worst;
}
