/* kernel/proc.c - processes: made, forked, ended, waited for.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/proc.h"
#include "arch/cpu.h"
#include "kernel/exec.h"
#include "kernel/handle.h"
#include "kernel/live.h"
#include "kernel/reclaim.h"
#include "kernel/recording.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "mm/phys/heap.h"
#include "mm/space/fork.h"
#include "mm/space/vmalloc.h"
#include "mm/wait.h"

struct list procs = LIST_INIT(procs);
/* Never reused; kd has pid 1. Tasks of the kernel count from TASK_PIDS, so that programs have the same pids without them. */
#define TASK_PIDS 0xF001
static uint32_t next_pid = 1, next_task = TASK_PIDS;
/* A zombie without a parent may exist: proc_reap_orphans() has to search for it. */
static bool orphan_ended;
static unsigned programs;      /* processes but kd, zombies included */

/* A new process is WAITING and on no list until sched_add(). */
static void init_fields(struct proc *p, const char *name, uint32_t pid)
{
	*p = (struct proc){ .pid = pid, .state = PROC_WAITING };
	list_init(&p->run);
	list_init(&p->ended.sleepers);
	str_copy(p->name, name, sizeof(p->name));
	list_insert(&procs, &p->link);
}

/* Without a program yet. NULL: no memory. */
static struct proc *new_proc(const char *name)
{
	struct proc *p = kmalloc(sizeof(*p));

	if (!p)
		return NULL;
	init_fields(p, name, next_pid++);
	programs++;
	p->kstack = kstack_alloc();
	if (p->kstack && aspace_create(p->name, &p->as) == OK) {
		p->as->owner = p;
		return p;
	}
	proc_discard(p);
	return NULL;
}

/* Frees all parts of a process that does not run; any part can be missing (new_proc() failed). Not
 * for the current process, whose stack is in use: the next process that runs frees it. */
void proc_discard(struct proc *p)
{
	ASSERT(p != current_proc);
	if (p->as)
		aspace_destroy(p->as);
	if (p->kstack)
		kstack_free(p->kstack);
	handle_close_all(p);
	list_remove(&p->link);
	programs--;
	kfree(p);
}

/* kd is static, so its creation needs no heap and it is never freed. */
static struct proc kd;

void proc_init(void)
{
	err_t err;

	init_fields(&kd, "kd", next_pid++);
	err = aspace_create(kd.name, &kd.as);
	ASSERT(err == OK);
	kd.as->owner = &kd;
	kd.kernel_only = true;
	kd.state = PROC_RUNNING;
	current_proc = &kd;
	mm_task = &kd.mm;
	aspace_load(kd.as);
	live_loaded(kd.as->space.half[0].root);
	user_trap = proc_user_trap;
}

struct proc *proc_by_pid(uint32_t pid)
{
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->pid == pid)
			return p;
	}
	return NULL;
}

struct proc *proc_by_any(uint64_t value)
{
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if ((uintptr_t)p == value || p->pid == value)
			return p;
	}
	return NULL;
}

/* ---- beginning ---- */

/* For a process that enters user mode without returning from a trap: sched_return_to_user() does
 * not check it. Interrupts are off. */
static void end_if_killed(void)
{
	if (current_proc->killed)
		proc_exit(PROC_KILLED);
}

/* Enters user mode at the program's first instruction with all registers zero except the argument.
 * Interrupts are off. */
static _Noreturn void enter_program(const struct proc *p)
{
	end_if_killed();
	arch_user_enter(p->program.start_pc, p->program.start_sp, p->program.start_sp);
}

/* First code on a fresh kernel stack; interrupts are off. */
static void begin_program(void *arg)
{
	proc_reap_orphans();
	enter_program(arg);
}

/* The address space is complete before sched_add(), so a failure needs no cleanup of a running
 * process. */
static err_t run_once(const char *const argv[], unsigned argc, struct proc **out)
{
	struct proc *p = new_proc(argv[0]);
	err_t err;

	if (!p)
		return ERR_NO_MEMORY;
	err = exec_load(&p->program, p->as, argv, argc);
	if (err != OK) {
		proc_discard(p);
		return err;
	}
	p->brk = p->program.brk_first;
	p->parent = current_proc;
	arch_context_init(&p->context, p->kstack, begin_program, p);
	recording_program_starts(p);
	sched_add(p);
	*out = p;
	return OK;
}

err_t proc_run(const char *const argv[], unsigned argc, struct proc **out)
{
	err_t err = run_once(argv, argc, out);

	for (unsigned n = 0; err == ERR_NO_MEMORY && reclaim_make_room(n); n++)
		err = run_once(argv, argc, out);
	return err;
}

err_t proc_start_task(const char *name, void (*entry)(void *arg))
{
	struct proc *p = kmalloc(sizeof(*p));

	if (!p)
		return ERR_NO_MEMORY;
	init_fields(p, name, next_task++);
	p->kernel_only = true;
	p->as = &kernel_aspace;
	p->kstack = kstack_alloc();
	if (!p->kstack) {
		list_remove(&p->link);
		kfree(p);
		return ERR_NO_MEMORY;
	}
	arch_context_init(&p->context, p->kstack, entry, NULL);
	sched_add(p);
	return OK;
}

/* First code of a forked child, on its own kernel stack. It can have been killed before its first run. */
static void begin_child(void *arg)
{
	proc_reap_orphans();
	end_if_killed();
	arch_user_resume(arg);
}

/* Copies the parent's frame to the top of the child's kernel stack, where a trap of the child
 * would put it, and sets the child's return value of fork() to 0. */
static struct trap_frame *copy_frame(struct proc *child, const struct trap_frame *f)
{
	struct trap_frame *own = (void *)((char *)child->kstack - ALIGN_UP(arch_frame_bytes(), 16u));

	memcpy(own, f, arch_frame_bytes());
	arch_syscall_return(own, 0);
	return own;
}

/* aspace_fork() write-protects the parent's pages and flushes its TLB. The child runs only after
 * sched_add(), when all fields are set. */
err_t proc_fork(const struct trap_frame *f, uint32_t *pid)
{
	struct proc *p = current_proc, *child = programs < PROC_MAX ? new_proc(p->name) : NULL;
	err_t err;

	if (!child)
		return ERR_NO_MEMORY;
	err = aspace_fork(p->as, child->as);
	if (err != OK) {
		proc_discard(child);
		return err;
	}
	child->parent = p;
	child->program = p->program;
	child->brk = p->brk;
	handle_copy_all(child, p);
	child->user = copy_frame(child, f);
	arch_context_init(&child->context, child->user, begin_child, child->user);
	sched_add(child);
	*pid = child->pid;
	return OK;
}

/* Composes the new address space beside the old one, so that every error leaves the caller
 * unchanged. `argv` must be in kernel memory: the old address space is freed before the program
 * begins. */
err_t proc_exec(const char *const argv[], unsigned argc)
{
	struct proc *p = current_proc;
	struct aspace *old = p->as, *new;
	struct program program;
	err_t err = aspace_create(p->name, &new);

	if (err != OK)
		return err;
	new->owner = p;
	err = exec_load(&program, new, argv, argc);
	if (err != OK) {
		aspace_destroy(new);
		return err;
	}
	/* No step after this one can fail, and no field of `p` has changed before. */
	str_copy(p->name, argv[0], sizeof(p->name));
	p->program = program;
	p->brk = program.brk_first;
	p->as = new;
	recording_space_changes(old, p);
	/* The CPU must have left the old root before aspace_destroy() frees its tables. */
	aspace_load(new);
	live_root_gone(old->space.half[0].root, new->space.half[0].root);
	aspace_destroy(old);
	arch_irq_save();
	enter_program(p);
}

/* ---- ending ---- */

/* Children continue without a parent, and no process waits for their exit: zombies among them are
 * reaped by the next process that runs. */
static void leave_children(const struct proc *p)
{
	list_for_each(l, &procs) {
		struct proc *child = container_of(l, struct proc, link);

		if (child->parent != p)
			continue;
		child->parent = NULL;
		orphan_ended |= child->state == PROC_ZOMBIE;
	}
}

_Noreturn void proc_exit(int32_t status)
{
	struct proc *p = current_proc;
	struct aspace *as = p->as;

	ASSERT(!p->kernel_only);
	arch_irq_save();
	/* Kernel stacks are in the kernel half, which every root shares, so the stack stays mapped
	 * when the process's own root is freed. */
	aspace_load(&kernel_aspace);
	p->as = NULL;
	live_root_gone(as->space.half[0].root, PADDR(0));
	aspace_destroy(as);
	handle_close_all(p);
	leave_children(p);
	p->status = status;
	p->user = NULL;
	/* Faults that found no frame can go on. */
	mm_wake();
	if (p->parent)
		sched_wake(&p->parent->ended);
	else
		orphan_ended = true;
	sched_leave();
}

/* Called by a process that was just switched to: a zombie's kernel stack is no longer in use then. */
void proc_reap_orphans(void)
{
	if (!orphan_ended)
		return;
	orphan_ended = false;
	for (struct list *l = procs.next, *next; l != &procs; l = next) {
		struct proc *p = container_of(l, struct proc, link);

		next = l->next;
		if (p->state == PROC_ZOMBIE && !p->parent && p != current_proc)
			proc_discard(p);
	}
}

/* Finds a zombie child, `pid` or 0 for any. *any: a matching child exists, zombie or not. */
static struct proc *find_child(uint32_t pid, bool *any)
{
	*any = false;
	list_for_each(l, &procs) {
		struct proc *p = container_of(l, struct proc, link);

		if (p->parent != current_proc || (pid && p->pid != pid))
			continue;
		*any = true;
		if (p->state == PROC_ZOMBIE)
			return p;
	}
	return NULL;
}

/* Interrupts stay off from the search to the sleep, so that an exit between the two cannot be
 * missed. */
err_t proc_wait(uint32_t pid, uint32_t *which, int32_t *status)
{
	irq_state_t irq = arch_irq_save();
	err_t err = OK;
	struct proc *p;
	bool any;

	while (!(p = find_child(pid, &any)) && any)
		if (!sched_sleep_on(&current_proc->ended, 0)) {
			err = ERR_BUSY;
			break;
		}
	arch_irq_restore(irq);
	if (err != OK || !p)
		return err != OK ? err : ERR_NOT_FOUND;
	*which = p->pid;
	*status = p->status;
	proc_discard(p);
	return OK;
}

/* Follows the parents upwards; a process whose parent exited is a descendant of none. */
bool proc_is_own(const struct proc *p)
{
	while (p && p != current_proc)
		p = p->parent;
	return p;
}

void proc_kill(struct proc *p)
{
	irq_state_t irq = arch_irq_save();

	if (!p->kernel_only) {
		p->killed = true;
		sched_wake_one(p);
	}
	arch_irq_restore(irq);
}
