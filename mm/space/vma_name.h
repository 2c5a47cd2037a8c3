/* mm/space/vma_name.h - names of VMAs: each is stored once, so that a record of a fault keeps a pointer instead of a copy.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define VMA_NAME_SIZE 24

/* The stored name with the first VMA_NAME_SIZE - 1 characters of `text`, counted for one VMA. Never fails: when the table is
 * full it is "...". */
const char *vma_name_get(const char *text);
/* Counts another VMA with the name, which vma_name_get() returned. */
void vma_name_share(const char *name);
/* A VMA with the name was freed. The text stays until no VMA has the name, no record of a fault refers to it, and its place is
 * needed for another one. */
void vma_name_put(const char *name);
