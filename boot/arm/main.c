/* boot/arm/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "boot/arm/boot.h"
#include "boot/record.h"
#include "hw/arm/regs.h"
#include "lib/cmdline.h"
#include "arch_layout.h"

/* ID_MMFR0.VMSA, bits 3:0: 5 is the long format along with the short (B4.1.89). */
#define MMFR0_VMSA_MASK 0xFu
#define MMFR0_VMSA_LPAE 5u

const char boot_format_names[] = "short lpae";

static void choose_format(struct boot_info *info)
{
	info->format = cmdline_is(info->cmdline, "paging", "lpae") ? BOOT_FORMAT_LPAE : BOOT_FORMAT_SHORT;
	if (info->format == BOOT_FORMAT_LPAE && (read_mmfr0() & MMFR0_VMSA_MASK) < MMFR0_VMSA_LPAE) {
		boot_print("boot: this CPU has no long descriptors: booting with short ones\n");
		info->format = BOOT_FORMAT_SHORT;
	}
}

static void check_tables(const struct boot_tables *t, const struct image_header *h, const struct boot_info *info)
{
	const struct boot_need needs[] = {
		{ "the instruction after the write to SCTLR", (uintptr_t)mmu_paging_on, PROT_X },
		{ "the jump", (uintptr_t)mmu_jump_high, PROT_X },
		{ "the boot stack", (uintptr_t)boot_stack_top - 4, PROT_W },
		{ "the boot trace", (uintptr_t)info, PROT_W },
		{ "the jump target", h->entry, PROT_X },
		{ "the kernel's stack", h->stack_top - 4, PROT_W },
		{ "the boot information", h->boot_info, PROT_W },
		{ "the console", UART_VA, PROT_W },
	};

	boot_preflight(t, needs, ARRAY_LEN(needs), info);
}

static struct boot_tables tables;

static _Noreturn void leave(const struct image_header *h, const struct boot_info *info)
{
	bool lpae = info->format == BOOT_FORMAT_LPAE;
	uint32_t sctlr = read_sctlr() & ~(uint32_t)(SCTLR_A | SCTLR_V | SCTLR_WXN | SCTLR_VE | SCTLR_EE | SCTLR_TRE | SCTLR_TE);

	/* A15: takes part in coherency before the caches are on. Where only secure code may, the bit is set already. */
	if (!(read_actlr() & ACTLR_SMP))
		write_actlr(read_actlr() | ACTLR_SMP);
	mmu_switch(&(struct switch_args){
		/* Open for user translations: with lpae the boot stage itself stands in TTBR0's part. */
		.ttbcr = lpae ? TTBCR_LPAE_OPEN : 0,
		.types = { lpae ? LPAE_MAIR : 0, 0 },
		.dacr = DACR_OPEN,
		.ttbr0 = (uint32_t)info->root | (lpae ? 0 : TTBR_SHORT_FLAGS),
		.ttbr0_high = lpae ? USER_ASID << TTBR_ASID_SHIFT_HIGH : 0,
		.ttbr1 = lpae ? boot_kernel_directory(&tables) : 0,
		.sctlr = sctlr | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z | SCTLR_AFE,
		.entry = (uint32_t)h->entry,
		.info = (uint32_t)h->boot_info,
	});
}

_Noreturn void boot_main(uint32_t device_tree, uint32_t loaded_at);
_Noreturn void boot_main(uint32_t device_tree, uint32_t loaded_at)
{
	const struct image_header *h = (const void *)boot_end;
	struct boot_info *info;

	boot_console_init();
	if (h->magic != IMAGE_MAGIC || h->size != HEADER_BYTES)
		boot_stop("no kernel image after the boot stage at %p", (const void *)boot_end);
	boot_forget_lines((uintptr_t)boot_start, (uint32_t)(h->end - h->base));
	boot_forget_lines(BOOT_RECORD_PA, BOOT_RECORD_PA + sizeof(struct boot_record));
	info = (void *)(uintptr_t)(h->boot_info - h->base);
	info->magic = BOOT_INFO_MAGIC;
	info->size = sizeof(*info);
	info->image_pa = (uintptr_t)boot_start;
	info->loaded_pa = loaded_at;
	boot_parse_dtb(device_tree, info);
	boot_find_gic(info);
	boot_note_last(info);
	boot_read_options(info);
	choose_format(info);
	boot_trace_begin(info);
	boot_trace_note(STAGE_ENTRY);
	boot_build_tables(&tables, h, info);
	boot_break(&tables, &(struct boot_places){ .jump = h->entry, .stack = (uintptr_t)boot_stack_top - 4,
	                                                  .console = UART_VA }, info);
	boot_trace_note(STAGE_TABLES);
	check_tables(&tables, h, info);
	leave(h, info);
}
