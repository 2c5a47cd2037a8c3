/* user/badaccess.c - every kind of wrong access by name; without a name, children try them all.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"
#include "arch_layout.h"
#include "bad.h"

enum { SURVIVED = 99 };

/* A return instruction, in places where none may be executed. */
static _Alignas(4) unsigned char data_code[] = BAD_RETURN;
static const _Alignas(4) unsigned char constant_code[] = BAD_RETURN;
static volatile uintptr_t null = 0, nowhere = 0x20000000;

static void get(uintptr_t at)  { (void)*(volatile unsigned char *)at; }
static void put(uintptr_t at)  { *(volatile unsigned char *)at = 1; }
static void jump(uintptr_t at) { ((void (*)(void))at)(); }

static uintptr_t fresh(int prot)
{
	void *p = mmap(NULL, PAGE, prot, ABI_MAP_PRIVATE, 0);

	CHECK(p != NULL);
	return (uintptr_t)p;
}

static void null_read(void)     { get(null + 8); }
static void null_write(void)    { put(null); }
static void null_jump(void)     { jump(null); }
static void unmapped_read(void) { get(nowhere); }
static void text_write(void)    { put((uintptr_t)exit); }
static void rodata_write(void)  { put((uintptr_t)constant_code); }
static void rodata_exec(void)   { jump((uintptr_t)constant_code); }
static void data_exec(void)     { jump((uintptr_t)data_code); }
static void kernel_read(void)   { get(DIRECT_MAP_BASE + 0x100000); }
static void kernel_write(void)  { put(DIRECT_MAP_BASE + 0x100000); }
static void kernel_jump(void)   { jump(DIRECT_MAP_BASE + 0x100000); }
static void stack_read(void)    { get(KSTACK_START + KERNEL_STACK_BYTES); }
static void vmalloc_read(void)  { get(VMALLOC_START); }
static void top_read(void)      { get(UINTPTR_MAX); }
static void peb_write(void)     { put(USER_PEB); }
static void readonly_write(void) { put(fresh(ABI_PROT_READ)); }
static void none_read(void)     { get(fresh(0)); }
static void beyond_read(void)   { get((uintptr_t)pages(1) + 64 * PAGE); }
static void undefined(void)     { __builtin_trap(); }

static void stack_exec(void)
{
	_Alignas(4) volatile unsigned char code[] = BAD_RETURN;

	jump((uintptr_t)code);
}

/* Ends at the depth of UINTPTR_MAX, says the compiler. */
static __attribute__((noinline)) unsigned dig(volatile uintptr_t depth)
{
	volatile unsigned char room[PAGE];

	room[0] = 1;
	return depth == UINTPTR_MAX ? 0 : dig(depth + 1) + room[0];
}

static void stack_overflow(void) { (void)dig(0); }

/* A word of which only the first half is mapped: the fault is at the second page. */
static void straddle(void)
{
	uintptr_t p = (uintptr_t)pages(2);

	CHECK(munmap((void *)(p + PAGE), PAGE) == 0);
	(void)*(volatile uintptr_t *)(p + PAGE - 2);
}

static void freed_read(void)
{
	uintptr_t p = (uintptr_t)pages(1);

	put(p);
	CHECK(munmap((void *)p, PAGE) == 0);
	get(p);
}

static void protected_write(void)
{
	uintptr_t p = (uintptr_t)pages(1);

	put(p);
	CHECK(mprotect((void *)p, PAGE, ABI_PROT_READ) == 0);
	put(p);
}

static const struct bad { const char *name, *what; void (*run)(void); } bads[] = {
	{ "null-read", "reads through a null pointer", null_read },
	{ "null-write", "writes through a null pointer", null_write },
	{ "null-jump", "calls a null pointer", null_jump },
	{ "unmapped", "reads where nothing ever was", unmapped_read },
	{ "text-write", "writes to its text", text_write },
	{ "rodata-write", "writes to a constant", rodata_write },
	{ "rodata-exec", "executes a constant", rodata_exec },
	{ "data-exec", "executes data", data_exec },
	{ "stack-exec", "executes its stack", stack_exec },
	{ "kernel-read", "reads the kernel", kernel_read },
	{ "kernel-write", "writes to the kernel", kernel_write },
	{ "kernel-jump", "jumps into the kernel", kernel_jump },
	{ "kstack-read", "reads a kernel stack", stack_read },
	{ "vmalloc-read", "reads a kernel range that is synced by fault", vmalloc_read },
	{ "top", "reads the last address of all", top_read },
	{ "peb-write", "writes to its PEB", peb_write },
	{ "readonly", "writes to a read-only mapping", readonly_write },
	{ "none", "reads a mapping without rights", none_read },
	{ "beyond", "reads behind a mapping", beyond_read },
	{ "straddle", "reads a word of which the end is not mapped", straddle },
	{ "freed", "reads what it has unmapped", freed_read },
	{ "protected", "writes to a page it wrote before and then protected", protected_write },
	{ "overflow", "uses more stack than the limit", stack_overflow },
	{ "undefined", "executes an undefined instruction", undefined },
	ARCH_BAD_CASES
};

#define BADS (sizeof(bads) / sizeof(bads[0]))

static int try_one(uintptr_t i)
{
	bads[i].run();
	return SURVIVED;
}

static void try_all(void)
{
	for (uintptr_t i = 0; i < BADS; i++) {
		int32_t status = in_child(try_one, i);

		printf("badaccess %-12s %s\n", bads[i].name,
		       status == SURVIVED ? "survived" : status < 0 ? "died" : "did not come to it");
	}
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		try_all();
		return 0;
	}
	for (uintptr_t i = 0; i < BADS; i++)
		if (!strcmp(argv[1], bads[i].name)) {
			printf("pid 0n%d %s\n", (int)getpid(), bads[i].what);
			return try_one(i);
		}
	for (uintptr_t i = 0; i < BADS; i++)
		printf("%-12s %s\n", bads[i].name, bads[i].what);
	return 1;
}
