/* tools/image/kdump.c - kdump-compressed files of makedumpfile and QEMU (dump-guest-memory -z), also flattened ones.
 * SPDX-License-Identifier: MIT
 *
 * makedumpfile's IMPLEMENTATION: block 0 has the header, then the sub-header, two bitmaps of pages (those that exist, those that
 * were dumped), and a descriptor of 24 bytes for each page that was dumped. A flattened file, written to a pipe, consists of
 * records: offset and size in big-endian order, then the bytes; QEMU writes no other.
 */
#include <inttypes.h>
#include <stdlib.h>
#if __has_include(<zlib.h>)
#include <zlib.h>
#define HAVE_ZLIB
#endif

#include "lib/addr.h"
#include "tools/image/reader.h"

enum { ZLIB = 1, LZO = 2, SNAPPY = 4, ZSTD = 32 };
enum { DESCRIPTOR = 24, BLOCK_MOST = 0x10000, CACHED = 64, RANK_BITS = 4096, BITMAP_SLACK = 1 << 24 };
enum { FLAT_HEADER = 4096, FLAT_RECORD = 16 };

/* A record of a flattened file: `size` bytes of the original from `at` on stand at `offset`. */
struct piece { uint64_t at, size, offset; };

struct cached { uint64_t block; bool valid; uint8_t bytes[BLOCK_MOST]; };

struct kdump {
	struct piece *piece;       /* NULL: not flattened */
	size_t pieces;
	uint64_t size;             /* of the original file */
	unsigned block;            /* bytes of a page */
	unsigned w;                /* 4 or 8: whose structures the headers are */
	uint64_t pages, descriptors;
	uint8_t *bitmap;           /* of the pages that were dumped */
	uint32_t *rank;            /* set bits before each RANK_BITS */
	struct cached *cache;
};

/* ---- the original file ---- */

static err_t read_file(struct image *m, const struct kdump *k, uint64_t at, void *buf, uint64_t n)
{
	uint8_t *to = buf;

	if (!k->piece) {
		if (!image_has(m, at, n))
			return ERR_RANGE;
		memcpy(to, m->map + at, n);
		return OK;
	}
	if (at > k->size || k->size - at < n)
		return ERR_RANGE;
	memset(to, 0, n);
	for (size_t low = 0, high = k->pieces; n; ) {
		const struct piece *p;
		uint64_t part;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (k->piece[middle].at + k->piece[middle].size <= at)
				low = middle + 1;
			else
				high = middle;
		}
		high = k->pieces;
		p = low < k->pieces ? &k->piece[low] : NULL;
		/* A gap is zero, as in a file with holes. */
		part = !p ? n : at < p->at ? p->at - at : p->size - (at - p->at);
		part = part < n ? part : n;
		if (p && at >= p->at)
			memcpy(to, m->map + p->offset + (at - p->at), part);
		to += part;
		at += part;
		n -= part;
	}
	return OK;
}

static int by_place(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static uint64_t get_big(const uint8_t *at)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | at[i];
	return v;
}

static bool add_piece(struct image *m, struct kdump *k, struct piece p, size_t *room)
{
	if (k->pieces == *room) {
		size_t more = *room ? 2 * *room : 256;
		struct piece *piece = realloc(k->piece, more * sizeof(*piece));

		if (!piece)
			return image_damaged(m, NO_OFFSET, "no memory for %zu records", more);
		k->piece = piece;
		*room = more;
	}
	k->piece[k->pieces++] = p;
	if (p.at + p.size > k->size)
		k->size = p.at + p.size;
	return true;
}

static bool read_pieces(struct image *m, struct kdump *k)
{
	size_t room = 0;
	uint64_t at = FLAT_HEADER;

	for (;;) {
		struct piece p;

		if (!image_has(m, at, FLAT_RECORD))
			return image_damaged(m, at, "the file ends before its last record");
		p = (struct piece){ get_big(m->map + at), get_big(m->map + at + 8), at + FLAT_RECORD };
		if (p.at == UINT64_MAX && p.size == UINT64_MAX)
			break;
		if (!image_has(m, p.offset, p.size) || p.at >> 62)
			return image_damaged(m, at, "a record of %" PRIx64 " bytes for offset %" PRIx64 " ends behind the file",
			                     p.size, p.at);
		if (p.size && !add_piece(m, k, p, &room))
			return false;
		at = p.offset + p.size;
	}
	if (!k->pieces)
		return image_damaged(m, FLAT_HEADER, "no record");
	qsort(k->piece, k->pieces, sizeof(*k->piece), by_place);
	for (size_t i = 1; i < k->pieces; i++)
		if (k->piece[i].at < k->piece[i - 1].at + k->piece[i - 1].size)
			return image_damaged(m, k->piece[i].offset, "two records have the same bytes");
	return true;
}

/* ---- pages ---- */

static bool is_dumped(const struct kdump *k, uint64_t page)
{
	return page < k->pages && (k->bitmap[page / 8] >> page % 8 & 1);
}

/* The number of dumped pages below this one: the index of its descriptor. */
static uint64_t rank_of(const struct kdump *k, uint64_t page)
{
	uint64_t byte = page / RANK_BITS * (RANK_BITS / 8), rank = k->rank[page / RANK_BITS];

	for (; byte < page / 8; byte++)
		rank += (unsigned)__builtin_popcount(k->bitmap[byte]);
	return rank + (unsigned)__builtin_popcount(k->bitmap[page / 8] & ((1u << page % 8) - 1));
}

static const char *compression(uint32_t flags)
{
	return flags & LZO ? "LZO" : flags & SNAPPY ? "Snappy" : flags & ZSTD ? "Zstandard" : "an unknown method";
}

static bool inflate_page(struct image *m, const struct kdump *k, const uint8_t *packed, uint64_t size, uint64_t at, uint8_t *to)
{
#ifdef HAVE_ZLIB
	uLongf length = k->block;

	if (uncompress(to, &length, packed, (uLong)size) == Z_OK && length == k->block)
		return true;
	return image_damaged(m, at, "a page of %" PRIx64 " bytes that zlib cannot unpack", size);
#else
	(void)k, (void)packed, (void)size, (void)at, (void)to;
	return image_refused(m, "compressed with zlib, and this program was built without zlib");
#endif
}

/* Reads one page through its descriptor: u64 offset, u32 size, u32 flags, u64 the system's flags. */
static bool load_page(struct image *m, struct kdump *k, uint64_t page, uint8_t *to)
{
	uint8_t descriptor[DESCRIPTOR], packed[BLOCK_MOST];
	uint64_t at = k->descriptors + DESCRIPTOR * rank_of(k, page), offset, size;
	uint32_t flags;

	if (read_file(m, k, at, descriptor, DESCRIPTOR) != OK)
		return image_damaged(m, at, "the file ends before the descriptor of page %" PRIx64, page);
	offset = get_number(descriptor, 8);
	size = get_number(descriptor + 8, 4);
	flags = (uint32_t)get_number(descriptor + 12, 4);
	if (size > k->block || (!flags && size != k->block))
		return image_damaged(m, at, "page %" PRIx64 " has %" PRIx64 " bytes, one of %x is expected", page, size, k->block);
	if (read_file(m, k, offset, packed, size) != OK)
		return image_damaged(m, at, "page %" PRIx64 " at offset %" PRIx64 " ends behind the file", page, offset);
	if (flags & ~(uint32_t)ZLIB)
		return image_refused(m, "compressed with %s: only zlib is read", compression(flags));
	if (flags)
		return inflate_page(m, k, packed, size, offset, to);
	memcpy(to, packed, size);
	return true;
}

static err_t read_page(struct image *m, uint64_t pa, void *buf, size_t n)
{
	struct kdump *k = m->own;
	uint64_t block = pa / k->block;
	struct cached *c = &k->cache[block % CACHED];

	if (!is_dumped(k, block))
		return ERR_IO;
	if (!c->valid || c->block != block) {
		c->valid = load_page(m, k, block, c->bytes);
		c->block = block;
	}
	if (!c->valid)
		return ERR_CORRUPT;
	memcpy(buf, c->bytes + pa % k->block, n);
	return OK;
}

/* ---- opening ---- */

static void close_kdump(struct image *m)
{
	struct kdump *k = m->own;

	free(k->piece);
	free(k->bitmap);
	free(k->rank);
	free(k->cache);
	free(k);
}

/* disk_dump_header: the signature, a version, utsname (6 * 65), then a timestamp whose size and alignment are those of the machine;
 * status, block size, blocks of the sub-header and of the bitmaps, and the number of pages. */
enum { HEADER32 = 412, HEADER64 = 424, HEADER_END = 464 };

struct sizes { uint32_t block, sub, bitmaps, pages; };

static bool sizes_at(const uint8_t *header, unsigned at, struct sizes *s)
{
	*s = (struct sizes){
		(uint32_t)get_number(header + at + 4, 4), (uint32_t)get_number(header + at + 8, 4),
		(uint32_t)get_number(header + at + 12, 4), (uint32_t)get_number(header + at + 16, 4),
	};
	return s->block >= PAGE_SIZE && s->block <= BLOCK_MOST && !(s->block & (s->block - 1)) && s->sub && s->sub < 0x10000 &&
	       s->bitmaps;
}

static bool read_sizes(struct image *m, struct kdump *k, struct sizes *s)
{
	uint8_t header[HEADER_END];

	if (read_file(m, k, 0, header, sizeof(header)) != OK)
		return image_damaged(m, m->size, "the file ends within its header");
	if (memcmp(header, "KDUMP   ", 8))
		return image_refused(m, "not one of pages: makedumpfile -R makes a plain file of it");
	k->w = sizes_at(header, HEADER64, s) ? 8 : 4;
	if (k->w == 4 && !sizes_at(header, HEADER32, s))
		return image_damaged(m, HEADER32, "a block of %x bytes", s->block);
	return true;
}

/* kdump_sub_header. Version 6 has the number of pages in 64 bits. */
static bool read_sub_header(struct image *m, struct kdump *k, struct sizes *s)
{
	unsigned wide = k->w == 8, note = wide ? 48 : 32, most = wide ? 96 : 72;
	uint8_t sub[104], version[4], *notes;
	uint64_t offset, size;
	bool good;

	if (read_file(m, k, k->block, sub, sizeof(sub)) != OK || read_file(m, k, 8, version, 4) != OK)
		return image_damaged(m, k->block, "the file ends within its sub-header");
	k->pages = get_number(version, 4) >= 6 ? get_number(sub + most, 8) : s->pages;
	if (get_number(version, 4) < 4)
		return true;
	offset = get_number(sub + note, 8);
	size = get_number(sub + note + 8, k->w);
	if (!size)
		return true;
	notes = size < 64ull << 20 ? malloc(size) : NULL;
	if (!notes || read_file(m, k, offset, notes, size) != OK) {
		free(notes);
		return image_damaged(m, k->block + note, "notes of %" PRIx64 " bytes at offset %" PRIx64, size, offset);
	}
	good = image_notes(m, notes, size, offset);
	free(notes);
	return good;
}

/* The second bitmap, with the number of set bits before each part of it, and its runs. */
static bool read_bitmap(struct image *m, struct kdump *k, const struct sizes *s)
{
	uint64_t bytes = (uint64_t)s->bitmaps * k->block / 2, at = (1 + (uint64_t)s->sub) * k->block + bytes, from = 0;
	uint64_t file = k->piece ? k->size : m->size;
	uint32_t rank = 0;

	if (at > file || file - at < bytes)
		return image_damaged(m, at, "the file ends within the bitmaps of %u blocks", s->bitmaps);
	/* A flattened file can leave out zeroes, but not many. */
	if (bytes > m->size + BITMAP_SLACK)
		return image_damaged(m, at, "bitmaps of %u blocks in a file of %" PRIx64 " bytes", s->bitmaps, m->size);
	k->pages = k->pages < bytes * 8 ? k->pages : bytes * 8;
	k->bitmap = malloc(bytes);
	k->rank = malloc((bytes * 8 / RANK_BITS + 1) * sizeof(*k->rank));
	k->cache = calloc(CACHED, sizeof(*k->cache));
	if (!k->bitmap || !k->rank || !k->cache || read_file(m, k, at, k->bitmap, bytes) != OK)
		return image_damaged(m, at, "no memory for a bitmap of %" PRIx64 " bytes", bytes);
	for (uint64_t i = 0; i < bytes; i++) {
		if (i % (RANK_BITS / 8) == 0)
			k->rank[i / (RANK_BITS / 8)] = rank;
		rank += (unsigned)__builtin_popcount(k->bitmap[i]);
	}
	k->descriptors = at + bytes;
	for (uint64_t i = 0; i <= k->pages; i++) {
		if (is_dumped(k, i))
			continue;
		if (!image_add(m, from * k->block, (i - from) * k->block, 0))
			return false;
		from = i + 1;
	}
	return true;
}

static bool open_kdump(struct image *m, bool flat)
{
	struct kdump *k = calloc(1, sizeof(*k));
	struct sizes s;

	if (!k)
		return image_damaged(m, NO_OFFSET, "no memory");
	m->own = k;
	m->close = close_kdump;
	m->read = read_page;
	if (flat && !read_pieces(m, k))
		return false;
	if (!read_sizes(m, k, &s))
		return false;
	k->block = s.block;
	return read_sub_header(m, k, &s) && read_bitmap(m, k, &s);
}

bool image_open_kdump(struct image *m)
{
	return open_kdump(m, false);
}

bool image_open_flat(struct image *m)
{
	return open_kdump(m, true);
}
