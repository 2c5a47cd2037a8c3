/* boot/none/main.c - the boot stage in order: look, build, check, switch.
 * SPDX-License-Identifier: MIT
 */
#include "arch_layout.h"
#include "boot/record.h"
#include "boot/stage.h"

const char boot_format_names[] = "x64";

/* A port writes to its serial line, polled. */
void boot_put_byte(char c)
{
	(void)c;
}

_Noreturn void boot_halt(void)
{
	for (;;)
		;
}

void boot_control_words(const struct boot_info *info, uint64_t ctl[4])
{
	(void)info;
	ctl[0] = ctl[1] = ctl[2] = ctl[3] = 0;
}

/* A port's is in the kernel image; here it is the stage's own. */
static struct boot_info info;
static struct boot_tables tables;
static char stack[8192];

/* Assembly that sets the stack pointer comes before it, and the switch behind it. */
_Noreturn void boot_entry(void);
_Noreturn __attribute__((section(".text.entry"))) void boot_entry(void)
{
	const struct image_header *h = (const void *)boot_end;
	const struct pt_mode mode = { .format = &pt_x64, .levels = 4, .pa_bits = 40, .nx = true, .wp = true };
	const struct boot_need needs[] = { { "the jump target", h->entry, PROT_X } };
	uint64_t top = ALIGN_UP(h->end - h->base, (uint64_t)16 << 20);

	info.magic = BOOT_INFO_MAGIC;
	info.size = sizeof(info);
	boot_note_last(&info);
	boot_read_options(&info);
	boot_trace_begin(&info);
	boot_trace_note(STAGE_ENTRY);
	boot_tables_begin(&tables, &mode, h->pool - h->base, h->pool_bytes);
	boot_map_image(&tables, h, 0, top);
	boot_tables_done(&tables, h, top, &info);
	boot_break(&tables, &(struct boot_places){ .jump = h->entry, .stack = (uintptr_t)stack }, &info);
	boot_trace_note(STAGE_TABLES);
	boot_preflight(&tables, needs, ARRAY_LEN(needs), &info);
	boot_stop("there is no CPU to switch");
}
