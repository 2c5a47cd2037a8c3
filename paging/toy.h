/* paging/toy.h - the entries of the toy format (fmt_toy.c), for the lesson that makes its tables.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define TOY_VALID  0x80u        /* bit 7 of an entry */
#define TOY_NUMBER 0x7Fu        /* bits 6:0: number of a page */
#define TOY_SHIFT  5            /* a page has 32 bytes, a table 32 entries */
#define TOY_PAGE   (1u << TOY_SHIFT)
