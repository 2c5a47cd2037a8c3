/* lib/pagefile.c - writes and checks the header of a page file.
 * SPDX-License-Identifier: MIT
 */
#include "lib/pagefile.h"
#include "lib/string.h"

#define FNV_START 0x811C9DC5u
#define FNV_PRIME 0x01000193u

uint32_t pagefile_sum(const struct pagefile_header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	uint32_t sum = FNV_START;

	for (size_t i = 0; i < offsetof(struct pagefile_header, sum); i++)
		sum = (sum ^ p[i]) * FNV_PRIME;
	return sum;
}

void pagefile_header_fill(struct pagefile_header *h, uint64_t slots)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, PAGEFILE_MAGIC, sizeof(h->magic));
	h->version = PAGEFILE_VERSION;
	h->slot_bytes = PAGEFILE_SLOT;
	h->slots = slots;
	h->sum = pagefile_sum(h);
}

const char *pagefile_header_fault(const struct pagefile_header *h)
{
	if (memcmp(h->magic, PAGEFILE_MAGIC, sizeof(h->magic)))
		return "no page-file header";
	if (h->sum != pagefile_sum(h))
		return "a damaged page-file header";
	if (h->version != PAGEFILE_VERSION || h->slot_bytes != PAGEFILE_SLOT)
		return "a page file of another version";
	return h->slots < 2 ? "a page file without slots" : NULL;
}
