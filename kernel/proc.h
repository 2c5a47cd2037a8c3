/* kernel/proc.h - processes: one thread each, an address space each, preempted on the way back to user mode.
 * SPDX-License-Identifier: MIT
 *
 * The kernel is not preemptible: a switch happens in sched_yield(), sched_sleep_on() or on return to user mode.
 * Everything here is called with interrupts as they come; what interrupt handlers may call says so.
 */
#pragma once
#include "arch/context.h"
#include "lib/err.h"
#include "lib/list.h"
#include "mm/space/aspace.h"
#include "mm/space/fault.h"

enum proc_state { PROC_READY, PROC_RUNNING, PROC_WAITING, PROC_ZOMBIE };

struct wait_queue { struct list sleepers; };

/* Statuses that no exit() can give. */
#define PROC_KILLED  (-1000)
#define PROC_FAULTED (-1001)
#define PROC_OOPSED  (-1002)

/* What loading a program finds out. */
struct program {
	uint64_t image_first, image_last, timestamp;
	uint64_t brk_first;         /* where its heap begins */
	uint64_t start_pc, start_sp;
};

struct proc {
	struct list link;           /* all processes, by pid */
	struct list run;            /* ready list, a wait queue, or alone */
	uint32_t pid;
	struct proc *parent;        /* NULL: the kernel's child; it is reaped as soon as it has ended */
	enum proc_state state;
	struct aspace *as;          /* NULL once it has ended */
	void *kstack;               /* top; NULL for the one that boot began on */
	struct arch_context context;
	struct trap_frame *user;    /* its frame while it is in the kernel; NULL for kernel processes */
	bool kernel_only;           /* has no program: kd, idle */
	bool killed;                /* ends before it sees user mode again */
	int32_t status;             /* exit status, or one of those above */
	struct wait_queue ended;    /* who waits for a child */
	uint64_t wake_at;           /* tick; 0: no timeout */
	struct program program;
	uint64_t brk;               /* the heap's end */
	uint64_t slices;            /* times it was switched to */
	uint32_t kept_frames;       /* that its allocations leave: frame_keep() */
	char name[16];
	void *handle[8];            /* open, shm_open: struct file or section, tagged by kernel/handle.c */
};

extern struct proc *current_proc;
/* Whom the shell waits for, or NULL: it and its children may read the console, nobody else takes keys from the shell. */
extern struct proc *console_reader;
/* Every process through struct proc.link. */
extern struct list procs;

/* Makes the running context a process called kd with a root and a user half of its own. Once, after mm_init(). */
void proc_init(void);
struct proc *proc_by_pid(uint32_t pid);
/* "EPROCESS" address or pid: what `.process` and `!process` take; NULL: neither. */
struct proc *proc_by_any(uint64_t value);

/* Processes that programs may make, the ended ones that wait for their parents included: so many that some kernel stacks
 * are left for what the shell starts. */
#define PROC_MAX 250
/* Frames that are left for the shell, and for the small programs that it starts. */
#define PROC_KEPT_FRAMES 64

/* Starts a program of the initrd. argv[0] is its name. ERR_NOT_FOUND, ERR_INVALID (no program for this CPU),
 * ERR_NO_MEMORY. */
MUST_USE err_t proc_run(const char *const argv[], unsigned argc, struct proc **out);
/* Is p the current process, or does its line of parents lead there? Only those may a program end. */
bool proc_is_own(const struct proc *p);
/* Marks it killed and wakes it; it ends on its way to user mode. May be called from interrupt handlers. */
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

/* A trap from user mode that nobody resolved: says so in Linux's words and ends the process. kernel.h's user_trap. */
bool proc_user_trap(struct trap_frame *f, const struct fault *fault, enum fault_result result);
/* Gives back what is left of an ended process, or of one that never ran. */
void proc_discard(struct proc *p);
/* Those that nobody waits for; whoever runs next does it. */
void proc_reap_orphans(void);

/* ---- scheduling ---- */
/* A process enters the ready list. */
void sched_add(struct proc *p);
/* Wakes one that sleeps, wherever. */
void sched_wake_one(struct proc *p);
/* The current process never runs again. Interrupts off. */
_Noreturn void sched_leave(void);
void sched_yield(void);
/* Sleeps until woken, or until the tick; 0: no timeout. Interrupts off. False: killed meanwhile. */
bool sched_sleep_on(struct wait_queue *q, uint64_t until_tick);
/* Wakes all of them, at the front of the ready list. May be called from interrupt handlers. */
void sched_wake(struct wait_queue *q);
/* From the timer. */
void sched_tick(void);
uint64_t sched_ticks(void);
#define SCHED_HZ 100
/* Somebody else's turn. */
extern bool sched_slice_over;
/* Switches, for it is time, or ends a killed process. */
void sched_attend(void);
/* On the way back to user mode; interrupts off. */
static inline void sched_return_to_user(void)
{
	if (sched_slice_over || current_proc->killed)
		sched_attend();
}
