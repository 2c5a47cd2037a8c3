/* user/bounds.c - calls with addresses and lengths that wrap around, end in the kernel half or cover the kernel's own VMAs.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"
#include "arch_layout.h"

enum { R = ABI_PROT_READ, RW = ABI_PROT_READ | ABI_PROT_WRITE };

static const uintptr_t lengths[] = {
	UINTPTR_MAX, UINTPTR_MAX - PAGE + 1, UINTPTR_MAX / 2 + 1, USER_END, USER_END - 1, (uintptr_t)0 - 0x00400000,
};
static const uintptr_t kernel[] = {
	USER_END, DIRECT_MAP_BASE, DIRECT_MAP_BASE + 0x100000, VMALLOC_START, KSTACK_START + KERNEL_STACK_BYTES, KMAP_START,
	UINTPTR_MAX - PAGE + 1, UINTPTR_MAX - 3,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void lengths_wrap(void)
{
	intptr_t file = open("lines"), section = shm_open("bounds", 2 * PAGE);
	uintptr_t p = (uintptr_t)pages(2);

	for (unsigned i = 0; i < COUNT(lengths); i++) {
		uintptr_t n = lengths[i];

		CHECK(failed(sys_mmap(0, n, RW, 0, 0)) && failed(sys_mmap(p, n, RW, ABI_MAP_FIXED, 0)));
		CHECK(failed(sys_mmap(0, n, R, 0, (uintptr_t)file)));
		CHECK(failed(sys_mmap(0, n, RW, ABI_MAP_SHARED, (uintptr_t)section)));
		CHECK(failed(sys_munmap(p, n)) && failed(sys_mprotect(p, n, R)) && failed(sys_madvise(p, n, ABI_ADVICE_DONTNEED)));
		CHECK(failed(sys_brk(n)) && failed(sys_shm_open((uintptr_t)"too large", n)));
		CHECK(failed(sys_write(1, p + 2 * PAGE, n)) && failed(sys_write(1, n, PAGE)));
	}
	/* There is no page after the last page of a file, also after splits of the VMA. */
	CHECK(failed(sys_mmap(0, 5 * PAGE, R, 0, (uintptr_t)file)) && failed(sys_mmap(0, 3 * PAGE, R, 0, (uintptr_t)section)));
	CHECK(failed(sys_mmap(0, PAGE, RW, ABI_MAP_GROWSDOWN, (uintptr_t)section)));
	CHECK(failed(sys_mmap(0, PAGE, R, ABI_MAP_GROWSDOWN | ABI_MAP_SHARED, (uintptr_t)file)));
	*(volatile char *)p = 1;
	CHECK(munmap((void *)p, 2 * PAGE) == 0);
}

static void the_kernels(void)
{
	int32_t status;
	intptr_t child;

	for (unsigned i = 0; i < COUNT(kernel); i++) {
		uintptr_t at = kernel[i], page = at & ~(uintptr_t)(PAGE - 1);

		CHECK(failed(sys_write(1, at, 4)) && failed(sys_read(0, at, 4)) && failed(sys_open(at)) && failed(sys_exec(at, 0)));
		CHECK(failed(sys_exec((uintptr_t)"nothing", at)) && failed(sys_shm_open(at, PAGE)) && failed(sys_mincore(at)));
		CHECK(failed(sys_mmap(page, PAGE, RW, ABI_MAP_FIXED, 0)) && failed(sys_munmap(page, PAGE)));
		CHECK(failed(sys_mprotect(page, PAGE, RW)) && failed(sys_madvise(page, PAGE, ABI_ADVICE_DONTNEED)));
		CHECK(failed(sys_madvise(page, PAGE, ABI_ADVICE_WILLNEED)) && failed(sys_brk(at)));
		child = fork();
		if (child == 0)
			exit(1);
		CHECK(failed(sys_wait((uintptr_t)child, at)));
	}
	/* From its own last byte into the kernel, and from nothing. */
	CHECK(failed(sys_write(1, USER_END - 1, 2)) && failed(sys_write(1, 0, 1)) && failed(sys_munmap(0, PAGE)));
	CHECK(failed(sys_mmap(0, PAGE, RW, ABI_MAP_FIXED, 0)) && failed(sys_mmap(USER_END - PAGE, 2 * PAGE, RW, ABI_MAP_FIXED, 0)));
	CHECK(failed(wait(0, &status)));
}

/* The PEB is what the kernel says about the program: it stays where and what it is. */
static void the_peb(void)
{
	volatile const struct abi_peb *peb = (const struct abi_peb *)USER_PEB;
	static const uintptr_t around[] = { USER_PEB, USER_PEB - PAGE, USER_PEB - 16 * PAGE };

	for (unsigned i = 0; i < COUNT(around); i++) {
		uintptr_t at = around[i], n = USER_PEB + PAGE - at;

		CHECK(failed(sys_munmap(at, n)) && failed(sys_munmap(at, n + 4 * PAGE)) && failed(sys_mprotect(at, n, RW)));
		CHECK(failed(sys_mprotect(at, n, 0)) && failed(sys_madvise(at, n, ABI_ADVICE_DONTNEED)));
		CHECK(failed(sys_mmap(at, n, RW, ABI_MAP_FIXED, 0)));
	}
	CHECK(failed(sys_read(0, USER_PEB, 1)) && peb->magic == ABI_PEB_MAGIC && peb->image_base == 0x00400000);
}

/* What is there already is not replaced: image, heap, stack. */
static void what_is_there(void)
{
	uintptr_t heap = (uintptr_t)sys_brk(0), in_stack = (uintptr_t)&heap & ~(uintptr_t)(PAGE - 1);
	static int data = 3;

	CHECK(sys_mmap((uintptr_t)the_peb & ~(uintptr_t)(PAGE - 1), PAGE, RW, ABI_MAP_FIXED, 0) == -ERR_EXISTS);
	CHECK(sys_mmap((uintptr_t)&data & ~(uintptr_t)(PAGE - 1), PAGE, RW, ABI_MAP_FIXED, 0) == -ERR_EXISTS);
	CHECK(sys_mmap(in_stack, PAGE, RW, ABI_MAP_FIXED, 0) == -ERR_EXISTS);
	/* The heap does not grow into a mapping, shrink below its beginning or reach where mmap gives out. */
	CHECK(sys_mmap(heap + 2 * PAGE, PAGE, RW, ABI_MAP_FIXED, 0) == (intptr_t)(heap + 2 * PAGE));
	CHECK(failed(sys_brk(heap + 3 * PAGE)) && sys_brk(heap + 2 * PAGE) == (intptr_t)(heap + 2 * PAGE));
	CHECK(failed(sys_brk(heap - 1)) && failed(sys_brk(0x00400000)) && failed(sys_brk(USER_MMAP)));
	CHECK(sys_brk(0) == (intptr_t)(heap + 2 * PAGE) && data == 3);
}

int main(void)
{
	lengths_wrap();
	the_kernels();
	the_peb();
	what_is_there();
	printf("every bound held\n");
	return 0;
}
