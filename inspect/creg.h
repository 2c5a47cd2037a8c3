/* inspect/creg.h - control registers with their bits by name.
 * SPDX-License-Identifier: MIT
 *
 * In the style of Bochs' creg: CR0=0xe0010011: PG CD NW ac WP ne ET ts em mp PE. A name in capitals is a set bit;
 * wider fields have the form name=value.
 */
#pragma once
#include "inspect/target.h"
#include "isa/isa.h"

/* `name` in any case ("cr0"). NULL: the CPU family of the mode has no such register. Some fields depend on the paging format. */
const struct creg *creg_by_name(const char *name, const struct pt_mode *mode);
/* One line: the register's name, value and bits. Bits without a name are not shown. */
void creg_put(struct out *out, const struct creg *reg, uint64_t value);
/* Prints one register of the target. ERR_NOT_FOUND: the CPU family or the target has no such register; nothing is printed. */
err_t creg_show(struct out *out, const struct target *t, const char *name);
/* Prints all control registers of the target, one line each. */
void creg_show_all(struct out *out, const struct target *t);
