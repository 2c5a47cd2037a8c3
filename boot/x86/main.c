/* boot/x86/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/regs.h"
#include "boot/record.h"
#include "boot/x86/boot.h"
#include "kernel/cmdline.h"
#include "kernel/string.h"

STATIC_ASSERT(stages_in_assembly_are_these, STAGE_CONTROL == 4 && STAGE_ROOT == 5 && STAGE_PAGING == 6);

static void read_options(struct boot_info *info)
{
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
		boot_print("boot: the previous boot died after stage %u; its last stage is kept at %05x\n",
		           (unsigned)info->last_stage, BOOT_RECORD_PA);
}

static void check_tables(const struct boot_tables *t, const struct x86_image *im, struct boot_info *info)
{
	unsigned faults = info->flags & BOOT_NO_PREFLIGHT ? 0 : boot_preflight(t, im, info);

	if (faults)
		boot_stop("preflight found %u mistake%s; paging stays off", faults, faults == 1 ? "" : "s");
	story_note(STAGE_PREFLIGHT);
}

static _Noreturn void leave(const struct x86_image *im, const struct boot_info *info)
{
	struct switch_args args = {
		/* EM: floating-point state is saved nowhere, so nobody may make any: the first use is an exception. */
		.cr0 = CR0_PE | CR0_EM | CR0_ET | CR0_NE | CR0_WP | CR0_PG,
		.cr3 = (uint32_t)info->root, .entry = im->header.entry, .info = im->header.boot_info,
	};

	boot_switch_values(info, &args);
	mmu_switch(&args);
}

static struct boot_tables tables;

_Noreturn void boot_main(uint32_t magic, uint32_t pointer);
_Noreturn void boot_main(uint32_t magic, uint32_t pointer)
{
	const struct x86_image *im = (const void *)boot_end;
	struct boot_info *info = (void *)(uintptr_t)(im->header.boot_info - im->header.base);

	boot_console_init();
	if (im->header.magic != IMAGE_MAGIC || im->header.size != sizeof(*im))
		boot_stop("no kernel image behind the boot stage at %p", (const void *)boot_end);
	info->magic = BOOT_INFO_MAGIC;
	info->size = sizeof(*info);
	info->image_pa = (uintptr_t)boot_start;
	boot_parse_loader(magic, pointer, info);
	boot_probe_cpu(info);
	note_last_boot(info);
	read_options(info);
	story_begin(info);
	story_note(STAGE_ENTRY);
	boot_build_tables(&tables, im, info, boot_choose_format(info));
	boot_seed_mistake(&tables, im, info);
	story_note(STAGE_TABLES);
	check_tables(&tables, im, info);
	leave(im, info);
}
