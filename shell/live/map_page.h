/* shell/live/map_page.h - what `map`, `unmap` and `protect` share: their arguments, and the pages of `map`.
 * SPDX-License-Identifier: MIT
 *
 * Each page that `map` maps is a VMA of one page in the vmalloc range, with VMA_GUARD (a fault in it
 * is an error, not a demand for a page) and the name MAP_NAME. These two identify it.
 */
#pragma once
#include "mm/space/vma.h"
#include "shell/command.h"

#define MAP_NAME "map"

/* The message for letters that map_parse_prot() rejects. */
#define MAP_PROT_HELP "invalid PROT: use letters of rwxugnt, including r"

/* Sets *prot to the rights and attributes of the letters in `s`. False: an unknown letter, or no r.
 * Prints nothing. */
bool map_parse_prot(const char *s, prot_t *prot);
/* Requires argument i to be page-aligned and in [VMALLOC_START, VMALLOC_END). False: an error was
 * printed. */
bool map_page_argument(struct call *c, unsigned i);
/* The VMA of the page that `map` mapped at argument i. NULL: an error was printed. */
struct vma *map_page_at(struct call *c, unsigned i);
