/* kernel/recording.c - which process is recorded, and the task that takes samples.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/recording.h"
#include "arch/cpu.h"
#include "kernel/console.h"
#include "lib/string.h"

struct recorded_process recorded_process;

static struct recording_order awaited;
static struct { struct wait_queue rests; bool exists; } sampler;

/* User mode has made no progress if its registers are those of the last fault. */
static uint64_t registers_of(const struct vm_fault *f)
{
	uint64_t sum = 0;

	if (f->as != current_proc->as || !current_proc->user)
		return 0;
	for (const struct arch_reg *r = arch_regs; r->name; r++)
		if (!r->control && (!r->exists || r->exists()))
			sum = sum * 0x9E3779B97F4A7C15u + r->get(current_proc->user, r);
	return sum;
}

/* ---- samples ---- */

static _Noreturn void sample_forever(void *arg)
{
	(void)arg;
	arch_irqs_enable();
	for (;;) {
		bool works = recorder.as && recorder.mode == RECORDED_BITS;
		irq_state_t irq = arch_irq_save();

		(void)sched_sleep_on(&sampler.rests, works ? sched_ticks() + recorded_process.period : 0);
		arch_irq_restore(irq);
		recorder_sample();
	}
}

static err_t wake_sampler(void)
{
	if (!sampler.exists) {
		list_init(&sampler.rests.sleepers);
		sampler.exists = proc_start_task("sampler", sample_forever) == OK;
	}
	if (sampler.exists)
		sched_wake(&sampler.rests);
	return sampler.exists ? OK : ERR_NO_MEMORY;
}

/* ---- begin and end ---- */

err_t recording_start(struct proc *p, const struct recording_order *order)
{
	struct recorder_request q = {
		.as = p->as, .mode = order->mode, .room = RECORDER_REFERENCES, .pages_room = RECORDER_PAGES,
		.frames = order->frames, .policy = order->policy,
	};
	err_t err;

	recorder_progress = registers_of;
	err = order->mode == RECORDED_BITS ? wake_sampler() : OK;
	if (err == OK)
		err = recorder_start(&q);
	if (err != OK)
		return err;
	recorded_process = (struct recorded_process){ .pid = p->pid, .period = order->period };
	str_copy(recorded_process.name, p->name, sizeof(recorded_process.name));
	return OK;
}

void recording_await(const struct recording_order *order)
{
	awaited = *order;
	recorded_process.waiting = true;
}

void recording_stop(void)
{
	recorded_process.waiting = false;
	recorder_stop();
}

void recording_program_starts(struct proc *p)
{
	err_t err;

	if (!recorded_process.waiting)
		return;
	err = recording_start(p, &awaited);
	recorded_process.waiting = false;
	if (err != OK)
		out_printf(&console, "record: %s is not recorded: %s\n", p->name, err_text(err));
}

void recording_space_changes(const struct aspace *old, struct proc *p)
{
	if (!old->recorded)
		return;
	str_copy(recorded_process.name, p->name, sizeof(recorded_process.name));
	recorder_follow(p->as);
}
