/* boot/stage.c - the parts of a boot stage that are the same everywhere: the console, stopping, options, the story.
 * SPDX-License-Identifier: MIT
 */
#include "boot/stage.h"
#include "boot/record.h"
#include "kernel/cmdline.h"
#include "kernel/string.h"

static volatile struct boot_record *record(void)
{
	return (volatile struct boot_record *)BOOT_RECORD_PA;
}

static void put(struct out *out, const char *bytes, size_t n)
{
	(void)out;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			boot_put_byte('\r');
		boot_put_byte(bytes[i]);
	}
}

struct out boot_out = { .put = put };

_Noreturn void boot_stop(const char *fmt, ...)
{
	va_list ap;

	out_puts(&boot_out, "boot: ");
	va_start(ap, fmt);
	out_vprintf(&boot_out, fmt, ap);
	va_end(ap);
	out_puts(&boot_out, "\nboot: stopped; nothing was reset, so that this can be read. "
	         "Leave QEMU with Ctrl-A X.\n");
	boot_record_write(record(), STAGE_END);
	boot_halt();
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	boot_stop("assertion failed: %s (%s:%d)", condition, file, line);
}

void boot_note_last(struct boot_info *info)
{
	uint32_t stage = boot_record_read(record());

	info->last_stage = stage < STAGE_COUNT && stage != STAGE_END ? stage : STAGE_NONE;
	if (info->last_stage != STAGE_NONE)
		boot_print("boot: the previous boot died after stage %u; its last stage is kept at %05x\n",
		           (unsigned)info->last_stage, BOOT_RECORD_PA);
}

static bool is_one_of(const char *word, const char *words)
{
	size_t n = strlen(word);

	for (const char *s = words; s; s = strchr(s, ' ')) {
		s += *s == ' ';
		if (!strncmp(s, word, n) && (s[n] == ' ' || !s[n]))
			return true;
	}
	return false;
}

void boot_check_value(const struct boot_info *info, const char *option, const char *words)
{
	char value[24];

	if (cmdline_option(info->cmdline, option, 0, value, sizeof(value)) && !is_one_of(value, words))
		boot_print("boot: %s=%s is ignored; it can be: %s\n", option, value, words);
}

void boot_read_options(struct boot_info *info)
{
	boot_check_value(info, "identity", "keep");
	boot_check_value(info, "preflight", "off");
	boot_check_value(info, "break", BOOT_MISTAKES);
	if (cmdline_is(info->cmdline, "identity", "keep"))
		info->flags |= BOOT_KEEP_IDENTITY;
	if (cmdline_is(info->cmdline, "preflight", "off"))
		info->flags |= BOOT_NO_PREFLIGHT;
}

static struct boot_info *story;

void story_begin(struct boot_info *info)
{
	story = info;
}

void story_note(uint32_t stage)
{
	struct boot_step *s = &story->step[story->step_count++];

	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	boot_control_words(story, s->ctl);
	boot_record_write(record(), stage);
}
