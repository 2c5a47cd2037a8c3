/* user/jit.c - writes code and executes it at the same address: its file has an executable stack (mk/user.mk).
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"
#include "arch_layout.h"
#pragma GCC diagnostic ignored "-Wunused-function"   /* of bad.h only the return instruction is used */
#include "bad.h"

enum { RWX = ABI_PROT_READ | ABI_PROT_WRITE | ABI_PROT_EXEC };

static const unsigned char code[] = BAD_RETURN;

/* A new page each time: code is fetched from it for the first time after it was written. */
static void run(volatile unsigned char *at)
{
	for (unsigned i = 0; i < sizeof(code); i++)
		at[i] = code[i];
	/* The right to execute comes anew, and with it the kernel makes the page's code visible. */
	CHECK(mprotect((void *)((uintptr_t)at & ~(uintptr_t)(PAGE - 1)), PAGE, RWX) == 0);
	((void (*)(void))(uintptr_t)at)();
}

static int child(uintptr_t at)
{
	run((volatile unsigned char *)at);
	return 3;
}

int main(void)
{
	_Alignas(4) volatile unsigned char local[sizeof(code)];
	volatile unsigned char *p = mmap(NULL, PAGE, RWX, ABI_MAP_PRIVATE, 0), *q = pages(1);

	CHECK(p != NULL);
	run(p);
	run(q);
	run(local);
	CHECK(in_child(child, (uintptr_t)p) == 3);
	printf("code was written and executed\n");
	return 0;
}
