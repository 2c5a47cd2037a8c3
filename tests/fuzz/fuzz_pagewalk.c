/* tests/fuzz/fuzz_pagewalk.c - libFuzzer's target: pagewalk on an image of any bytes, from its readers to its commands.
 * SPDX-License-Identifier: MIT
 *
 * The first four bytes choose the format, the page of the root, the commands and an address; the others are the file, of any kind
 * that pagewalk reads or a scenario. What must hold: no crash, no error that a sanitizer sees, no endless walk, one of the
 * documented statuses. What is printed is dropped.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/assert.h"
#include "tools/walker/detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { HEADER = 4 };

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

/* The file as one that can be opened and mapped. */
static int make_file(const uint8_t *bytes, size_t n, char *path, size_t room)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

/* None, or one of the table. */
static void choose_format(struct session *s, unsigned which)
{
	unsigned count = 0;

	while (pt_formats[count])
		count++;
	which %= count + 1;
	if (which)
		(void)setting_store(s, "format", pt_formats[which - 1]->name, OF_COMMAND_LINE);
}

static void run_commands(struct session *s, unsigned which, uint64_t va)
{
	static const char *const commands[] = {
		"ptdump --count; ptdump", "vtop %llx; pte %llx; explain %llx", "whomaps %llx; ptov 0 %llx", "runs -v; runs %llx",
		"ptdump --sort phys; ptdump --trace %llx", "roots; entries %llx", "search -w 67; db %llx L40",
		"predict %llx w user; !dd %llx L4",
	};
	char line[512];

	/* The formats are those of the table above; three arguments are enough for each. */
	snprintf(line, sizeof(line), commands[which % ARRAY_LEN(commands)], (unsigned long long)va, (unsigned long long)va,
	         (unsigned long long)va);
	if (run_text(s, line) > DAMAGED)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct session s;
	char path[64], root[32];
	int fd;

	if (n <= HEADER)
		return 0;
	session_init(&s);
	fd = make_file(bytes + HEADER, n - HEADER, path, sizeof(path));
	s.options.image = path;
	s.options.json = bytes[2] & 0x80;
	s.options.roots = bytes[2] & 0x40;
	choose_format(&s, bytes[0]);
	snprintf(root, sizeof(root), "%x", (unsigned)bytes[1] << 12);
	if (bytes[0])
		(void)setting_store(&s, "root", root, OF_COMMAND_LINE);
	if (memory_open(&s) == ANSWERED) {
		target_make(&s);
		if (!session_new_folds(&s))
			abort();
		if ((bytes[2] & 0x30) == 0x30)
			(void)detect(&s);
		else if (session_complete(&s))
			run_commands(&s, bytes[2], (uint64_t)bytes[3] << 12 | (bytes[3] & 0x80 ? 0xffffff8000000000 : 0));
	}
	memory_close(&s);
	close(fd);
	return 0;
}
