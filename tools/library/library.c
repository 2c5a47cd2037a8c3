/* tools/library/library.c - libpagewalk: one session of pagewalk behind the functions of pagewalk.h.
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L   /* strdup */
#include <stdlib.h>
#include <string.h>

#include "lib/assert.h"
#include "tools/image/reader.h"
#include "tools/library/pagewalk.h"
#include "tools/live/live.h"
#include "tools/walker/session.h"

#define MESSAGE_BYTES 1024u

struct pagewalk {
	struct session s;
	pagewalk_read_fn read;           /* NULL: the image is a file */
	void *ctx;
	char *path;
	enum { DESCRIBED, READY, REFUSED } state;
	char message[MESSAGE_BYTES];
};

STATIC_ASSERT(kinds_are_those_of_the_header,
              (int)PT_EMPTY == PAGEWALK_EMPTY && (int)PT_SOFT == PAGEWALK_SOFTWARE && (int)PT_TABLE == PAGEWALK_TABLE &&
              (int)PT_LEAF == PAGEWALK_LEAF && (int)PT_BAD == PAGEWALK_BAD);
STATIC_ASSERT(rights_are_those_of_the_header,
              (int)PROT_R == PAGEWALK_READ && (int)PROT_W == PAGEWALK_WRITE && (int)PROT_X == PAGEWALK_EXECUTE &&
              (int)PROT_U == PAGEWALK_USER);
STATIC_ASSERT(status_is_that_of_the_program,
              (int)ANSWERED == PAGEWALK_OK && (int)FAILED == PAGEWALK_NO_TRANSLATION &&
              (int)WRONG_USE == PAGEWALK_WRONG_USE && (int)DAMAGED == PAGEWALK_DAMAGED);

/* ---- messages ---- */

static char open_message[MESSAGE_BYTES];

/* Appends; what does not fit is dropped. */
static void keep(void *ctx, const char *text)
{
	char *to = ctx;
	size_t n = strlen(to);

	strncat(to, text, MESSAGE_BYTES - 1 - n);
}

static void keep_for(struct pagewalk *p)
{
	p->message[0] = 0;
	message_to(keep, p->message);
}

const char *pagewalk_message(const struct pagewalk *p)
{
	return p ? p->message : open_message;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	message_to(NULL, NULL);
	message("libpagewalk: %s:%d: %s\n", file, line, condition);
	abort();
}

/* ---- open ---- */

unsigned pagewalk_version(void)
{
	return PAGEWALK_VERSION;
}

static struct pagewalk *new_session(void)
{
	struct pagewalk *p = calloc(1, sizeof(*p));

	open_message[0] = 0;
	message_to(keep, open_message);
	if (!p)
		message("no memory\n");
	else
		session_init(&p->s);
	return p;
}

struct pagewalk *pagewalk_open(const char *path)
{
	struct pagewalk *p = new_session();

	if (!p)
		return NULL;
	p->path = strdup(path);
	p->s.options.image = p->path;
	if (p->path && memory_open(&p->s) == ANSWERED)
		return p;
	pagewalk_close(p);
	return NULL;
}

static err_t read_caller(struct image *m, uint64_t pa, void *buf, size_t n)
{
	const struct pagewalk *p = m->own;

	return p->read(p->ctx, pa, buf, n) ? OK : ERR_IO;
}

struct pagewalk *pagewalk_open_memory(pagewalk_read_fn read, void *ctx)
{
	struct pagewalk *p = new_session();
	struct image *m = p ? calloc(1, sizeof(*m)) : NULL;

	if (m) {
		*m = (struct image){ .path = "memory", .kind = "memory of the caller", .own = p, .read = read_caller, .fd = -1 };
		p->s.image = m;
		p->read = read;
		p->ctx = ctx;
		if (image_add(m, 0, UINT64_MAX, 0) && (p->s.cpu = image_add_cpu(m)))
			return p;
	}
	pagewalk_close(p);
	return NULL;
}

void pagewalk_close(struct pagewalk *p)
{
	if (!p)
		return;
	memory_close(&p->s);
	free(p->path);
	free(p);
	message_to(NULL, NULL);
}

/* ---- describe ---- */

bool pagewalk_is_register(const char *name)
{
	struct image_cpu probe = { 0 };

	live_put_register(&probe, name, 0);
	return probe.count;
}

void pagewalk_register(struct pagewalk *p, const char *name, uint64_t value)
{
	if (p->read)
		live_put_register(&p->s.image->cpu[0], name, value);
}

enum pagewalk_status pagewalk_set(struct pagewalk *p, const char *setting)
{
	const char *equals = strchr(setting, '=');
	char name[32];

	keep_for(p);
	if (p->state != DESCRIBED) {
		message("%s: settings come before the first question\n", setting);
		return PAGEWALK_WRONG_USE;
	}
	if (equals && (size_t)(equals - setting) < sizeof(name)) {
		memcpy(name, setting, (size_t)(equals - setting));
		name[equals - setting] = 0;
		if (setting_store(&p->s, name, equals + 1, OF_COMMAND_LINE))
			return PAGEWALK_OK;
	}
	message("%s: no such setting, or not a value of it\n", setting);
	return PAGEWALK_WRONG_USE;
}

/* Before each question: makes the target at the first one, and gets the messages. What the caller's memory has may have changed
 * since the last question. */
static bool ready(struct pagewalk *p)
{
	if (p->state == REFUSED)
		return false;
	keep_for(p);
	if (p->state == READY) {
		if (p->s.image && p->s.image->begin)
			p->s.image->begin(p->s.image);
		return true;
	}
	target_make(&p->s);
	p->state = session_complete(&p->s) ? READY : REFUSED;
	/* What is assumed is no reason of a failure. */
	if (p->state == READY)
		p->message[0] = 0;
	return p->state == READY;
}

const char *pagewalk_format(struct pagewalk *p)
{
	return ready(p) ? p->s.mode.format->name : NULL;
}

bool pagewalk_off(struct pagewalk *p)
{
	return ready(p) && p->s.off;
}

/* ---- walk ---- */

static void fill_step(struct pagewalk_step *to, const struct pt_mode *mode, const struct pt_step *from)
{
	*to = (struct pagewalk_step){
		.entry_pa = from->entry_pa.v, .entry = from->entry.v, .name = mode->format->level[from->level].vendor,
		.index = from->index, .level = from->level, .kind = (uint8_t)from->kind,
	};
}

enum pagewalk_status pagewalk_walk(struct pagewalk *p, uint64_t va, struct pagewalk_walk *walk)
{
	struct pt_step step[PT_MAX_LEVELS];
	const struct pt_mode *mode;
	struct pt_space space;
	struct pt_walk w;

	*walk = (struct pagewalk_walk){ .va = va };
	if (!ready(p))
		return PAGEWALK_WRONG_USE;
	if (p->s.off) {
		walk->pa = va;
		return PAGEWALK_OK;
	}
	space = target_space(&p->s.target);
	mode = target_mode_at(&p->s.target, va);
	pt_walk(&space, va, &w, step, PT_MAX_LEVELS);
	walk->steps = w.n;
	for (unsigned i = 0; i < w.n; i++)
		fill_step(&walk->step[i], mode, &step[i]);
	if (memory_status(&p->s))
		return PAGEWALK_DAMAGED;
	if (w.outcome != PT_LEAF)
		return PAGEWALK_NO_TRANSLATION;
	walk->pa = w.pa.v;
	walk->page = va & ~(w.page.size - 1);
	walk->size = w.page.size;
	walk->rights = w.prot & PROT_RIGHTS;
	return PAGEWALK_OK;
}

struct visit { pagewalk_page_fn fn; void *ctx; };

static bool visit_page(void *ctx, const struct pt_visit_entry *e)
{
	const struct visit *v = ctx;
	const struct pagewalk_page page = { e->va, e->pa.v, e->size, e->prot & PROT_RIGHTS };

	return v->fn(v->ctx, &page);
}

enum pagewalk_status pagewalk_dump(struct pagewalk *p, uint64_t first, uint64_t last, pagewalk_page_fn fn, void *ctx)
{
	struct visit v = { fn, ctx };
	struct pt_space space;
	err_t err;

	if (!ready(p))
		return PAGEWALK_WRONG_USE;
	if (p->s.off) {
		message("paging is off: there are no tables\n");
		return PAGEWALK_WRONG_USE;
	}
	if (!session_new_folds(&p->s))
		return PAGEWALK_WRONG_USE;
	space = target_space(&p->s.target);
	err = pt_visit(&space, first, last, PT_VISIT_LEAF, visit_page, &v);
	if (memory_status(&p->s))
		return PAGEWALK_DAMAGED;
	if (folds_full(p->s.folds))
		message("no memory to remember all tables\n");
	return err == OK && !folds_full(p->s.folds) ? PAGEWALK_OK : PAGEWALK_NO_TRANSLATION;
}

/* ---- commands ---- */

static struct { pagewalk_text_fn put; void *ctx; } answers_to;

static void put_answer(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	if (answers_to.put)
		answers_to.put(answers_to.ctx, bytes, n);
}

enum pagewalk_status pagewalk_command(struct pagewalk *p, const char *line, pagewalk_text_fn put, void *ctx)
{
	if (!ready(p))
		return PAGEWALK_WRONG_USE;
	answers_to.put = put;
	answers_to.ctx = ctx;
	session_answers = (struct out){ .put = put_answer };
	return (enum pagewalk_status)run_text(&p->s, line);
}
