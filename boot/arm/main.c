/* boot/arm/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/regs.h"
#include "boot/arm/boot.h"
#include "boot/arm/stages.h"
#include "boot/record.h"
#include "kernel/cmdline.h"
#include "kernel/string.h"

STATIC_ASSERT(stages_in_assembly_are_these, STAGE_CONTROL == 4 && STAGE_ROOT == 5 && STAGE_PAGING == 6);
STATIC_ASSERT(image_offsets_agree, offsetof(struct image_header, base) == IMAGE_BASE &&
              offsetof(struct image_header, end) == IMAGE_END);
STATIC_ASSERT(switch_offsets_agree, offsetof(struct switch_args, ttbcr) == ARG_TTBCR &&
              offsetof(struct switch_args, types) == ARG_TYPES && offsetof(struct switch_args, dacr) == ARG_DACR &&
              offsetof(struct switch_args, ttbr0) == ARG_TTBR0 && offsetof(struct switch_args, ttbr1) == ARG_TTBR1 &&
              offsetof(struct switch_args, sctlr) == ARG_SCTLR && offsetof(struct switch_args, entry) == ARG_ENTRY &&
              offsetof(struct switch_args, info) == ARG_INFO);

/* ID_MMFR0.VMSA, bits 3:0: 5 is the long format along with the short (B4.1.89). */
#define MMFR0_VMSA_MASK 0xFu
#define MMFR0_VMSA_LPAE 5u

static void choose_format(struct boot_info *info)
{
	info->format = cmdline_is(info->cmdline, "paging", "lpae") ? BOOT_FORMAT_LPAE : BOOT_FORMAT_SHORT;
	if (info->format == BOOT_FORMAT_LPAE && (read_mmfr0() & MMFR0_VMSA_MASK) < MMFR0_VMSA_LPAE) {
		boot_print("boot: this CPU has no long descriptors: booting with short ones\n");
		info->format = BOOT_FORMAT_SHORT;
	}
	if (cmdline_is(info->cmdline, "identity", "keep"))
		info->flags |= BOOT_KEEP_IDENTITY;
	if (cmdline_is(info->cmdline, "preflight", "off"))
		info->flags |= BOOT_NO_PREFLIGHT;
}

static void note_last_boot(struct boot_info *info)
{
	uint32_t stage = boot_record_read((const volatile struct boot_record *)BOOT_RECORD_PA);

	info->last_stage = stage < STAGE_COUNT && stage != STAGE_END ? stage : STAGE_NONE;
	if (info->last_stage != STAGE_NONE)
		boot_print("boot: the previous boot died after stage %u; its last stage is kept at %08x\n",
		           (unsigned)info->last_stage, BOOT_RECORD_PA);
}

static void check_tables(const struct boot_tables *t, const struct image_header *im, struct boot_info *info)
{
	unsigned faults = info->flags & BOOT_NO_PREFLIGHT ? 0 : boot_preflight(t, im, info);

	if (faults)
		boot_stop("preflight found %u mistake%s; translation stays off", faults, faults == 1 ? "" : "s");
	story_note(STAGE_PREFLIGHT);
}

static struct boot_tables tables;

static _Noreturn void leave(const struct image_header *im, const struct boot_info *info)
{
	bool lpae = info->format == BOOT_FORMAT_LPAE;
	uint32_t sctlr = read_sctlr() & ~(uint32_t)(SCTLR_A | SCTLR_V | SCTLR_WXN | SCTLR_TRE | SCTLR_TE);

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
		.ttbr1 = lpae ? tables.kernel_directory : 0,
		.sctlr = sctlr | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_Z | SCTLR_AFE,
		.entry = (uint32_t)im->entry,
		.info = (uint32_t)im->boot_info,
	});
}

_Noreturn void boot_main(uint32_t device_tree, uint32_t loaded_at);
_Noreturn void boot_main(uint32_t device_tree, uint32_t loaded_at)
{
	const struct image_header *im = (const void *)boot_end;
	struct boot_info *info;

	boot_console_init();
	if (im->magic != IMAGE_MAGIC || im->size != sizeof(*im))
		boot_stop("no kernel image behind the boot stage at %p", (const void *)boot_end);
	boot_forget_lines((uintptr_t)boot_start, (uint32_t)(im->end - im->base));
	boot_forget_lines(BOOT_RECORD_PA, BOOT_RECORD_PA + sizeof(struct boot_record));
	info = (void *)(uintptr_t)(im->boot_info - im->base);
	info->magic = BOOT_INFO_MAGIC;
	info->size = sizeof(*info);
	info->image_pa = (uintptr_t)boot_start;
	info->loaded_pa = loaded_at;
	boot_parse_dtb(device_tree, info);
	note_last_boot(info);
	choose_format(info);
	story_begin(info);
	story_note(STAGE_ENTRY);
	boot_build_tables(&tables, im, info);
	boot_seed_mistake(&tables, im, info);
	story_note(STAGE_TABLES);
	check_tables(&tables, im, info);
	leave(im, info);
}
