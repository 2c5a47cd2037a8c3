/* inspect/creg.h - control registers with their bits by name.
 * SPDX-License-Identifier: MIT
 *
 * In the style of Bochs' creg: CR0=0xe0010011: PG CD NW ac WP ne ET ts em mp PE. A name in capitals is a set bit;
 * wider fields have the form name=value.
 */
#pragma once
#include "inspect/target.h"
#include "isa/isa.h"

/* In any case ("cr0"); NULL when the mode's CPU family has none of that name. Some fields depend on the paging format. */
const struct creg *creg_by_name(const char *name, const struct pt_mode *mode);
/* One line: the register's name, value and bits. Bits without a name are not shown. */
void creg_put(struct out *out, const struct creg *reg, uint64_t value);
/* A register of the target by name: ERR_NOT_FOUND when it is unknown here or there, nothing is printed then. */
err_t creg_show(struct out *out, const struct target *t, const char *name);
/* All that the target has, a line each. */
void creg_show_all(struct out *out, const struct target *t);
