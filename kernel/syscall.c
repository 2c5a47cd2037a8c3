/* kernel/syscall.c - the table of system calls, and the small ones.
 * SPDX-License-Identifier: MIT
 *
 * lib/abi.h lists them; a call is a row there and a function sys_NAME here or in a file of its subject.
 */
#include "kernel/syscall.h"
#include "arch/cpu.h"
#include "kernel/console.h"
#include "kernel/handle.h"
#include "kernel/initrd.h"
#include "kernel/proc.h"
#include "kernel/reclaim.h"
#include "kernel/sys.h"
#include "kernel/uaccess.h"
#include "lib/abi.h"
#include "mm/space/remote.h"

#define CHUNK 128               /* bytes on the kernel stack */

static int64_t sys_exit(const struct sys_args *a)
{
	proc_exit((int32_t)a->arg[0]);
}

/* Copies in chunks through a buffer: reading user memory can fault, printing the buffer cannot. */
static int64_t sys_write(const struct sys_args *a)
{
	uint64_t done = 0;

	if (a->arg[0] != 1 && a->arg[0] != 2)
		return -ERR_INVALID;
	while (done < a->arg[2]) {
		char chunk[CHUNK];
		size_t n = a->arg[2] - done < CHUNK ? (size_t)(a->arg[2] - done) : CHUNK;
		err_t err = copy_from_user(chunk, a->arg[1] + done, n);

		if (err != OK)
			return done ? (int64_t)done : -(int64_t)err;
		/* Printing can wait for the queue, and other processes run meanwhile; a killed process stops here. */
		for (size_t i = 0; i < n; i++)
			out_char(&console, chunk[i]);
		done += n;
		if (current_proc->killed)
			break;
	}
	return (int64_t)done;
}

struct proc *console_reader;

/* True if the process, or one of its ancestors, is the one that the shell waits for. */
static bool may_read(void)
{
	const struct proc *p = current_proc;

	while (p && p != console_reader)
		p = p->parent;
	return p && console_reader;
}

/* Checks the right to read after each sleep, before it takes a byte: the process may have become an orphan, and then the input
 * belongs to the shell. -1: no byte for this process. */
static int next_key(void)
{
	int c = -1;

	while (may_read() && (c = console_try_get()) < 0)
		if (!console_sleep())
			break;
	return c;
}

/* Reads one byte of the keyboard, whatever the length. The page of the buffer is made writable
 * first: a byte that was taken from the queue could not be given back. ERR_BUSY: killed, or input
 * belongs to the shell. */
static int64_t sys_read(const struct sys_args *a)
{
	char c;
	int got;
	pfn_t unused;
	err_t err;

	if (a->arg[0] != 0)
		return -ERR_INVALID;
	if (a->arg[2] == 0)
		return 0;
	/* Before next_key(), so that no byte is lost. */
	if (aspace_fault_in(current_proc->as, a->arg[1], true, &unused) != OK)
		return -ERR_RANGE;
	got = next_key();
	if (got < 0)
		return -ERR_BUSY;
	c = (char)got;
	err = copy_to_user(a->arg[1], &c, 1);
	return err == OK ? 1 : -(int64_t)err;
}

static int64_t sys_fork(const struct sys_args *a)
{
	uint32_t pid;
	err_t err = proc_fork(a->frame, &pid);

	return err == OK ? (int64_t)pid : -(int64_t)err;
}

/* Copies the strings of the NULL-terminated array `from` one after another into `text`, `size`
 * bytes; argv[] points into it. ERR_RANGE: too many, too long, or unreadable memory. The kernel
 * copy is needed because exec frees the memory of the originals. */
static err_t copy_arguments(uint64_t from, char *text, size_t size, const char *argv[], unsigned *argc)
{
	for (*argc = 0; *argc < ABI_ARGS_MAX; ++*argc) {
		uintptr_t at;
		size_t n = 0;
		err_t err = copy_from_user(&at, from + (uint64_t)*argc * sizeof(at), sizeof(at));

		if (err != OK || !at)
			return err;
		err = copy_string_from_user(text, at, size);
		if (err != OK)
			return err;
		argv[*argc] = text;
		while (text[n++])
			;
		text += n;
		size -= n;
		if (size == 0)
			return ERR_RANGE;
	}
	return ERR_RANGE;
}

static int64_t sys_exec(const struct sys_args *a)
{
	char name[ABI_NAME_MAX], text[1024];
	const char *argv[ABI_ARGS_MAX + 1] = { name };
	unsigned argc = 1;
	err_t err = copy_string_from_user(name, a->arg[0], sizeof(name));

	if (err == OK && a->arg[1])
		err = copy_arguments(a->arg[1], text, sizeof(text), argv, &argc);
	/* The name of the program is that of the file, not argv[0]. */
	argv[0] = name;
	if (err == OK)
		err = proc_exec(argv, argc ? argc : 1);
	return -(int64_t)err;
}

/* arg: pid or 0 for any child, address of the status or 0. A bad address is an error although the
 * child has been reaped. */
static int64_t sys_wait(const struct sys_args *a)
{
	uint32_t pid;
	int32_t status;
	err_t err = a->arg[0] <= UINT32_MAX ? proc_wait((uint32_t)a->arg[0], &pid, &status) : ERR_NOT_FOUND;

	if (err == OK && a->arg[1])
		err = copy_to_user(a->arg[1], &status, sizeof(status));
	return err == OK ? (int64_t)pid : -(int64_t)err;
}

static int64_t sys_getpid(const struct sys_args *a)
{
	(void)a;
	return current_proc->pid;
}

static int64_t sys_yield(const struct sys_args *a)
{
	(void)a;
	sched_yield();
	return 0;
}

/* milliseconds */
#define MS_PER_TICK (1000 / SCHED_HZ)

/* Sleeps at least `ms` milliseconds: one tick is added, because the current one has begun already.
 * Nothing wakes the queue but the timer and proc_kill(). */
static int64_t sys_sleep(const struct sys_args *a)
{
	static struct wait_queue sleepers = { LIST_INIT(sleepers.sleepers) };
	uint32_t ms = (uint32_t)a->arg[0];
	irq_state_t irq = arch_irq_save();
	bool alive = sched_sleep_on(&sleepers, sched_ticks() + ms / MS_PER_TICK + 1);

	arch_irq_restore(irq);
	return alive ? 0 : -ERR_BUSY;
}

static int64_t sys_open(const struct sys_args *a)
{
	char name[ABI_NAME_MAX];
	uint32_t handle;
	err_t err = copy_string_from_user(name, a->arg[0], sizeof(name));
	struct file *f = err == OK ? initrd_find(name) : NULL;

	if (err == OK)
		err = f ? handle_file(current_proc, f, &handle) : ERR_NOT_FOUND;
	return err == OK ? (int64_t)handle : -(int64_t)err;
}

/* section_open() returns a reference, which passes to the handle, or is dropped if there is no
 * free handle. */
static int64_t sys_shm_open(const struct sys_args *a)
{
	char name[ABI_NAME_MAX];
	struct section *s;
	uint32_t handle;
	err_t err = copy_string_from_user(name, a->arg[0], sizeof(name));

	if (err == OK)
		err = section_open(name, a->arg[1], &s);
	if (err != OK)
		return -(int64_t)err;
	err = handle_section(current_proc, s, &handle);
	if (err == OK)
		return handle;
	section_put(s);
	return -(int64_t)err;
}

/* A program can end only itself and its descendants: ERR_ACCESS for others. kd is reported as not
 * found. */
static int64_t sys_kill(const struct sys_args *a)
{
	struct proc *p = a->arg[0] <= UINT32_MAX ? proc_by_pid((uint32_t)a->arg[0]) : NULL;

	if (!p || p->kernel_only)
		return -ERR_NOT_FOUND;
	if (!proc_is_own(p))
		return -ERR_ACCESS;
	proc_kill(p);
	return 0;
}

static int64_t sys_ticks(const struct sys_args *a)
{
	(void)a;
	return (int64_t)(arch_ticks() & INT32_MAX);
}

static const struct { int64_t (*call)(const struct sys_args *a); unsigned args; } calls[SYS_COUNT] = {
#define ROW(name, args) [SYS_##name] = { sys_##name, args },
	SYSCALLS(ROW)
#undef ROW
};

/* A call that returns ERR_NO_MEMORY can begin again once pages have left memory: it has changed nothing, or only what the second
 * call does again with the same result (mlock() and madvise(): flags that are set, pages that are in memory). */
static __attribute__((noinline, cold)) int64_t call_again(uintptr_t number, const struct sys_args *a)
{
	int64_t result = -ERR_NO_MEMORY;

	for (unsigned n = 0; result == -ERR_NO_MEMORY && reclaim_make_room(n); n++)
		result = calls[number].call(a);
	return result;
}

/* Interrupts are on during the call and off again before the frame is loaded. Only the words of
 * existing arguments are read, so a.arg[] beyond `args` is not initialised. The result is stored
 * before sched_return_to_user(), which may switch to another process or end this one. */
void syscall(struct trap_frame *f)
{
	uintptr_t number = arch_syscall_number(f);
	int64_t result = -ERR_UNSUPPORTED;
	struct sys_args a;

	current_proc->user = a.frame = f;
	arch_irqs_enable();
	if (number < SYS_COUNT) {
		if (calls[number].args)
			arch_syscall_args(f, a.arg, calls[number].args);
		result = calls[number].call(&a);
		if (result == -ERR_NO_MEMORY)
			result = call_again(number, &a);
	}
	arch_syscall_return(f, (uintptr_t)result);
	arch_irqs_disable();
	sched_return_to_user();
}
