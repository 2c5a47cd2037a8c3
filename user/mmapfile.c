/* user/mmapfile.c - maps a file, privately and shared, and reads it page by page.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

/* The file holds the numbers from 1, one a line. Returns how many. */
static unsigned long count_lines(const char *text)
{
	unsigned long n = 0, value;

	for (; *text; n++) {
		for (value = 0; *text && *text != '\n'; text++)
			value = value * 10 + (unsigned long)(*text - '0');
		CHECK(value == n + 1 && *text++ == '\n');
	}
	return n;
}

/* mmapfile [FILE]: a file of the initrd; "lines" is made for it. */
int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "lines";
	intptr_t file = open(name);
	char *mine, *theirs;

	if (failed(file)) {
		printf("%s: %d\n", name, (int)-file);
		return 1;
	}
	mine = mmap(NULL, 4 * PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_PRIVATE, (uintptr_t)file);
	theirs = mmap(NULL, 4 * PAGE, ABI_PROT_READ, ABI_MAP_SHARED, (uintptr_t)file);
	CHECK(mine && theirs);
	if (argc < 2)
		printf("%s holds %lu lines\n", name, count_lines(theirs));
	printf("private at %p, shared at %p: %02x %02x %02x %02x\n", (void *)mine, (void *)theirs, mine[0], mine[1],
	       mine[2], mine[3]);
	mine[0] ^= 0x20;
	CHECK((mine[0] ^ theirs[0]) == 0x20 && mine[1] == theirs[1]);
	printf("a private write stays private\n");
	return 0;
}
