/* inspect/refused.c - why a number is no root.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/refused.h"

void put_refused_root(struct out *out, const struct pt_mode *mode, err_t err)
{
	const struct pt_format *f = mode->format;
	unsigned align = pt_root_bytes(mode);

	if (err == ERR_RANGE)
		out_printf(out, "bits above the %u of a physical address (pa_bits, cbit) would be dropped",
		           f->root_bits < mode->pa_bits ? f->root_bits : mode->pa_bits);
	else
		out_printf(out, "bits would be dropped: a root of %s is aligned to %u %s%s%s", f->name,
		           align < 1024 ? align : align / 1024, align < 1024 ? "bytes" : "KiB",
		           f->root_other ? "; " : "", f->root_other ? f->root_other : "");
}
