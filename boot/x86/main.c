/* boot/x86/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/regs.h"
#include "boot/record.h"
#include "boot/x86/boot.h"
#include "kernel/cmdline.h"
#include "kernel/string.h"

STATIC_ASSERT(stages_in_assembly_are_these, STAGE_CONTROL == 4 && STAGE_ROOT == 5 && STAGE_PAGING == 6);

static void choose_format(struct boot_info *info)
{
	info->format = cmdline_is(info->cmdline, "paging", "legacy") ? BOOT_FORMAT_LEGACY : BOOT_FORMAT_PAE;
	if (info->format == BOOT_FORMAT_PAE && (info->flags & BOOT_NO_PAE)) {
		boot_print("boot: this CPU has no PAE: booting with legacy two-level tables\n");
		info->format = BOOT_FORMAT_LEGACY;
	}
	if (info->format == BOOT_FORMAT_LEGACY)
		info->nx = 0;
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

static void check_tables(const struct boot_tables *t, const struct image_header *im, struct boot_info *info)
{
	unsigned faults = info->flags & BOOT_NO_PREFLIGHT ? 0 : boot_preflight(t, im, info);

	if (faults)
		boot_stop("preflight found %u mistake%s; paging stays off", faults, faults == 1 ? "" : "s");
	story_note(STAGE_PREFLIGHT);
}

static struct boot_tables tables;

_Noreturn void boot_main(uint32_t magic, uint32_t pointer);
_Noreturn void boot_main(uint32_t magic, uint32_t pointer)
{
	const struct image_header *im = (const void *)boot_end;
	struct boot_info *info = (void *)(uintptr_t)(im->boot_info - im->base);
	bool pae;

	boot_console_init();
	if (im->magic != IMAGE_MAGIC || im->size != sizeof(*im))
		boot_stop("no kernel image behind the boot stage at %p", (const void *)boot_end);
	info->magic = BOOT_INFO_MAGIC;
	info->size = sizeof(*info);
	boot_parse_loader(magic, pointer, info);
	boot_probe_cpu(info);
	note_last_boot(info);
	choose_format(info);
	story_begin(info);
	story_note(STAGE_ENTRY);
	boot_build_tables(&tables, im, info);
	boot_seed_mistake(&tables, im, info);
	story_note(STAGE_TABLES);
	check_tables(&tables, im, info);
	pae = info->format == BOOT_FORMAT_PAE;
	mmu_switch(&(struct switch_args){
		/* PSE along with PAE: some emulators want it for 2 MiB pages. */
		.cr4 = (pae ? CR4_PAE : 0) | (info->pse ? CR4_PSE : 0) | (info->pge ? CR4_PGE : 0),
		.cr3 = (uint32_t)info->root,
		.cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG,
		.efer_nxe = info->nx,
		.entry = (uint32_t)im->entry,
		.info = (uint32_t)im->boot_info,
	});
}
