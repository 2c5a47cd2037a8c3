/* user/hoard.c - takes all that there is of something: processes, frames, sections, handles.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, MOST = 1024, LONG = 0x7FFFFFFF };

static intptr_t taken[MOST];

/* Children that sleep; those that have ended count as well until they are waited for. */
static unsigned processes(void)
{
	unsigned n = 0;

	while (n < MOST && !failed(taken[n] = fork())) {
		if (taken[n] == 0) {
			if (n % 2)
				exit(0);
			sys_sleep(LONG);
			exit(0);
		}
		n++;
	}
	CHECK(taken[n] == -ERR_NO_MEMORY);
	return n;
}

static void end_processes(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		CHECK(sys_kill((uintptr_t)taken[i]) == 0);
		CHECK(wait((uintptr_t)taken[i], NULL) == taken[i]);
	}
}

static unsigned take_sections(size_t bytes)
{
	unsigned n = 0;

	for (; n < MOST; n++) {
		taken[n] = sys_mmap(0, bytes, RW, ABI_MAP_SHARED, 0);
		if (failed(taken[n]))
			break;
	}
	CHECK(n < MOST && taken[n] == -ERR_NO_MEMORY);
	return n;
}

/* As large as they may be: each has a table of its pages in the kernel. */
static unsigned sections(void) { return take_sections((size_t)64 << 20); }
static unsigned small_sections(void) { return take_sections(PAGE); }

static void end_sections(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		CHECK(sys_munmap((uintptr_t)taken[i], PAGE) == 0);
}

static unsigned frames(void)
{
	unsigned mib = 0;
	size_t n = 4096;

	while (n > 0) {
		void *p = mmap(NULL, n * PAGE, RW, ABI_MAP_SHARED, 0);

		if (p && madvise(p, n * PAGE, ABI_ADVICE_WILLNEED) == 0)
			mib += (unsigned)(n * PAGE >> 20);
		else
			n /= 2;
	}
	return mib;
}

static unsigned handles(void)
{
	char name[ABI_NAME_MAX];
	unsigned n = 0;

	for (; n < MOST; n++) {
		str_printf(name, sizeof(name), "hoard %u", n);
		if (failed(shm_open(name, PAGE)))
			break;
	}
	return n;
}

static void end_nothing(unsigned n) { (void)n; }

static const struct { const char *name; unsigned (*take)(void); void (*end)(unsigned n); } kinds[] = {
	{ "processes", processes, end_processes }, { "sections", sections, end_sections },
	{ "small-sections", small_sections, end_sections }, { "frames", frames, end_nothing }, { "handles", handles, end_nothing },
};

/* hoard KIND [hold] */
int main(int argc, char **argv)
{
	for (unsigned i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		unsigned n;

		if (strcmp(argv[1], kinds[i].name))
			continue;
		n = kinds[i].take();
		printf("%s: %u\n", argv[1], n);
		if (argc > 2)
			sys_sleep(LONG);
		kinds[i].end(n);
		return 0;
	}
	printf("hoard processes|sections|small-sections|frames|handles [hold]\n");
	return 1;
}
