/* user/fuzz.c - random system calls with random arguments, in a tree of children: the kernel must not care.
 * SPDX-License-Identifier: MIT
 *
 * The parent starts child after child; each makes calls until its share is used up, it ends itself or a wrong access
 * ends it, and may fork, which gives half of what is left to the new one. All count in a page that they share. The
 * same seed makes the same calls, as far as the order in which processes run is the same. Some trees begin with all memory
 * but a few pages taken. At the end a file that all could map is what it was.
 */
#include "user/lib/user.h"
#include "arch_layout.h"

/* The first FOUND wild addresses are replaced by what calls return. */
enum { SHARE = 256, FOUND = 8, WILD = 24, SPARE = 8, POOR = 32 /* one tree of so many */, FILE_PAGES = 4 };

/* short_execs: of all children, those that found too little memory. */
struct count { volatile uint32_t calls, good, short_execs; };
static struct count *count;
static uint32_t state;
static uintptr_t wild[WILD], parent;
static bool poor;
static char name_good[] = "nothing", name_file[] = "lines", name_bad[] = "no such thing", dots[] = "........";
static const char *const argv_good[] = { name_good, NULL }, *const argv_bad[] = { (const char *)1, NULL };

static uintptr_t any(uintptr_t n) { return random32(&state) % n; }

/* An address: of something of ours, of nothing, of the kernel's, on an edge, or any. */
static uintptr_t address(void)
{
	uintptr_t i = any(WILD + 4);

	if (i < WILD)
		return wild[i];
	return (uintptr_t)random32(&state) << (i == WILD ? 12 : 0);
}

static uintptr_t length(void)
{
	static const uintptr_t edges[] = {
		0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 64 * PAGE, 1u << 30, UINTPTR_MAX, UINTPTR_MAX - PAGE + 1,
		(uintptr_t)1 << (8 * sizeof(uintptr_t) - 1),
	};

	return any(2) ? any(16) * PAGE : edges[any(sizeof(edges) / sizeof(edges[0]))];
}

static uintptr_t word(void)
{
	switch (any(4)) {
	case 0: return any(16);
	case 1: return address();
	case 2: return length();
	default: return (uintptr_t)random32(&state) * (any(2) ? 1 : (uintptr_t)-1);
	}
}

static intptr_t do_exit(void)    { return any(8) ? 0 : sys_exit(word()); }
static intptr_t do_wait(void)    { return sys_wait(any(2) ? 0 : word(), any(2) ? 0 : address()); }
static intptr_t do_sleep(void)   { return sys_sleep(any(12)); }
static intptr_t do_munmap(void)  { return sys_munmap(address(), length()); }
static intptr_t do_mprotect(void) { return sys_mprotect(address(), any(2) ? PAGE : length(), any(9)); }
static intptr_t do_brk(void)     { return any(2) ? sys_brk(0) : sys_brk((uintptr_t)sys_brk(0) + length()); }
static intptr_t do_mincore(void) { return sys_mincore(address()); }

/* To the console go only dots, and what must fail. */
static intptr_t do_write(void)
{
	return any(16) ? sys_write(any(2) ? 1 : word() | 4, any(2) ? 0 : USER_END + address() / 4, any(64))
	               : sys_write(1, (uintptr_t)dots, any(2));
}

/* Reads 0 bytes, or from an invalid handle: reading the console would block endlessly. */
static intptr_t do_read(void)
{
	return any(2) ? sys_read(0, address(), 0) : sys_read(word() | 4, address(), length());
}

static intptr_t do_exec(void)
{
	static const uintptr_t name[] = { (uintptr_t)name_good, (uintptr_t)name_bad, 0, 1, USER_END - 1, USER_END };
	static const uintptr_t args[] = { (uintptr_t)argv_good, (uintptr_t)argv_bad, 0, 3, USER_END - 4, USER_END };
	uintptr_t n = any(6), a = any(6);

	/* Where memory is short it mostly fails. */
	if (poor && any(2)) {
		intptr_t result = sys_exec(name[0], args[0]);

		count->short_execs += result == -ERR_NO_MEMORY;
		return result;
	}
	return n + a == 0 && any(4) ? 0 : sys_exec(name[n], args[a]);
}

/* Handles begin with 1; most programs have few. */
static uintptr_t handle(void) { return any(8) ? any(5) : word(); }

static intptr_t do_mmap(void)
{
	return sys_mmap(any(2) ? 0 : address(), length(), any(9), any(8), any(2) ? 0 : handle());
}

/* What is most likely right: pages of a file or a section, private or shared. */
static intptr_t do_map_object(void)
{
	return sys_mmap(0, (1 + any(FILE_PAGES)) * PAGE, any(8), any(2), 1 + any(5));
}

static intptr_t do_madvise(void)
{
	return sys_madvise(address(), any(8) ? any(64) * PAGE : length(), any(4));
}

static intptr_t do_open(void)
{
	static char *const names[] = { name_good, name_bad, name_file, name_file };

	return sys_open(any(4) ? (uintptr_t)names[any(4)] : address());
}

static intptr_t do_shm(void)
{
	return sys_shm_open(any(4) ? (uintptr_t)(any(2) ? "fuzz" : "ripe") : address(), any(2) ? FILE_PAGES * PAGE : length());
}

/* Any process except the one that prints the result. */
static intptr_t do_kill(void)
{
	uintptr_t pid = any(4) ? word() : (uintptr_t)getpid() + any(3);

	return (uint32_t)pid == parent ? 0 : sys_kill(pid);
}

static intptr_t do_mlock(void)   { return sys_mlock(address(), length()); }
static intptr_t do_munlock(void) { return sys_munlock(address(), length()); }

static intptr_t do_unknown(void)
{
	return syscall(any(2) ? SYS_COUNT + any(64) : word() | SYS_COUNT << 4, word(), word(), word(), 0, 0);
}

/* Not a call, but memory that calls have mapped is used; some of it was never accessed. */
static intptr_t do_touch(void)
{
	uintptr_t fresh = any(3) ? 0 : wild[any(FOUND)], at = address();
	intptr_t there = mincore((void *)at);

	if (fresh)
		(void)*(volatile unsigned char *)fresh;
	if (there == 2 && (at ^ (uintptr_t)count) >= PAGE)
		*(volatile unsigned char *)at = 1;
	else if (there == 1)
		(void)*(volatile unsigned char *)at;
	return 0;
}

static intptr_t (*const calls[])(void) = {
	do_exit, do_write, do_read, do_exec, do_wait, do_sleep, do_mmap, do_mmap, do_map_object, do_map_object,
	do_munmap, do_mprotect, do_mprotect, do_mlock, do_munlock,
	do_madvise, do_open, do_shm, do_brk, do_kill, do_mincore, do_unknown, do_touch, do_touch, do_touch,
};

/* What a mapping call returned is an address worth knowing. */
static void remember(intptr_t result)
{
	if (result > (intptr_t)PAGE || (result < 0 && !failed(result)))
		wild[any(FOUND)] = (uintptr_t)result;
}

static void run(unsigned share)
{
	while (share-- > 0) {
		intptr_t result;

		count->calls++;
		if (share > 8 && any(40) == 0) {
			result = fork();
			if (poor && result == 0)
				exit(0);
			if (poor && !failed(result))
				(void)wait((uintptr_t)result, NULL);    /* no orphan keeps the memory */
			share /= poor ? 1 : 2;
			if (result == 0)
				state = state * 2654435761u | 1;
		} else {
			result = calls[any(sizeof(calls) / sizeof(calls[0]))]();
		}
		if (failed(result))
			continue;
		count->good++;
		remember(result);
	}
}

static void *shared_pages(size_t n)
{
	void *p = mmap(NULL, n * PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, 0);

	return p && madvise(p, n * PAGE, ABI_ADVICE_WILLNEED) == 0 ? p : NULL;
}

/* Of all frames only a few stay free. */
static void become_poor(void)
{
	void *spare[SPARE];
	uintptr_t given = any(SPARE);

	poor = true;
	for (uintptr_t i = 0; i < given; i++)
		spare[i] = shared_pages(1);
	for (size_t n = 4096; n > 0; )
		if (!shared_pages(n))
			n /= 2;
	for (uintptr_t i = 0; i < given; i++)
		if (spare[i])
			(void)munmap(spare[i], PAGE);
}

static uint32_t sum_of(const char *text)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < FILE_PAGES * PAGE; i++)
		sum = (sum << 5 | sum >> 27) + (unsigned char)text[i];
	return sum;
}

static void plan(void)
{
	static const uintptr_t edges[] = {
		0, 1, PAGE, USER_END - PAGE, USER_END - 1, USER_END, DIRECT_MAP_BASE, VMALLOC_START, UINTPTR_MAX,
		USER_PEB, USER_STACK_TOP, USER_STACK_TOP - PAGE, USER_MMAP, (uintptr_t)dots, (uintptr_t)&state,
	};

	for (unsigned i = 0; i < WILD; i++)
		wild[i] = i < FOUND ? 0x00400000 + i % 4 * PAGE : edges[(i - FOUND) % (sizeof(edges) / sizeof(edges[0]))];
}

/* fuzz [SEED [CALLS]] */
int main(int argc, char **argv)
{
	uint32_t seed = (uint32_t)argument(argc, argv, 1, 1), n = (uint32_t)argument(argc, argv, 2, 10000);
	uint32_t children = 0, done = 0, good = 0, sum;
	intptr_t section = shm_open("fuzz count", PAGE), file = open(name_file);
	const char *lines = mmap(NULL, FILE_PAGES * PAGE, ABI_PROT_READ, ABI_MAP_SHARED, (uintptr_t)file);

	parent = (uintptr_t)getpid();
	plan();
	CHECK(!failed(section));
	count = mmap(NULL, PAGE, ABI_PROT_READ | ABI_PROT_WRITE, ABI_MAP_SHARED, (uintptr_t)section);
	CHECK(count != NULL && lines != NULL);
	sum = sum_of(lines);
	for (; done < n; children++) {
		intptr_t pid;

		count->calls = count->good = 0;
		state = (seed + children) * 2654435761u | 1;
		pid = fork();
		CHECK(!failed(pid));
		if (pid == 0) {
			if (children % POOR == POOR - 1)
				become_poor();
			run(SHARE);
			return 0;
		}
		CHECK(wait((uintptr_t)pid, NULL) == pid);
		/* A child can have overwritten the count through its own mapping. */
		done += count->calls >= 1 && count->calls <= SHARE ? count->calls : 1;
		good += count->good <= SHARE ? count->good : 0;
	}
	CHECK(sum_of(lines) == sum);
	printf("fuzz: %u times exec found too little memory\n", (unsigned)count->short_execs);
	printf("fuzz: seed %u, %u calls in %u trees, %u succeeded\n", (unsigned)seed, (unsigned)done, (unsigned)children,
	       (unsigned)good);
	return 0;
}
