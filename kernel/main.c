/* kernel/main.c - kmain(): runs the init list, then the shell.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/main.h"
#include "arch/context.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/disk.h"
#include "kernel/fsck.h"
#include "kernel/initrd.h"
#include "kernel/live.h"
#include "kernel/nmi.h"
#include "kernel/proc.h"
#include "kernel/reclaim.h"
#include "kernel/shell.h"
#include "kernel/shortage.h"
#include "kernel/boot_trace.h"
#include "kernel/terminal.h"
#include "kernel/trap.h"
#include "mm/mm.h"
#include "mm/space/vmalloc.h"

uint64_t boot_ticks;
static struct wait_queue input = { LIST_INIT(input.sleepers) };

/* Physical address of the first byte after the image, .bss included: image_header.base is the
 * virtual address of physical 0. */
static uint64_t image_end_pa(void)
{
	return image_header.end - image_header.base;
}

/* Initialises mm/. Without enough RAM the machine stops: no part of the kernel works without
 * frames. The IRQL falls to PASSIVE_LEVEL here, because from now on faults can be resolved. An
 * incomplete memory map is reported, and boot continues with the rest. */
static void start_memory(void)
{
	struct mm_report report;
	err_t err = mm_init(&boot_info, image_end_pa(), &report);

	if (err == OK)
		current_irql = PASSIVE_LEVEL;
	if (report.memmap != OK)
		out_printf(&console, "memory map: %s; %llu KiB are not used\n", err_text(report.memmap),
		           (unsigned long long)report.dropped >> 10);
	if (err == OK)
		return;
	out_printf(&console, "memory: %s with %llu KiB of RAM; this kernel needs 16 MiB. The machine stops here.\n",
	           err_text(err), (unsigned long long)memmap_bytes(&mm_ram) >> 10);
	arch_stop();
}

/* Removes the identity map of the boot, so that a NULL pointer in the kernel faults.
 * `identity=keep` retains it for experiments. */
static void drop_identity(void)
{
	if (!(boot_info.flags & BOOT_KEEP_IDENTITY))
		mm_drop_identity();
}

/* Timer interrupt, SCHED_HZ times per second. */
static void tick(void *ctx)
{
	(void)ctx;
	nmi_tick();
	/* First: the others make processes ready and end requests. */
	reclaim_tick();
	sched_tick();
	block_tick();
}

/* console_wake: called by the UART's interrupt handler. */
static void wake_input(void)
{
	sched_wake(&input);
}

/* console_wait: sleeps on a wait queue, so that other processes run. False: the reader was killed. */
static bool wait_input(void)
{
	return sched_sleep_on(&input, 0);
}

/* After start_memory(). Process kd takes over the running context; from here on console input
 * waits through the scheduler. A missing initrd is no error: the shell works without programs. */
static void start_processes(void)
{
	err_t err;

	fsck_init();
	proc_init();
	console_wait = wait_input;
	console_wake = wake_input;
	shortage_init();
	reclaim_start();
	err = initrd_init();
	if (err != OK && err != ERR_NOT_FOUND)
		out_printf(&console, "initrd: %s; the files before the error can be used\n", err_text(err));
}

/* Last, because handlers use what the rows above initialise: tick() needs the list of processes
 * and the wait queue of the console. */
static void start_devices(void)
{
	arch_timer_start(SCHED_HZ, tick, NULL);
	console_interrupts();
	arch_irqs_enable();
}

/* Page-out begins with the first page file. */
static void start_paging(void)
{
	(void)reclaim_use_pagefiles();
}

/* The order matters: each row can use everything that the rows above it have initialised. */
static const struct { void (*init)(void); uint32_t stage; } init_list[] = {
	{ console_init, STAGE_HIGH },
	{ arch_trap_init, STAGE_TRAPS },
	{ live_init, STAGE_NONE },
	{ start_memory, STAGE_MEMORY },
	{ drop_identity, STAGE_IDENTITY },
	{ start_processes, STAGE_NONE },
	{ start_devices, STAGE_NONE },
	{ disk_init, STAGE_NONE },
	{ start_paging, STAGE_NONE },
};

static void greet(void)
{
	const struct pt_mode *mode = arch_pt_mode();

	out_printf(&console, "Pageturner: %s; %llu KiB of RAM. `help` lists the commands, `poweroff` ends the machine.",
	           mode->format->title, (unsigned long long)memmap_bytes(&mm_ram) >> 10);
	/* At the end of a line, so that what is not a terminal has a prompt at the start of one. */
	terminal_ask();
	out_puts(&console, "\n");
}

/* The shell's first function on its own stack, entered with interrupts off. */
static void shell(void *arg)
{
	(void)arg;
	arch_irqs_enable();
	kernel_boot_stage(STAGE_SHELL);
	boot_ticks = arch_ticks();
	shell_run();
}

/* Moves the shell from the boot stack to one of kstack_alloc(): the boot stack lies in the image,
 * with data below it, while an overflow of the other faults in a guard page. Without memory for
 * one the shell keeps the boot stack. */
static void start_shell(void)
{
	static struct arch_context boot, own;
	void *top = kstack_alloc();

	if (!top)
		shell(NULL);
	arch_irq_save();
	arch_context_init(&own, top, shell, NULL);
	arch_switch(&boot, &own);
}

/* Entered from the boot stage with the MMU on, interrupts off and the boot stack. `info` is
 * boot_info at its kernel address. */
_Noreturn void kmain(struct boot_info *info);
_Noreturn void kmain(struct boot_info *info)
{
	ASSERT(info->magic == BOOT_INFO_MAGIC && info->size == sizeof(*info));
	for (size_t i = 0; i < ARRAY_LEN(init_list); i++) {
		init_list[i].init();
		if (init_list[i].stage != STAGE_NONE)
			kernel_boot_stage(init_list[i].stage);
	}
	after_bugcheck = shell_run;
	kernel_started = true;
	greet();
	start_shell();
	arch_stop();
}
