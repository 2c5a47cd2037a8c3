/* inspect/refused.c - checks a root address; the reason if it is invalid.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/refused.h"

bool root_or_why(const struct pt_mode *mode, uint64_t value, paddr_t *root, char why[REFUSED_WHY])
{
	const struct pt_format *f = mode->format;
	unsigned align = pt_root_bytes(mode);
	err_t err = pt_root_of(mode, value, root);

	if (err == ERR_RANGE)
		str_printf(why, REFUSED_WHY, "bits above the %u of a physical address (pa_bits, cbit) would be dropped",
		           f->root_bits < mode->pa_bits ? f->root_bits : mode->pa_bits);
	else if (err != OK)
		str_printf(why, REFUSED_WHY, "bits would be dropped: a root of %s is aligned to %u %s%s%s", f->name,
		           align < 1024 ? align : align / 1024, align < 1024 ? "bytes" : "KiB",
		           f->root_other ? "; " : "", f->root_other ? f->root_other : "");
	return err == OK;
}
