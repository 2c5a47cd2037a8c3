/* lib/string.h - memory and string functions for freestanding builds.
 * SPDX-License-Identifier: MIT
 *
 * Meanings are those of ISO C; str_* are ours. Host builds use libc's for the ISO ones.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void  *memcpy(void *restrict dst, const void *restrict src, size_t n);
void  *memmove(void *dst, const void *src, size_t n);
void  *memset(void *dst, int byte, size_t n);
int    memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int    strcmp(const char *a, const char *b);
int    strncmp(const char *a, const char *b, size_t n);
char  *strchr(const char *s, int c);

/* Copies at most size-1 characters and always ends dst with NUL; returns strlen(src). size > 0. */
size_t str_copy(char *dst, const char *src, size_t size);
/* Compares without regard to ASCII case; 0 when equal. */
int    str_casecmp(const char *a, const char *b);
bool   str_starts(const char *s, const char *prefix);
