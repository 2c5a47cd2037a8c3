/* paging/toy.h - the entries of the toy format (fmt_toy.c), for the lesson that makes its tables.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "paging/format.h"

#define TOY_SHIFT  5            /* a page has 32 bytes, a table 32 entries */
#define TOY_PAGE   (1u << TOY_SHIFT)

/* An entry for a page, and its parts; an entry that is not valid has a number, too. */
pte_t toy_entry(unsigned page, bool valid);
unsigned toy_number(pte_t pte);
bool toy_valid(pte_t pte);
