/* user/edge.c - the last page that a program may have, and a system call in its last bytes.
 * SPDX-License-Identifier: MIT
 */
#include "user/lib/user.h"
#include "arch_layout.h"
#include "bytes.h"

enum { RW = ABI_PROT_READ | ABI_PROT_WRITE, RX = ABI_PROT_READ | ABI_PROT_EXEC };
static const uintptr_t never = USER_END - PAGE, last = USER_END - 2 * PAGE;

static void refused(uintptr_t handle, int flags)
{
	CHECK(failed(sys_mmap(never, PAGE, RW, (uintptr_t)flags | ABI_MAP_FIXED, handle)));
	CHECK(failed(sys_mmap(last, 2 * PAGE, RW, (uintptr_t)flags | ABI_MAP_FIXED, handle)));
	CHECK(mincore((void *)never) == 0);
}

static void the_last_page_is_never_mapped(void)
{
	intptr_t file = open("lines"), section = shm_open("edge", 2 * PAGE);

	CHECK(!failed(file) && !failed(section));
	refused(0, ABI_MAP_PRIVATE);
	refused(0, ABI_MAP_SHARED);
	refused(0, ABI_MAP_GROWSDOWN);
	refused((uintptr_t)file, ABI_MAP_PRIVATE);
	refused((uintptr_t)section, ABI_MAP_SHARED);
	CHECK(failed(sys_brk(USER_END)) && failed(sys_brk(never)) && failed(sys_mprotect(never, PAGE, RW)));
	CHECK(failed(sys_madvise(never, PAGE, ABI_ADVICE_WILLNEED)) && mincore((void *)never) == 0);
}

/* The call is made; the instruction after it is in the page that is never mapped. */
static int call_at_the_end(uintptr_t kind)
{
	char *page = mmap((void *)last, PAGE, RW, ABI_MAP_FIXED, 0);
	const struct call_code *c = &call_codes[kind];

	CHECK(page != NULL);
	for (unsigned i = 0; i < c->bytes; i++)
		page[PAGE - c->bytes + i] = (char)c->code[i];
	CHECK(mprotect(page, PAGE, RX) == 0);
	jump_with_number(never - c->bytes + c->state, SYS_getpid);
	return 0;
}

int main(void)
{
	the_last_page_is_never_mapped();
	for (uintptr_t i = 0; i < sizeof(call_codes) / sizeof(call_codes[0]); i++) {
		int32_t status = in_child(call_at_the_end, i);

		printf("edge: %s there %s\n", call_codes[i].name, status < 0 ? "died" : "went on");
	}
	return 0;
}
