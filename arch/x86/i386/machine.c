/* arch/x86/i386/machine.c - descriptor tables, exceptions, entry stores and control registers of i386.
 * SPDX-License-Identifier: MIT
 */
#include "arch/machine.h"
#include "arch/x86/io.h"
#include "arch/x86/regs.h"
#include "kernel/kernel.h"
#include "kernel/string.h"

#define EXCEPTIONS 32
#define STUB_BYTES 16
#define GATE_INTERRUPT 0x8E00u   /* present, ring 0, 32-bit interrupt gate: SDM vol. 3A 6.11 */
#define PAGE_FAULT 14
#define QEMU_EXIT_PORT 0xF4
#define PM_PORT 0x604            /* ACPI PM1a control of QEMU's PIIX4; q35 too */
#define PM_OFF  0x2000
#define KBD_PORT 0x64
#define KBD_RESET 0xFE

struct pseudo { uint16_t limit; uint32_t base; } __attribute__((packed));

struct trap_frame {
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t vector, code, eip, cs, eflags;
};

static const uint64_t gdt[] = { 0, GDT_FLAT_CODE, GDT_FLAT_DATA };
static uint64_t idt[EXCEPTIONS];
extern const char trap_stubs[];

void arch_init_traps(void)
{
	struct pseudo g = { sizeof(gdt) - 1, (uint32_t)(uintptr_t)gdt };
	struct pseudo i = { sizeof(idt) - 1, (uint32_t)(uintptr_t)idt };

	for (unsigned v = 0; v < EXCEPTIONS; v++) {
		uint32_t at = (uint32_t)(uintptr_t)trap_stubs + v * STUB_BYTES;

		idt[v] = (uint64_t)((at & 0xFFFF0000u) | GATE_INTERRUPT) << 32 | SEL_KERNEL_CODE << 16 | (at & 0xFFFF);
	}
	/* The boot stage's table is about to lose its address: same descriptors, our own place. */
	__asm__ volatile("lgdt %0; lidt %1" :: "m"(g), "m"(i));
}

_Noreturn void arch_exception(const struct trap_frame *f);
_Noreturn void arch_exception(const struct trap_frame *f)
{
	if (f->vector == PAGE_FAULT)
		out_printf(&console, "\nBUG: unable to handle page fault for address: %08lx\n"
		           "#PF: supervisor %s in kernel mode\n#PF: error_code(0x%04x) - %s\n",
		           (unsigned long)read_cr2(), f->code & PF_I ? "instruction fetch" :
		           f->code & PF_W ? "write access" : "read access", (unsigned)f->code,
		           f->code & PF_RSVD ? "reserved bit violation" :
		           f->code & PF_P ? "permissions violation" : "not-present page");
	out_printf(&console, "exception %u, code %x, eip %08x; the machine stops here\n"
	           "eax=%08x ebx=%08x ecx=%08x edx=%08x esi=%08x edi=%08x ebp=%08x\n",
	           (unsigned)f->vector, (unsigned)f->code, (unsigned)f->eip, (unsigned)f->eax, (unsigned)f->ebx,
	           (unsigned)f->ecx, (unsigned)f->edx, (unsigned)f->esi, (unsigned)f->edi, (unsigned)f->ebp);
	for (;;)
		__asm__ volatile("cli; hlt");
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	out_printf(&console, "\nassertion failed: %s (%s:%d)\n", condition, file, line);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void arch_entry_store(void *at, unsigned bytes, uint64_t old, uint64_t new)
{
	volatile uint32_t *half = at;

	(void)old;
	if (bytes == 8) {
		/* P is in the low half: it goes first and comes last, so no mixture is ever present. */
		half[0] = 0;
		half[1] = (uint32_t)(new >> 32);
	}
	half[0] = (uint32_t)new;
}

void arch_load_root(uint64_t pa)
{
	write_cr3((uintptr_t)pa);
}

void arch_control_registers(bool has_cr4, bool has_efer, uint64_t ctl[4])
{
	ctl[0] = read_cr0();
	ctl[1] = read_cr3();
	ctl[2] = has_cr4 ? read_cr4() : 0;
	ctl[3] = has_efer ? rdmsr(MSR_EFER) : 0;
}

bool arch_register(const char *name, uint64_t *value)
{
	static const char *const names[] = { "cr0", "cr3", "cr4", "efer" };
	uint64_t ctl[4];

	arch_control_registers(boot_info.cpuid, boot_info.nx, ctl);
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i])) {
			*value = ctl[i];
			return true;
		}
	if (strcmp(name, "cr2"))
		return false;
	*value = read_cr2();
	return true;
}

_Noreturn void machine_poweroff(void)
{
	outw(PM_PORT, PM_OFF);
	outb(QEMU_EXIT_PORT, 0);
	out_puts(&console, "this machine does not switch itself off; it is safe to do it now\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

_Noreturn void machine_reboot(void)
{
	outb(KBD_PORT, KBD_RESET);
	for (;;)
		__asm__ volatile("cli; hlt");
}
