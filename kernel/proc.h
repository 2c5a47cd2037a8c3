/* kernel/proc.h - processes: one thread and one address space each, preempted on return to user mode.
 * SPDX-License-Identifier: MIT
 *
 * The kernel is not preemptible: a switch happens in sched_yield(), sched_sleep_on() or on return to user mode.
 * Functions can be called with interrupts on or off; only those that say so can be called from interrupt handlers.
 */
#pragma once
#include "arch/context.h"
#include "lib/abi.h"
#include "lib/err.h"
#include "lib/list.h"
#include "mm/phys/task.h"
#include "mm/reclaim/reclaim.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"

enum proc_state { PROC_READY, PROC_RUNNING, PROC_WAITING, PROC_ZOMBIE };

struct wait_queue { struct list sleepers; };

/* Statuses that exit() cannot produce. */
#define PROC_KILLED    ABI_STATUS_KILLED
#define PROC_FAULTED   ABI_STATUS_FAULTED
#define PROC_OOPSED    ABI_STATUS_OOPSED
#define PROC_BUS_ERROR ABI_STATUS_BUS

/* Result of loading a program. */
struct program {
	uint64_t image_first, image_last, timestamp;
	uint64_t brk_first;         /* start of its heap */
	uint64_t start_pc, start_sp;
};

struct proc {
	struct list link;           /* all processes, by pid */
	struct list run;            /* ready list, a wait queue, or alone */
	uint32_t pid;
	struct proc *parent;        /* NULL: child of the kernel; reaped as soon as it has exited */
	enum proc_state state;
	struct aspace *as;          /* NULL after its exit */
	struct mm_task mm;          /* its TLB batch and kmap slots */
	void *kstack;               /* top; NULL: the boot stack */
	struct arch_context context;
	struct trap_frame *user;    /* its frame while it is in the kernel; NULL for kernel processes */
	bool kernel_only;           /* has no program: kd */
	bool killed;                /* exits before it returns to user mode */
	int32_t status;             /* exit status, or one of those above */
	struct wait_queue ended;    /* waits for the exit of a child */
	uint64_t wake_at;           /* tick; 0: no timeout */
	struct program program;
	uint64_t brk;               /* the heap's end */
	uint64_t slices;            /* number of switches to it */
	char name[16];
	void *handle[8];            /* open, shm_open: struct file or section, tagged by kernel/handle.c */
};

extern struct proc *current_proc;
/* The process that the shell waits for, or NULL. Only this process and its descendants may read the console. */
extern struct proc *console_reader;
/* Every process through struct proc.link. */
extern struct list procs;

/* Makes the running context the process kd, with its own root and user half. Call once, after mm_init(). */
void proc_init(void);
struct proc *proc_by_pid(uint32_t pid);
/* "EPROCESS" address or pid: what `.process` and `!process` take; NULL: neither. */
struct proc *proc_by_any(uint64_t value);

/* Limit of processes that programs can create, zombies included; it leaves kernel stacks for programs that the shell starts. */
#define PROC_MAX 250
/* Frames that allocations of the process must leave (frame_keep): programs leave watermarks.min to the shell, to small
 * programs that it starts, and to the tasks that free memory. */
static inline uint32_t proc_kept_frames(const struct proc *p)
{
	return p->kernel_only ? 0 : watermarks.min;
}

/* Starts a program of the initrd. argv[0] is its name. ERR_NOT_FOUND, ERR_INVALID (no program for this CPU),
 * ERR_NO_MEMORY. */
MUST_USE err_t proc_run(const char *const argv[], unsigned argc, struct proc **out);
/* Starts a task of the kernel: `entry` runs on a stack of its own, with interrupts off at first and the kernel's root, and never
 * returns. It cannot be killed. ERR_NO_MEMORY. */
MUST_USE err_t proc_start_task(const char *name, void (*entry)(void *arg));
/* True if p is the current process or one of its descendants. A program can end only these. */
bool proc_is_own(const struct proc *p);
/* Marks it killed and wakes it; it exits on return to user mode. May be called from interrupt handlers. */
void proc_kill(struct proc *p);
/* Ends the current process. */
_Noreturn void proc_exit(int32_t status);
/* Sleeps until the child (pid, or 0 any) has ended, reaps it. ERR_NOT_FOUND: no such child. ERR_BUSY: interrupted
 * by kill. */
MUST_USE err_t proc_wait(uint32_t pid, uint32_t *which, int32_t *status);
/* ERR_NO_MEMORY: also when there are PROC_MAX processes. */
MUST_USE err_t proc_fork(const struct trap_frame *f, uint32_t *pid);
/* Replaces the program of the current process; returns only with an error, the old program untouched. */
MUST_USE err_t proc_exec(const char *const argv[], unsigned argc);

/* Handles an unresolved trap from user mode: prints it in the form of Linux and ends the process.
 * See user_trap in kernel/trap.h. */
bool proc_user_trap(struct trap_frame *f, const struct fault *fault, enum fault_result result);
/* Frees a zombie, or a process that never ran. */
void proc_discard(struct proc *p);
/* Frees the zombies without a parent; called by the next process that runs. */
void proc_reap_orphans(void);

/* ---- scheduling ---- */
/* Adds a process to the ready list. */
void sched_add(struct proc *p);
/* Wakes a sleeping process, on any wait queue. */
void sched_wake_one(struct proc *p);
/* The current process never runs again. Interrupts off. */
_Noreturn void sched_leave(void);
void sched_yield(void);
/* Sleeps until woken, or until the tick; 0: no timeout. Interrupts off. False: killed meanwhile. */
bool sched_sleep_on(struct wait_queue *q, uint64_t until_tick);
/* The same for a sleep that a kill must not end, because a device writes to the caller's buffer: a kill wakes the caller, which
 * sleeps again until the request is done. Interrupts off. */
void sched_wait_on(struct wait_queue *q);
/* Wakes all sleepers, to the front of the ready list. May be called from interrupt handlers. */
void sched_wake(struct wait_queue *q);
/* From the timer. */
void sched_tick(void);
uint64_t sched_ticks(void);
/* No process is ready: the CPU waits for an interrupt. */
bool sched_is_idle(void);
#define SCHED_HZ 100
/* True: the current process must yield before it returns to user mode. */
extern bool sched_slice_over;
/* Yields if the time slice is over. Ends the process if it was killed. */
void sched_attend(void);
/* Called on return to user mode, with interrupts off. */
static inline void sched_return_to_user(void)
{
	if (sched_slice_over || current_proc->killed)
		sched_attend();
}
