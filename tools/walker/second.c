/* tools/walker/second.c - the second stage of a guest, for vtop --second.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/refused.h"
#include "isa/second.h"
#include "tools/walker/session.h"

/* second=, vtcr= and hgatp= say more than the root's value can. */
bool second_space(void *ctx, struct out *out, uint64_t root, struct pt_space *space)
{
	struct session *s = ctx;
	struct isa_second q = {
		.first = s->mode.format, .format = s->second, .root = root ? root : s->second_root,
		.has_control = s->setting[SET_VTCR].source, .control = s->setting[SET_VTCR].value,
	};
	struct pt_mode *mode = &s->second_mode;
	const struct pt_format *format;
	char why[REFUSED_WHY];
	paddr_t at;

	if (isa_second_format(&q, &format, &root) != OK) {
		out_printf(out, "%s has no second stage; second= names its format.\n", s->mode.format->name);
		return false;
	}
	*mode = s->mode;
	mode->upper = false;
	mode->encrypted = 0;
	settings_format(s, mode, format);
	if (isa_second_mode(&q, mode) != OK) {
		out_printf(out, "vtcr=%llx is not a value of the register.\n", (unsigned long long)q.control);
		return false;
	}
	if (!root_or_why(mode, root, &at, why)) {
		out_printf(out, "%llx: %s\n", (unsigned long long)root, why);
		return false;
	}
	*space = pt_space_of(mode, &s->env, at);
	return true;
}
