/* boot/stage.c - boot-stage code common to all architectures: console, boot_stop(), options, boot trace.
 * SPDX-License-Identifier: MIT
 */
#include "boot/record.h"
#include "boot/stage.h"
#include "boot/stages.h"
#include "lib/cmdline.h"
#include "lib/string.h"

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
	out_puts(&boot_out, "\nboot: stopped without a reset, so that you can read this. "
	         "Press Ctrl-] X to leave `make run`.\n");
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
		boot_print("boot: the previous boot failed after stage %u (boot record at PA %05x)\n",
		           (unsigned)info->last_stage, BOOT_RECORD_PA);
}

/* ---- words of the command line ---- */

static bool is_one_of(const char *word, const char *words)
{
	size_t n = strlen(word);

	for (const char *s = words; s && n; s = strchr(s, ' ')) {
		s += *s == ' ';
		if (!strncmp(s, word, n) && (s[n] == ' ' || !s[n]))
			return true;
	}
	return false;
}

static bool is_range(const char *value)
{
	uint64_t pa, len;

	return cmdline_range(value, &pa, &len);
}

static bool is_given(const char *value)
{
	return *value;
}

/* Every valid word. can_be: its values, or a description of the values that is_good() accepts. */
static const struct {
	const char *name, *can_be;
	bool (*is_good)(const char *value);     /* NULL: a value of can_be */
	bool repeats;
} options[] = {
	{ "paging", boot_format_names, NULL, false },
	{ "identity", "keep", NULL, false },
	{ "preflight", "off", NULL, false },
	{ "break", BOOT_MISTAKES, NULL, false },
	{ "run", "commands in double quotes", is_given, true },
	{ "reserve", "PA,LEN", is_range, true },
	{ "student", "a name", is_given, false },
	{ "lesson", "UNIT or UNIT,SEED", is_given, false },
};

static void check_values(const struct boot_info *info, size_t i)
{
	static char value[BOOT_CMDLINE];

	for (unsigned n = 0; cmdline_option(info->cmdline, options[i].name, n, value, sizeof(value)); n++) {
		bool good = options[i].is_good ? options[i].is_good(value) : is_one_of(value, options[i].can_be);

		if (n > 0 && !options[i].repeats)
			boot_print("boot: %s=%s is ignored; the first %s= is used\n", options[i].name, value,
			           options[i].name);
		else if (!good)
			boot_print("boot: %s=%s is ignored; valid values: %s\n", options[i].name, value,
			           options[i].can_be);
	}
}

/* Some loaders put the name of the kernel file before the command line. */
static bool is_known(const struct boot_info *info, unsigned n, const char *word)
{
	const char *end = strchr(word, '=');
	size_t length = end ? (size_t)(end - word) : strlen(word);

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strlen(options[i].name) == length && !strncmp(options[i].name, word, length))
			return true;
	return n == 0 && (info->flags & BOOT_NAMES_FILE);
}

static void check_words(const struct boot_info *info)
{
	static char word[BOOT_CMDLINE];

	for (unsigned n = 0; cmdline_word(info->cmdline, n, word, sizeof(word)); n++) {
		if (is_known(info, n, word))
			continue;
		boot_print("boot: the word %s is unknown and is ignored; valid words:", word);
		for (size_t i = 0; i < ARRAY_LEN(options); i++)
			boot_print(" %s=", options[i].name);
		boot_print("\n");
	}
}

void boot_read_options(struct boot_info *info)
{
	check_words(info);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		check_values(info, i);
	if (cmdline_is(info->cmdline, "identity", "keep"))
		info->flags |= BOOT_KEEP_IDENTITY;
	if (cmdline_is(info->cmdline, "preflight", "off"))
		info->flags |= BOOT_NO_PREFLIGHT;
}

STATIC_ASSERT(stages_in_assembly_are_these, NOTE_CONTROL == STAGE_CONTROL && NOTE_ROOT == STAGE_ROOT &&
              NOTE_PAGING == STAGE_PAGING);

static struct boot_info *trace;

void boot_trace_begin(struct boot_info *info)
{
	trace = info;
}

void boot_trace_note(uint32_t stage)
{
	struct boot_step *s = &trace->step[trace->step_count++];

	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	boot_control_words(trace, s->ctl);
	boot_record_write(record(), stage);
}
