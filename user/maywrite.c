/* user/maywrite.c - tries to write a file's pages: through mappings, mprotect, fork and the kernel's own copies.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { R = ABI_PROT_READ, W = ABI_PROT_WRITE, X = ABI_PROT_EXEC, PAGES = 4 };

static volatile char *shared;   /* of `lines`, which begins with the numbers 1, 2, 3 */

static bool is_intact(void) { return shared[0] == '1' && shared[1] == '\n' && shared[2] == '2'; }

static void change(volatile char *p, size_t n, int prot, intptr_t result)
{
	CHECK(mprotect((void *)(uintptr_t)p, n, prot) == result);
}

static int refused(uintptr_t at)
{
	volatile char *p = (volatile char *)at;

	for (int other = 0; other < 8; other++)
		if (other & W)
			change(p, PAGE, other, -ERR_ACCESS);
	change(p, PAGE, 0, 0);
	change(p, PAGE, W, -ERR_ACCESS);
	change(p, PAGE, R | X, 0);
	change(p, PAGE, R | W, -ERR_ACCESS);
	change(p, PAGES * PAGE, R | W, -ERR_ACCESS);
	change(p, PAGE, R, 0);
	return 0;
}

static int leaves(uintptr_t status) { return (int)status; }

/* The kernel writes a status for the program: not there. */
static void kernel_copy(void)
{
	intptr_t child = fork();

	if (child == 0)
		exit(leaves(7));
	CHECK(failed(sys_wait((uintptr_t)child, (uintptr_t)shared)));
	CHECK(failed(sys_read(0, (uintptr_t)shared, 1)) && is_intact());
}

static void in_private(intptr_t file)
{
	volatile char *p = mmap(NULL, 2 * PAGE, R, ABI_MAP_PRIVATE, (uintptr_t)file);

	CHECK(p && p[0] == '1');
	change(p, 2 * PAGE, R | W, 0);
	p[0] = 'a';             /* read before */
	p[PAGE] = 'b';          /* not read before */
	CHECK(is_intact() && shared[PAGE] != 'b');
	change(p, 2 * PAGE, R, 0);
	change(p, 2 * PAGE, R | W, 0);
	CHECK(p[0] == 'a' && in_child(leaves, 3) == 3);
	p[1] = 'c';
	CHECK(is_intact());
}

/* Its own text is a private mapping of a file as well. */
static void own_text(void)
{
	intptr_t file = open("maywrite");
	volatile char *text = (volatile char *)(uintptr_t)0x00400000, *of_file;
	int where = -1;
	char was = text[0];

	of_file = mmap(NULL, 2 * PAGE, R, ABI_MAP_SHARED, (uintptr_t)file);
	CHECK(of_file != NULL);
	for (int i = 0; i < 2 && where < 0; i++)
		if (of_file[i * (int)PAGE] == was && of_file[i * (int)PAGE + 1] == text[1])
			where = i * (int)PAGE;
	CHECK(where >= 0);
	/* The page that this function is in may be the same: it goes on, without the right to execute, in a child only. */
	if (fork() == 0) {
		intptr_t result = mprotect((void *)(uintptr_t)text, PAGE, R | W | X);

		exit(result == -ERR_ACCESS && of_file[where] == was ? 5 : 6);
	}
	int32_t status;
	CHECK(wait(0, &status) > 0 && status == 5 && of_file[where] == was);
}

int main(void)
{
	intptr_t file = open("lines");

	shared = mmap(NULL, PAGES * PAGE, R, ABI_MAP_SHARED, (uintptr_t)file);
	CHECK(shared && is_intact());
	CHECK(sys_mmap(0, PAGE, R | W, ABI_MAP_SHARED, (uintptr_t)file) == -ERR_ACCESS);
	refused((uintptr_t)shared);
	CHECK(in_child(refused, (uintptr_t)shared) == 0);
	kernel_copy();
	/* What is left of a range is as read-only as it was. */
	CHECK(munmap((void *)(uintptr_t)(shared + PAGE), PAGE) == 0);
	change(shared, PAGE, R | W, -ERR_ACCESS);
	change(shared + 2 * PAGE, PAGE, R | W, -ERR_ACCESS);
	shared = mmap(NULL, PAGES * PAGE, R, ABI_MAP_SHARED, (uintptr_t)file);
	CHECK(shared != NULL);
	in_private(file);
	own_text();
	printf("no page of a file was written\n");
	return 0;
}
