/* tests/kernel/access_deviation.c - where this CPU is known to differ from the manual, and whether it really does.
 * SPDX-License-Identifier: MIT
 *
 * A difference that is not in this list fails the test. One that is must be there each time or never: whether an
 * emulator still has it, and that another has not, is read from the line that is printed with the verdict.
 */
#include "lib/string.h"
#include "tests/kernel/access.h"

static struct { const char *name; uint64_t seen, unseen; } list[ACCESS_DEVIATIONS] = {
	[RESERVED_WITHOUT_PRESENT] = { .name = "rsvd-without-p" },
	[FAULT_SETS_ACCESSED] = { .name = "gib-page-fault-accessed" },
	[TOP_ENTRY_ACCESSED] = { .name = "pdpte-accessed" },
	[FETCH_TELLS_DOMAIN] = { .name = "ifsr-domain" },
	[DOMAIN_BEFORE_SECOND_LEVEL] = { .name = "domain-first" },
	[NO_EXECUTE_BEFORE_ACCESS_FLAG] = { .name = "xn-first" },
	[MANAGER_IGNORES_ACCESS_FLAG] = { .name = "manager-ignores-flag" },
};

void access_deviations_forget(void)
{
	for (unsigned i = 0; i < ACCESS_DEVIATIONS; i++)
		list[i].seen = list[i].unseen = 0;
}

bool access_deviates(enum access_deviation which, bool seen)
{
	++*(seen ? &list[which].seen : &list[which].unseen);
	return seen;
}

const char *access_deviations_check(void)
{
	static char why[80];

	for (unsigned i = 0; i < ACCESS_DEVIATIONS; i++)
		if (list[i].seen && list[i].unseen) {
			str_printf(why, sizeof(why), "%s was seen %llu times, but not %llu times", list[i].name,
			           (unsigned long long)list[i].seen, (unsigned long long)list[i].unseen);
			return why;
		}
	return NULL;
}

void access_deviations_note(uint64_t cases)
{
	size_t n = (size_t)str_printf(kernel_test_note, sizeof(kernel_test_note), "%llu cases; not as the manual:",
	                              (unsigned long long)cases);

	for (unsigned i = 0; i < ACCESS_DEVIATIONS; i++)
		if (list[i].seen && n < sizeof(kernel_test_note))
			n += (size_t)str_printf(kernel_test_note + n, sizeof(kernel_test_note) - n, " %s %llu",
			                        list[i].name, (unsigned long long)list[i].seen);
}
