/* arch/x86/power.c - leaving: off, or from the start again.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/x86/x86.h"
#include "hw/x86/io.h"

#define SLEEP_S5 0x2000        /* PM1 control: SLP_EN, type 0, which is soft-off in these three */
#define SHUTDOWN_PORT 0x8900   /* Bochs: the word, letter by letter */
#define DEBUG_EXIT_PORT 0xF4   /* QEMU's isa-debug-exit, four ports: a write of n ends QEMU with status 2n + 1 */
#define DEBUG_EXIT_PORTS 4
#define KBC_PORT 0x64
#define KBC_RESET 0xFE
#define QEMU_PATIENCE 100      /* times PATIENCE */
#define PATIENCE 100000        /* port reads, a microsecond each on a real bus */

extern struct out console;

/* The board or the emulator may act with a delay. */
static void be_patient(void)
{
	for (unsigned i = 0; i < PATIENCE; i++)
		(void)inb(KBC_PORT);
}

/* isa-debug-exit reads as zero. Ports without a device read as ones, and some emulators stop at a write to them. */
static bool has_debug_exit(void)
{
	for (unsigned i = 0; i < DEBUG_EXIT_PORTS; i++)
		if (inb((uint16_t)(DEBUG_EXIT_PORT + i)))
			return false;
	return true;
}

static void debug_exit(void)
{
	if (has_debug_exit())
		outb(DEBUG_EXIT_PORT, 0);
}

/* ACPI ends an emulator with status 0, the debug port with another one: the debug port is tried first after a failure, else
 * last. */
_Noreturn void arch_poweroff(bool failed)
{
	/* PIIX4 under SeaBIOS and ICH9 (q35); PIIX4 under OVMF and Bochs. */
	static const uint16_t pm1_control[] = { 0x604, 0xB004 };

	__asm__ volatile("cli");
	if (failed)
		debug_exit();
	for (size_t i = 0; i < ARRAY_LEN(pm1_control); i++)
		outw(pm1_control[i], SLEEP_S5);
	be_patient();
	for (const char *word = "Shutdown"; *word; word++)
		outb(SHUTDOWN_PORT, (uint8_t)*word);
	/* QEMU's main loop may not have processed the request yet; a write to the debug port would then report a success as a
	 * failure. */
	for (unsigned i = 0; i < QEMU_PATIENCE && has_debug_exit(); i++)
		be_patient();
	debug_exit();
	be_patient();
	out_puts(&console, "this machine cannot power itself off; you can power it off now\n");
	arch_stop();
}

_Noreturn void arch_reboot(void)
{
	const struct { uint16_t limit; uintptr_t base; } __attribute__((packed)) none = { 0, 0 };

	__asm__ volatile("cli");
	outb(KBC_PORT, KBC_RESET);
	be_patient();
	/* No keyboard controller: without an IDT any exception shuts the CPU down, and the board answers by a reset. */
	__asm__ volatile("lidt %0; int3" :: "m"(none));
	arch_stop();
}
