/* boot/x86/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "boot/x86/boot.h"
#include "hw/x86/regs.h"

/* Ports are not translated; the code that writes them is, and what it counts in. */
static void check_tables(const struct boot_tables *t, const struct image_header *h, const struct boot_info *info)
{
	const struct boot_need needs[] = {
		{ "the instruction after the write to CR0", (uintptr_t)mmu_paging_on, PROT_X },
		{ "the boot stack", (uintptr_t)boot_stack_top - 4, PROT_W },
		{ "the descriptor table", (uintptr_t)boot_gdt, PROT_R },
		{ "the boot console's code", (uintptr_t)boot_out.put, PROT_X },
		{ "the boot console", (uintptr_t)&boot_out, PROT_W },
		{ "the jump", (uintptr_t)mmu_jump_high, PROT_X },
		{ "the jump target", h->entry, PROT_X },
		{ "the kernel's stack", h->stack_top - 4, PROT_W },
		{ "the boot information", h->boot_info, PROT_W },
	};

	boot_preflight(t, needs, ARRAY_LEN(needs), info);
}

static _Noreturn void leave(const struct image_header *h, const struct boot_info *info)
{
	struct switch_args args = {
		/* EM: the kernel does not save floating-point state, so a floating-point instruction must raise an exception. */
		.cr0 = CR0_PE | CR0_EM | CR0_ET | CR0_NE | CR0_WP | CR0_PG,
		.cr3 = (uint32_t)info->root, .entry = h->entry, .info = h->boot_info,
	};

	boot_switch_values(info, &args);
	mmu_switch(&args);
}

static struct boot_tables tables;

_Noreturn void boot_main(uint32_t magic, uint32_t pointer);
_Noreturn void boot_main(uint32_t magic, uint32_t pointer)
{
	const struct image_header *h = (const void *)boot_end;
	struct boot_info *info = (void *)(uintptr_t)(h->boot_info - h->base);

	boot_console_init();
	if (h->magic != IMAGE_MAGIC || h->size != HEADER_BYTES)
		boot_stop("no kernel image after the boot stage at %p", (const void *)boot_end);
	info->magic = BOOT_INFO_MAGIC;
	info->size = sizeof(*info);
	info->image_pa = (uintptr_t)boot_start;
	boot_parse_loader(magic, pointer, info);
	boot_probe_cpu(info);
	boot_open_apic();
	boot_note_last(info);
	boot_read_options(info);
	boot_trace_begin(info);
	boot_trace_note(STAGE_ENTRY);
	boot_build_tables(&tables, h, info, boot_choose_format(info));
	boot_break(&tables, &(struct boot_places){
		h->entry, (uintptr_t)boot_stack_top - 4, (uintptr_t)&boot_out, (uintptr_t)boot_gdt }, info);
	boot_trace_note(STAGE_TABLES);
	check_tables(&tables, h, info);
	leave(h, info);
}
