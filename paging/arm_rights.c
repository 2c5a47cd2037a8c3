/* paging/arm_rights.c - the access of ARM's domains in words.
 * SPDX-License-Identifier: MIT
 */
#include "paging/arm_rights.h"

const char *arm_domain_words(const struct pt_mode *mode, uint64_t domain)
{
	static const char *const text[] = {
		"no access, by DACR", "client by DACR: permissions are checked", "reserved in DACR: no access",
		"manager by DACR: permissions are not checked",
	};

	return text[mode->dacr >> 2 * (domain & 15) & 3];
}
