/* kernel/tar.c - one header block of a tar archive, read from bytes alone.
 * SPDX-License-Identifier: MIT
 *
 * POSIX.1-1988 ustar (pax, "ustar Interchange Format"), and what other writers put into its numeric fields: blanks
 * before the digits, no terminator after them, or the base-256 form of GNU tar.
 */
#include "kernel/tar.h"
#include "lib/string.h"

#define SIZE_AT 124
#define MTIME_AT 136
#define NUMBER_BYTES 12
#define CHECKSUM_AT 148
#define CHECKSUM_BYTES 8
#define TYPE_AT 156
#define MAGIC_AT 257
#define BASE_256 0x80

/* GNU tar's base 256: big-endian; bit 7 of the first byte marks it and bit 6 is the sign. False:
 * negative, or more than 64 bits. */
static bool binary(const unsigned char *s, unsigned bytes, uint64_t *value)
{
	*value = s[0] & ~BASE_256 & 0xFFu;
	for (unsigned i = 1; i < bytes; i++) {
		if (*value >> 56)
			return false;
		*value = *value << 8 | s[i];
	}
	return !(s[0] & 0x40);
}

/* A numeric field of `bytes` bytes: blanks, octal digits, then blanks or NULs to its end. A field
 * without digits is zero. False: another character before the end. */
static bool number(const unsigned char *s, unsigned bytes, uint64_t *value)
{
	unsigned i = 0;

	if (s[0] & BASE_256)
		return binary(s, bytes, value);
	*value = 0;
	while (i < bytes && s[i] == ' ')
		i++;
	for (; i < bytes && s[i] >= '0' && s[i] <= '7'; i++)
		*value = *value << 3 | (uint64_t)(s[i] - '0');
	/* What follows a NUL is outside of the field's text: some writers leave bytes there. */
	while (i < bytes && s[i] == ' ')
		i++;
	return i == bytes || !s[i];
}

/* Compares the field with the sum of all bytes, the bytes of the field itself counted as blanks.
 * POSIX sums unsigned bytes; some old writers summed signed ones, so both sums are accepted. */
static bool checksum_is_right(const unsigned char *block)
{
	uint64_t told;
	int64_t plain = 0, with_sign = 0;

	for (unsigned i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i - CHECKSUM_AT < CHECKSUM_BYTES ? ' ' : block[i];

		plain += c;
		with_sign += (signed char)c;
	}
	return number(block + CHECKSUM_AT, CHECKSUM_BYTES, &told) &&
	       ((int64_t)told == plain || (int64_t)told == with_sign);
}

bool tar_is_header(const unsigned char block[TAR_BLOCK])
{
	return !memcmp(block + MAGIC_AT, "ustar", 5) || (block[0] && checksum_is_right(block));
}

/* Links, devices, directories and FIFOs have no data; their size field is ignored. */
static bool has_data(char type)
{
	return type < '1' || type > '6';
}

err_t tar_read_header(const unsigned char block[TAR_BLOCK], struct tar_entry *e)
{
	char type = (char)block[TYPE_AT];
	const char *name = e->name;

	if (!block[0])
		return ERR_NOT_FOUND;
	if (!tar_is_header(block) || !number(block + SIZE_AT, NUMBER_BYTES, &e->bytes))
		return ERR_CORRUPT;
	if (!has_data(type))
		e->bytes = 0;
	if (!number(block + MTIME_AT, NUMBER_BYTES, &e->mtime))
		e->mtime = 0;
	memcpy(e->name, block, TAR_NAME);
	e->name[TAR_NAME] = 0;
	if (str_starts(name, "./"))
		memmove(e->name, name + 2, strlen(name + 2) + 1);
	/* Regular files are '0' or, in old archives, NUL; there a directory's name ends in a slash. */
	e->regular = (type == '0' || !type) && e->name[0] && e->name[strlen(e->name) - 1] != '/';
	return OK;
}
