/* inspect/linux_walk.c - the log of a kernel module that walks the tables of a process.
 * SPDX-License-Identifier: MIT
 *
 * Linux counts pgd, pud, pmd, pte (p4d too with five levels); a format with fewer levels folds the upper ones into
 * its top entry, so all of these levels have the same pointer.
 */
#include "inspect/linux.h"

struct log {
	struct out *out;
	const struct target *t;
	uint64_t (*now)(void *ctx);
	void *ctx;
};

static void put_stamp(struct out *out, uint64_t (*now)(void *ctx), void *ctx)
{
	uint64_t us;

	if (!now)
		return;
	us = now(ctx);
	out_printf(out, "[%5llu.%06u] ", (unsigned long long)(us / 1000000), (unsigned)(us % 1000000));
}

static void stamp(const struct log *log)
{
	put_stamp(log->out, log->now, log->ctx);
}

struct linux_log linux_log(struct out *out, const struct target *t)
{
	return (struct linux_log){ out, t->system ? t->system->now : NULL, t->system_ctx };
}

void linux_log_line(const struct linux_log *log, const char *fmt, ...)
{
	va_list ap;

	put_stamp(log->out, log->now, log->ctx);
	va_start(ap, fmt);
	out_vprintf(log->out, fmt, ap);
	va_end(ap);
	out_char(log->out, '\n');
}

/* Kernel address at which `pa` is mapped. */
static uint64_t pointer(const struct log *log, uint64_t pa)
{
	return pa < log->t->direct_size ? log->t->direct_base + pa : pa;
}

static uint64_t entry_pointer(const struct log *log, const struct pt_step *step)
{
	uint64_t align = step->level ? log->t->mode->format->isa->entries.pointer_align : 1;

	/* Linux's pointer is to its own copy of the entry, where it keeps one. */
	return pointer(log, ALIGN_DOWN(step->entry_pa.v, align)) - (step->level ? 0 : log->t->linux_pte);
}

static void put_pointer(const struct log *log, const char *name, const struct pt_step *step)
{
	stamp(log);
	out_printf(log->out, "%s pointer: %llx\n", name, (unsigned long long)entry_pointer(log, step));
}

/* Returns the step for level `level` of Linux (pte 0, pmd 1, pud 2, p4d 3). NULL: the walk ended above it. */
static const struct pt_step *step_of(const struct log *log, const struct pt_walk *w, unsigned level)
{
	unsigned top = log->t->mode->levels - 1u, at = level < top ? level : top;

	for (unsigned i = 0; i < w->n; i++)
		if (w->step[i].level == at)
			return &w->step[i];
	return NULL;
}

static void put_levels(const struct log *log, const struct pt_walk *w)
{
	static const char *const names[] = { "pte", "pmd", "pud", "p4d" };
	unsigned from = log->t->mode->levels == 5 ? 3 : 2;

	stamp(log);
	out_printf(log->out, "pgd pointer: %llx pgd entry:%llx\n", (unsigned long long)pointer(log, log->t->root.v),
	           (unsigned long long)entry_pointer(log, &w->step[0]));
	for (unsigned level = from + 1; level-- > 0; ) {
		const struct pt_step *step = step_of(log, w, level);

		if (step)
			put_pointer(log, names[level], step);
	}
}

static void put_end(const struct log *log, const struct pt_walk *w)
{
	const char *name = log->t->mode->format->level[w->last.level].linux;

	stamp(log);
	if (w->err == ERR_IO)
		out_printf(log->out, "%s cannot be read\n", name);
	else
		out_printf(log->out, "%s is %s: no page\n", name,
		           w->outcome == PT_EMPTY ? "none" : w->outcome == PT_SOFT ? "not present" : "bad");
}

static void put_value(const struct log *log, uint64_t va)
{
	struct target own = *log->t;
	int32_t value;

	/* Reads the memory of this process, independent of .process. */
	own.decode = DECODE_ALL;
	stamp(log);
	if (target_read_virt(&own, va, &value, sizeof(value)) == OK)
		out_printf(log->out, "value at address : %d\n", (int)value);
	else
		out_puts(log->out, "value at address : ????????\n");
}

void linux_walk_log(struct out *out, const struct target *t, int pid, uint64_t va, uint64_t (*now)(void *ctx),
                    void *ctx)
{
	struct log log = { out, t, now, ctx };
	struct pt_space space = target_space(t);
	struct pt_step steps[PT_MAX_LEVELS];
	struct pt_walk w;

	pt_walk(&space, va, &w, steps, ARRAY_LEN(steps));
	stamp(&log);
	out_printf(out, "task_struct pid : %d\n", pid);
	stamp(&log);
	out_printf(out, "virt addr :%llu %llx\n", (unsigned long long)va, (unsigned long long)va);
	if (w.err == ERR_RANGE) {
		stamp(&log);
		out_puts(out, "no such address\n");
		return;
	}
	put_levels(&log, &w);
	if (w.outcome != PT_LEAF) {
		put_end(&log, &w);
		return;
	}
	stamp(&log);
	out_printf(out, "page address %llx physical address %llx\n",
	           (unsigned long long)ALIGN_DOWN(w.pa.v, (uint64_t)PAGE_SIZE), (unsigned long long)w.pa.v);
	put_value(&log, va);
}
