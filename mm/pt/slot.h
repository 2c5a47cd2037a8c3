/* mm/pt/slot.h - the walk's core, instantiated once in each format file so that its constants fold.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "mm/pt/format.h"

static inline __attribute__((always_inline)) err_t
pt_slot_core(const struct pt_format *f, const struct pt_mode *mode, const struct pt_env *env, paddr_t table,
             uint64_t va, unsigned *level, paddr_t *entry_pa, pte_t *entry)
{
	for (unsigned l = mode->levels - 1u; ; l--) {
		*entry_pa = paddr_add(table, (uint64_t)pt_index(f, l, va) * f->entry_bytes);
		err_t err = env->read(env->ctx, *entry_pa, f->entry_bytes, entry);
		if (err != OK)
			return err;
		if (l == *level || f->kind(mode, l, *entry) != PT_TABLE) {
			*level = l;
			return OK;
		}
		table = f->target(mode, l, *entry, va).pa;
	}
}
