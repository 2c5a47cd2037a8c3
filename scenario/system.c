/* scenario/system.c - a scenario as a target: memory, registers, and what the records say of processes.
 * SPDX-License-Identifier: MIT
 */
#include "lib/string.h"
#include "scenario/impl.h"

/* ---- struct target_system ---- */

static const struct scenario_process *process_number(const struct scenario *s, unsigned i)
{
	const struct scenario_node *n = s->processes.first;

	while (n && i--)
		n = n->next;
	return (const struct scenario_process *)n;
}

/* The root of a process; false: it has none that the format could use. */
static bool root_of(const struct scenario *s, const struct scenario_process *p, paddr_t *root)
{
	return p->v.dirbase && pt_root_of(&s->mode, p->v.dirbase, root) == OK;
}

static struct system_process described(const struct scenario *s, const struct scenario_process *p)
{
	struct system_process q = { .pid = (unsigned)p->v.cid, .address = p->v.address, .name = p->v.image };

	q.ended = !root_of(s, p, &q.root);
	return q;
}

static bool space(void *ctx, unsigned i, struct system_space *space)
{
	const struct scenario *s = ctx;
	const struct scenario_process *p = i ? process_number(s, i - 1) : NULL;

	if (i == 0) {
		*space = (struct system_space){ .name = "the CPU", .root = s->target.hw_root, .reference = true };
		return true;
	}
	if (!p)
		return false;
	*space = (struct system_space){ .id = i, .name = p->v.image };
	if (!root_of(s, p, &space->root))
		space->root = s->target.hw_root;
	return true;
}

/* A number of a process, or the address of its record. */
static const struct scenario_process *process_by(const struct scenario *s, uint64_t number)
{
	for (const struct scenario_node *n = s->processes.first; n; n = n->next) {
		const struct scenario_process *p = (const struct scenario_process *)n;

		if (p->v.cid == number || p->v.address == number)
			return p;
	}
	return NULL;
}

static bool process(void *ctx, uint64_t number, struct system_process *q)
{
	const struct scenario_process *p = process_by(ctx, number);

	if (p)
		*q = described(ctx, p);
	return p != NULL;
}

/* The process with this root; else the one that the file marks as loaded. */
static bool implicit(void *ctx, paddr_t root, struct system_process *q)
{
	const struct scenario *s = ctx;
	const struct scenario_process *best = NULL;

	for (const struct scenario_node *n = s->processes.first; n; n = n->next) {
		const struct scenario_process *p = (const struct scenario_process *)n;
		paddr_t own;

		if (root_of(s, p, &own) && own.v == root.v) {
			best = p;
			break;
		}
		if (p->loaded)
			best = p;
	}
	if (best)
		*q = described(s, best);
	return best != NULL;
}

static void processes(void *ctx, bool in_full, bool (*each)(void *arg, const struct process_view *p), void *arg)
{
	const struct scenario *s = ctx;

	(void)in_full;
	for (const struct scenario_node *n = s->processes.first; n; n = n->next) {
		struct process_view v = ((const struct scenario_process *)n)->v;

		v.state = "not known";
		if (!each(arg, &v))
			return;
	}
}

static void vads(void *ctx, uint64_t number, bool (*each)(void *arg, const struct vad_view *v), void *arg)
{
	const struct scenario_process *p = process_by(ctx, number);

	for (const struct scenario_node *n = p ? p->vmas.first : NULL; n; n = n->next) {
		struct vad_view v = ((const struct scenario_vma *)n)->v;

		v.level = (int)((const struct scenario_vma *)n)->level;
		if (!each(arg, &v))
			return;
	}
}

static bool module(void *ctx, unsigned i, struct system_module *m)
{
	const struct scenario *s = ctx;
	const struct scenario_node *n = s->modules.first;

	while (n && i--)
		n = n->next;
	if (n)
		*m = ((const struct scenario_module *)n)->m;
	return n != NULL;
}

static bool bugcheck_of(void *ctx, struct system_bugcheck *b)
{
	const struct scenario *s = ctx;

	*b = s->bugcheck;
	if (!b->pc)
		b->pc = b->p[3];
	return s->has_bugcheck;
}

static bool range(void *ctx, paddr_t root, uint64_t va, struct system_range *r)
{
	struct system_process p;
	const struct scenario_process *owner = implicit(ctx, root, &p) ? process_by(ctx, p.address) : NULL;

	for (const struct scenario_node *n = owner ? owner->vmas.first : NULL; n; n = n->next) {
		const struct vad_view *v = &((const struct scenario_vma *)n)->v;

		if (va < v->first || va > v->last)
			continue;
		*r = (struct system_range){
			.name = v->name, .first = v->first, .last = v->last, .prot = v->prot, .guard = v->guard,
			.shared = v->shared,
		};
		return true;
	}
	return false;
}

static const char *note(void *ctx, unsigned i)
{
	return scenario_note(ctx, i);
}

static bool run(void *ctx, unsigned i, struct system_run *r)
{
	const struct scenario_node *n = ((const struct scenario *)ctx)->runs.first;

	while (n && i--)
		n = n->next;
	if (n)
		*r = ((const struct scenario_run *)n)->r;
	return n != NULL;
}

static bool snapshot(void *ctx, uint64_t *magic, uint64_t *groups)
{
	const struct scenario *s = ctx;

	*magic = s->magic;
	*groups = s->groups;
	return s->groups != 0;
}

static uint64_t now(void *ctx)
{
	return ((const struct scenario *)ctx)->clock;
}

/* ---- registers ---- */

/* Names of control registers. root= is also the root register, under any of its names. */
static const char *const control[] = { "cr0", "cr2", "cr3", "cr4", "efer", "sctlr", "ttbr0", "ttbr1", "ttbcr", "dacr", "tcr" };

static bool is_control(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(control); i++)
		if (!strcmp(name, control[i]))
			return true;
	return false;
}

static err_t reg(void *ctx, const char *name, uint64_t *value)
{
	struct scenario *s = ctx;
	const char *const roots[] = { "cr3", "root", s->mode.upper ? "ttbr1" : "ttbr0" };

	if (scenario_register(s, name, value) == OK || scenario_setting(s, name, value))
		return OK;
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (!strcmp(name, roots[i]))
			return scenario_setting(s, "root", value) ? OK : ERR_NOT_FOUND;
	return ERR_NOT_FOUND;
}

/* The registers of `reg` lines, in their order. */
static bool reg_number(void *ctx, unsigned i, struct system_register *r)
{
	const struct scenario *s = ctx;
	const struct scenario_node *n = s->regs.first;

	while (n && i--)
		n = n->next;
	if (!n)
		return false;
	*r = (struct system_register){
		.name = ((const struct scenario_reg *)n)->name, .value = ((const struct scenario_reg *)n)->value, .known = true,
		.digits = target_va_digits(&s->target), .control = is_control(((const struct scenario_reg *)n)->name),
	};
	return true;
}

const struct target_system scenario_system = {
	.space = space, .process = process, .implicit = implicit, .processes = processes, .vads = vads, .module = module,
	.bugcheck = bugcheck_of, .note = note, .now = now, .run = run, .snapshot = snapshot,
	.check = scenario_check, .oops = scenario_oops, .range = range, .reg = reg_number,
};

/* ---- struct target ---- */

static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	return scenario_read(ctx, pa.v, buf, n);
}

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	uint8_t raw[8] = { 0 };
	err_t err = scenario_read(ctx, pa.v, raw, bytes);

	out->v = 0;
	for (unsigned i = 0; i < bytes; i++)
		out->v |= (uint64_t)raw[i] << 8 * i;
	return err;
}

static void look(void *ctx, paddr_t root, enum decode decode)
{
	struct scenario *s = ctx;

	s->target.root = root;
	s->target.decode = decode;
}

static err_t symbol(void *ctx, const char *name, unsigned i, uint64_t *value)
{
	return scenario_symbol(ctx, name, i, value);
}

static const char *symbol_number(void *ctx, unsigned i, uint64_t *value)
{
	return scenario_symbol_number(ctx, i, value);
}

static err_t symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	return scenario_symbol_at(ctx, va, name, offset);
}

static err_t symbol_size(void *ctx, uint64_t va, uint64_t *size)
{
	return scenario_symbol_size(ctx, va, size);
}

/* The direct map and the self-map, in the order of addresses. */
static void set_regions(struct scenario *s)
{
	struct target *t = &s->target;
	struct region *r = s->regions;
	uint64_t first, last;

	if (t->direct_size)
		*r++ = (struct region){ t->direct_base, t->direct_base + (t->direct_size - 1), REGION_LOGICAL, "direct map" };
	if (target_selfmap(t, &first, &last)) {
		struct region self = { first, last, REGION_SELFMAP, "self-map" };

		*r++ = self;
		if (r > s->regions + 1 && first < s->regions[0].first) {
			s->regions[1] = s->regions[0];
			s->regions[0] = self;
		}
	}
	t->regions = r > s->regions ? s->regions : NULL;
}

void scenario_describe(struct scenario *s, struct target *t)
{
	t->system_ctx = s;
	t->style = s->style;
	t->zone = s->zone;
	t->linux_pte = (unsigned)s->linux_pte;
	t->local = s->prompt && !strncmp(s->prompt, "lkd", 3);
	/* A scenario without processes has one root, as an image has. */
	if (s->processes.count || s->regs.count || s->modules.count || s->notes.count || s->has_bugcheck || s->has_oops)
		t->system = &scenario_system;
	if (s->processes.count)
		t->decode = DECODE_NONE;
}

void scenario_adopt(struct scenario *s, const struct target *t)
{
	s->mode = *t->mode;
	s->target.mode = &s->mode;
	s->target = *t;
}

struct target *scenario_target(struct scenario *s, struct out *errors)
{
	struct target *t = &s->target;

	*t = (struct target){
		.name = "a scenario", .mode = &s->mode, .env = &s->env, .decode = DECODE_ALL, .only_memory = true,
		.some_regions = true, .ctx = s, .read_phys = read_phys, .reg = reg, .look = look,
	};
	s->env = (struct pt_env){ .ctx = s, .read = read_entry };
	if (!scenario_set_mode(s, errors))
		return NULL;
	t->hw_root = t->root;
	set_regions(s);
	scenario_describe(s, t);
	if (s->symbols.count) {
		t->symbol = symbol;
		t->symbol_number = symbol_number;
		t->symbol_at = symbol_at;
		t->symbol_size = symbol_size;
	}
	return t;
}
