/* scenario/records.c - lines KEYWORD VALUE... NAME=VALUE...: processes, VMAs, modules, symbols, registers, notes.
 * SPDX-License-Identifier: MIT
 *
 * A table describes each record: where its values are stored. What they mean together is checked by its add().
 */
#include "lib/string.h"
#include "scenario/impl.h"

enum kind { HEX, TEXT, FLAG };

struct value {
	const char *name;                 /* of NAME=VALUE; in the first rows, which are needed, for messages only */
	uint8_t kind;
	uint16_t offset;                  /* in the record */
};

struct record {
	const char *keyword;
	uint16_t bytes;                   /* of the record; 0: take() reads the line */
	uint8_t needed, values;           /* rows of the table; the first ones are given without a name */
	const struct value *value;
	/* Takes the record over; then *record is NULL. It sets s->why for one that is wrong. */
	void (*add)(struct scenario *s, struct scenario_node **record);
	void (*take)(struct scenario *s, char *rest);
};

void scenario_append(struct scenario_list *l, struct scenario_node *n)
{
	n->next = NULL;
	if (l->last)
		l->last->next = n;
	else
		l->first = n;
	l->last = n;
	l->count++;
}

static void append(struct scenario_list *l, struct scenario_node **record)
{
	scenario_append(l, *record);
	*record = NULL;
}

/* ---- reg NAME=VALUE... ---- */

err_t scenario_register(struct scenario *s, const char *name, uint64_t *value)
{
	for (const struct scenario_node *n = s->regs.first; n; n = n->next) {
		const struct scenario_reg *r = (const struct scenario_reg *)n;

		if (strcmp(r->name, name))
			continue;
		*value = r->value;
		return OK;
	}
	return ERR_NOT_FOUND;
}

static void one_register(struct scenario *s, char *word)
{
	char *equals = strchr(word, '=');
	struct scenario_reg *r;
	uint64_t value, old;

	if (equals)
		*equals = 0;
	if (!equals || equals == word || equals - word > 15 || !scenario_number(equals + 1, &value)) {
		s->why = "reg NAME=VALUE... is expected";
		return;
	}
	if (scenario_register(s, word, &old) == OK) {
		s->why = "a register is given twice";
		return;
	}
	r = s->heap->alloc(s->heap->ctx, sizeof(*r));
	if (!r) {
		s->why = err_text(ERR_NO_MEMORY);
		return;
	}
	r->name = word;
	r->value = value;
	scenario_append(&s->regs, &r->node);
}

static void registers(struct scenario *s, char *rest)
{
	char *word;

	while (!s->why && (word = scenario_word(&rest, &s->why)) != NULL)
		one_register(s, word);
}

/* ---- note TEXT ---- */

static void note(struct scenario *s, char *rest)
{
	struct scenario_text *t = s->heap->alloc(s->heap->ctx, sizeof(*t));
	size_t n = strlen(rest);

	while (n && (rest[n - 1] == '\r' || rest[n - 1] == ' '))
		rest[--n] = 0;
	if (!t) {
		s->why = err_text(ERR_NO_MEMORY);
		return;
	}
	t->text = scenario_skip_blanks(rest);
	scenario_append(&s->notes, &t->node);
}

/* ---- page PA...: pages of zeroes ---- */

static void pages(struct scenario *s, char *rest)
{
	uint64_t pa;
	char *word;

	while (!s->why && (word = scenario_word(&rest, &s->why)) != NULL)
		if (!scenario_number(word, &pa))
			s->why = "page PA... is expected";
		else if (!scenario_make_page(s, pa))
			s->why = err_text(ERR_NO_MEMORY);
}

/* ---- symbol ADDRESS NAME [size=N] ---- */

static void add_symbol(struct scenario *s, struct scenario_node **record)
{
	const struct scenario_symbol *new = (const struct scenario_symbol *)*record;

	for (const struct scenario_node *n = s->symbols.first; n; n = n->next) {
		const struct scenario_symbol *old = (const struct scenario_symbol *)n;

		if (old->value == new->value && !strcmp(old->name, new->name)) {
			s->why = "the symbol is given twice";
			return;
		}
	}
	if (s->symbols.count == SCENARIO_SYMBOLS) {
		s->why = "too many symbols";
		return;
	}
	append(&s->symbols, record);
}

/* ---- process ---- */

static void add_process(struct scenario *s, struct scenario_node **record)
{
	struct scenario_process *new = (struct scenario_process *)*record;

	for (const struct scenario_node *n = s->processes.first; n; n = n->next) {
		const struct process_view *old = &((const struct scenario_process *)n)->v;

		if (old->address == new->v.address || old->cid == new->v.cid) {
			s->why = "two processes have the same address or number";
			return;
		}
	}
	new->v.handles = new->has_handles ? (unsigned)new->handles : WINDBG_NO_HANDLES;
	new->v.session = new->has_session;
	new->v.other_session = (unsigned)new->session + 1;
	new->v.image = new->v.image ? new->v.image : "";
	append(&s->processes, record);
}

/* ---- vma FIRST LAST ...: of the process above it ---- */

/* Letters of "rwxs": s is shared. */
static bool rights(const char *text, struct vad_view *v)
{
	for (; *text; text++)
		switch (*text) {
		case 'r': v->prot |= PROT_R; break;
		case 'w': v->prot |= PROT_W; break;
		case 'x': v->prot |= PROT_X; break;
		case 's': v->shared = true; break;
		case '-': break;
		default: return false;
		}
	return true;
}

static void add_vma(struct scenario *s, struct scenario_node **record)
{
	struct scenario_vma *new = (struct scenario_vma *)*record;
	struct scenario_process *p = (struct scenario_process *)s->processes.last;

	if (!p)
		s->why = "a vma belongs to the process above it, and there is none";
	else if (new->v.last < new->v.first)
		s->why = "the end is below the beginning";
	else if (new->rights && !rights(new->rights, &new->v))
		s->why = "rights= takes the letters r, w, x and s";
	for (const struct scenario_node *n = p ? p->vmas.first : NULL; n && !s->why; n = n->next) {
		const struct vad_view *old = &((const struct scenario_vma *)n)->v;

		if (old->first <= new->v.last && new->v.first <= old->last)
			s->why = "two vmas of a process overlap";
		else if (old->first > new->v.first)
			s->why = "the vmas of a process stand in the order of their addresses";
	}
	if (s->why)
		return;
	new->v.name = new->v.name ? new->v.name : "";
	p->v.vads++;
	p->v.committed += new->v.committed;
	p->v.virtual_bytes += new->v.last + 1 - new->v.first;
	append(&p->vmas, record);
}

/* ---- modules, frames, calls ---- */

static void add_module(struct scenario *s, struct scenario_node **record)
{
	struct scenario_module *new = (struct scenario_module *)*record;

	for (const struct scenario_node *n = s->modules.first; n; n = n->next)
		if (((const struct scenario_module *)n)->m.base == new->m.base)
			s->why = "two modules begin at the same address";
	new->m.image = new->m.image ? new->m.image : new->m.name;
	if (!s->why)
		append(&s->modules, record);
}

static void add_frame(struct scenario *s, struct scenario_node **record)
{
	const struct scenario_frame *new = (const struct scenario_frame *)*record;

	for (const struct scenario_node *n = s->frames.first; n; n = n->next)
		if (((const struct scenario_frame *)n)->f.pfn == new->f.pfn)
			s->why = "the frame is given twice";
	if (!s->why)
		append(&s->frames, record);
}

static void add_call(struct scenario *s, struct scenario_node **record)
{
	append(&s->calls, record);
}

static void add_run(struct scenario *s, struct scenario_node **record)
{
	append(&s->runs, record);
}

/* ---- bugcheck, oops, snapshot: one each ---- */

struct once_bugcheck { struct scenario_node node; struct system_bugcheck b; };
struct once_oops { struct scenario_node node; struct system_oops o; };

static void add_bugcheck(struct scenario *s, struct scenario_node **record)
{
	if (s->has_bugcheck)
		s->why = "a second bugcheck";
	s->bugcheck = ((const struct once_bugcheck *)*record)->b;
	s->has_bugcheck = true;
}

static void add_oops(struct scenario *s, struct scenario_node **record)
{
	if (s->has_oops)
		s->why = "a second oops";
	s->oops = ((const struct once_oops *)*record)->o;
	s->has_oops = true;
}

struct once_snapshot { struct scenario_node node; uint64_t magic, groups; };

static void add_snapshot(struct scenario *s, struct scenario_node **record)
{
	if (s->groups)
		s->why = "a second snapshot";
	s->magic = ((const struct once_snapshot *)*record)->magic;
	s->groups = ((const struct once_snapshot *)*record)->groups;
}

/* ---- the tables ---- */

#define VALUE(kind, name, type, member) { name, kind, offsetof(struct type, member) }

static const struct value symbol_values[] = {
	VALUE(HEX, "ADDRESS", scenario_symbol, value), VALUE(TEXT, "NAME", scenario_symbol, name),
	VALUE(HEX, "size", scenario_symbol, size),
};
static const struct value process_values[] = {
	VALUE(HEX, "ADDRESS", scenario_process, v.address), VALUE(HEX, "pid", scenario_process, v.cid),
	VALUE(HEX, "parent", scenario_process, v.parent_cid), VALUE(HEX, "peb", scenario_process, v.peb),
	VALUE(HEX, "dirbase", scenario_process, v.dirbase), VALUE(HEX, "table", scenario_process, v.object_table),
	VALUE(HEX, "handles", scenario_process, handles), VALUE(HEX, "session", scenario_process, session),
	VALUE(TEXT, "image", scenario_process, v.image), VALUE(HEX, "vadroot", scenario_process, v.vad_root),
	VALUE(HEX, "mm", scenario_process, mm), VALUE(HEX, "file_pages", scenario_process, file_pages),
	VALUE(HEX, "anon_pages", scenario_process, anon_pages), VALUE(FLAG, "loaded", scenario_process, loaded),
};
static const struct value vma_values[] = {
	VALUE(HEX, "FIRST", scenario_vma, v.first), VALUE(HEX, "LAST", scenario_vma, v.last),
	VALUE(HEX, "record", scenario_vma, v.address), VALUE(TEXT, "rights", scenario_vma, rights),
	VALUE(HEX, "commit", scenario_vma, v.committed), VALUE(HEX, "control", scenario_vma, v.control_area),
	VALUE(HEX, "proto", scenario_vma, v.first_proto), VALUE(HEX, "last_proto", scenario_vma, v.last_proto),
	VALUE(HEX, "offset", scenario_vma, v.offset), VALUE(HEX, "level", scenario_vma, level),
	VALUE(TEXT, "name", scenario_vma, v.name), VALUE(FLAG, "image", scenario_vma, v.image),
	VALUE(FLAG, "nochange", scenario_vma, v.no_change), VALUE(FLAG, "guard", scenario_vma, v.guard),
	VALUE(FLAG, "locked", scenario_vma, v.locked), VALUE(HEX, "flags", scenario_vma, flags),
	VALUE(HEX, "anon_vma", scenario_vma, anon_vma),
};
static const struct value module_values[] = {
	VALUE(HEX, "BASE", scenario_module, m.base), VALUE(HEX, "SIZE", scenario_module, m.size),
	VALUE(TEXT, "NAME", scenario_module, m.name), VALUE(TEXT, "image", scenario_module, m.image),
};
static const struct value frame_values[] = {
	VALUE(HEX, "PFN", scenario_frame, f.pfn), VALUE(HEX, "count", scenario_frame, f.count),
	VALUE(HEX, "maps", scenario_frame, f.maps), VALUE(HEX, "flags", scenario_frame, f.flags),
	VALUE(HEX, "index", scenario_frame, f.index), VALUE(HEX, "mapping", scenario_frame, f.mapping),
	VALUE(FLAG, "anon", scenario_frame, f.anon),
};
static const struct value call_values[] = {
	VALUE(HEX, "WHERE", scenario_call, call.where), VALUE(HEX, "FROM", scenario_call, call.from),
	VALUE(HEX, "FRAME", scenario_call, call.frame),
};
static const struct value run_values[] = {
	VALUE(HEX, "OFFSET", scenario_run, r.offset), VALUE(HEX, "PA", scenario_run, r.pa),
	VALUE(HEX, "SIZE", scenario_run, r.size),
};
static const struct value snapshot_values[] = {
	VALUE(HEX, "MAGIC", once_snapshot, magic), VALUE(HEX, "GROUPS", once_snapshot, groups),
};
static const struct value bugcheck_values[] = {
	VALUE(HEX, "CODE", once_bugcheck, b.code), VALUE(HEX, "P1", once_bugcheck, b.p[0]), VALUE(HEX, "P2", once_bugcheck, b.p[1]),
	VALUE(HEX, "P3", once_bugcheck, b.p[2]), VALUE(HEX, "P4", once_bugcheck, b.p[3]),
	VALUE(HEX, "pc", once_bugcheck, b.pc),
};
static const struct value oops_values[] = {
	VALUE(HEX, "VA", once_oops, o.va), VALUE(HEX, "CODE", once_oops, o.code), VALUE(HEX, "number", once_oops, o.number),
	VALUE(HEX, "pid", once_oops, o.pid), VALUE(TEXT, "process", once_oops, o.process),
	VALUE(HEX, "stack_limit", once_oops, o.stack_limit), VALUE(HEX, "stack_top", once_oops, o.stack_top),
	VALUE(HEX, "entry", once_oops, o.entry), VALUE(HEX, "entry_end", once_oops, o.entry_end),
	VALUE(HEX, "cpu", once_oops, o.cpu), VALUE(TEXT, "config", once_oops, o.config),
	VALUE(TEXT, "modules", once_oops, o.modules), VALUE(TEXT, "taint", once_oops, o.taint),
	VALUE(TEXT, "release", once_oops, o.release), VALUE(TEXT, "version", once_oops, o.version),
	VALUE(HEX, "trace", once_oops, o.trace), VALUE(TEXT, "access", once_oops, o.access),
	VALUE(FLAG, "old", once_oops, o.old),
};

#define RECORD(keyword, type, needed, table, add) { keyword, sizeof(struct type), needed, ARRAY_LEN(table), table, add, NULL }
static const struct record records[] = {
	RECORD("symbol", scenario_symbol, 2, symbol_values, add_symbol),
	RECORD("process", scenario_process, 1, process_values, add_process),
	RECORD("vma", scenario_vma, 2, vma_values, add_vma),
	RECORD("module", scenario_module, 3, module_values, add_module),
	RECORD("frame", scenario_frame, 1, frame_values, add_frame),
	RECORD("call", scenario_call, 3, call_values, add_call),
	RECORD("run", scenario_run, 3, run_values, add_run),
	RECORD("snapshot", once_snapshot, 2, snapshot_values, add_snapshot),
	RECORD("bugcheck", once_bugcheck, 5, bugcheck_values, add_bugcheck),
	RECORD("oops", once_oops, 2, oops_values, add_oops),
	{ .keyword = "reg", .take = registers }, { .keyword = "note", .take = note }, { .keyword = "page", .take = pages },
};

/* ---- one line ---- */

/* Stores a value in the record. False: it is no number. */
static bool store(void *record, const struct value *v, const char *text)
{
	char *at = (char *)record + v->offset;
	uint64_t number;

	if (v->kind == TEXT) {
		memcpy(at, &text, sizeof(text));
		return true;
	}
	if (v->kind == FLAG) {
		*(bool *)at = true;
		return !*text;
	}
	if (!scenario_number(text, &number))
		return false;
	memcpy(at, &number, sizeof(number));
	return true;
}

/* The row of NAME=VALUE, or of a flag, and its value. NULL: the record has none. */
static const struct value *row_of(const struct record *r, char *word, char **text)
{
	char *equals = strchr(word, '=');

	*text = equals ? equals + 1 : word + strlen(word);
	if (equals)
		*equals = 0;
	for (unsigned i = r->needed; i < r->values; i++)
		if (!strcmp(word, r->value[i].name) && (r->value[i].kind == FLAG) == !equals)
			return &r->value[i];
	return NULL;
}

/* Numbers that can be left out, and whose absence is a value of its own. */
static void mark(void *record, const struct record *r, const struct value *v)
{
	struct scenario_process *p = record;

	if (r->value != process_values)
		return;
	p->has_handles |= !strcmp(v->name, "handles");
	p->has_session |= !strcmp(v->name, "session");
}

static void values(struct scenario *s, const struct record *r, void *record, char *rest)
{
	uint32_t seen = 0;
	unsigned n = 0;
	char *word, *text;

	while (!s->why && (word = scenario_word(&rest, &s->why)) != NULL) {
		const struct value *v = n < r->needed ? &r->value[n] : row_of(r, word, &text);

		if (n++ < r->needed)
			text = word;
		if (!v)
			s->why = "the line has no such value";
		else if (seen >> (v - r->value) & 1)
			s->why = "a value is given twice";
		else if (!store(record, v, text))
			s->why = "a value is not a number of at most sixteen hexadecimal digits";
		else
			mark(record, r, v);
		seen |= v ? 1u << (v - r->value) : 0;
	}
	if (!s->why && n < r->needed)
		s->why = "a value is missing at the end";
}

static void make(struct scenario *s, const struct record *r, char *rest)
{
	struct scenario_node *record = s->heap->alloc(s->heap->ctx, r->bytes);

	if (!record) {
		s->why = err_text(ERR_NO_MEMORY);
		return;
	}
	values(s, r, record, rest);
	if (!s->why)
		r->add(s, &record);
	if (record)
		s->heap->free(s->heap->ctx, record);
}

bool scenario_record(struct scenario *s, char *line)
{
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		const struct record *r = &records[i];
		size_t n = strlen(r->keyword);

		if (strncmp(line, r->keyword, n) || (line[n] != ' ' && line[n] != '\t'))
			continue;
		if (r->take)
			r->take(s, line + n + 1);
		else
			make(s, r, line + n + 1);
		return true;
	}
	return false;
}

/* ---- the end ---- */

static void free_list(struct scenario *s, struct scenario_list *l)
{
	while (l->first) {
		struct scenario_node *n = l->first;

		l->first = n->next;
		s->heap->free(s->heap->ctx, n);
	}
}

void scenario_free_records(struct scenario *s)
{
	struct scenario_list *const lists[] = {
		&s->symbols, &s->regs, &s->notes, &s->processes, &s->modules, &s->frames, &s->calls, &s->runs,
	};

	for (struct scenario_node *n = s->processes.first; n; n = n->next)
		free_list(s, &((struct scenario_process *)n)->vmas);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		free_list(s, lists[i]);
	if (s->by_name)
		s->heap->free(s->heap->ctx, s->by_name);
}
