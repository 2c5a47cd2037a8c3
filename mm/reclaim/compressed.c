/* mm/reclaim/compressed.c - page file 2: compressed pages in memory.
 * SPDX-License-Identifier: MIT
 *
 * The pool is an array of small chunks. A page is a list of them, so there is no fragmentation beyond the last chunk of each page.
 * Only processes call this, not interrupt handlers, and the kernel is not preemptible: the static buffers have one user at a time.
 */
#include "mm/reclaim/compressed.h"
#include "lib/lz4.h"
#include "lib/string.h"
#include "mm/phys/kmap.h"
#include "mm/reclaim/slots.h"
#include "mm/space/vmalloc.h"

#define CHUNK_BYTES 60u
#define CHUNK_NIL   UINT32_MAX
#define WHOLE_CHUNKS ((PAGE_SIZE + CHUNK_BYTES - 1) / CHUNK_BYTES)
#define RATIO       4           /* slots for each page of the pool */

struct chunk { uint32_t next; uint8_t data[CHUNK_BYTES]; };

enum kind { NOTHING, SAME, LZ4, WHOLE };

/* What is in a slot. */
struct packed {
	uintptr_t word;             /* SAME */
	uint32_t first;             /* LZ4, WHOLE: its chunks */
	uint16_t bytes;
	uint8_t kind;
};

static struct {
	struct chunk *chunk;        /* NULL: there is no page file 2 */
	struct packed *packed;      /* by offset */
	uint32_t chunks, free, slots;
	uint32_t free_head;
	uint32_t count[4];          /* slots of each kind */
} pool;

/* One page, a block that is smaller than it, and lz4_compress()'s table. */
static struct { uintptr_t page[PAGE_SIZE / sizeof(uintptr_t)]; uint8_t block[PAGE_SIZE]; uint16_t table[LZ4_TABLE]; } work;

/* ---- the pool ---- */

static void link_all(void)
{
	for (uint32_t i = 0; i < pool.chunks; i++)
		pool.chunk[i].next = i + 1 < pool.chunks ? i + 1 : CHUNK_NIL;
	pool.free_head = 0;
	pool.free = pool.chunks;
}

static err_t allocate(uint64_t bytes)
{
	void *at;
	err_t err = vmalloc(bytes, PROT_R | PROT_W, "compressed pages", &at);

	if (err != OK)
		return err;
	pool.slots = (uint32_t)(bytes >> PAGE_SHIFT) * RATIO + 1;
	pool.packed = kvzalloc((uint64_t)pool.slots * sizeof(*pool.packed), "compressed slots");
	if (!pool.packed) {
		vfree(at);
		return ERR_NO_MEMORY;
	}
	pool.chunk = at;
	pool.chunks = (uint32_t)(bytes / sizeof(struct chunk));
	link_all();
	return OK;
}

err_t compressed_create(uint64_t bytes)
{
	struct slot_stats stats;
	err_t err;

	bytes = ALIGN_UP(bytes, (uint64_t)PAGE_SIZE);
	if (pool.chunk)
		return ERR_EXISTS;
	if (bytes >> PAGE_SHIFT < 2 || bytes >> PAGE_SHIFT > frame_available() / 4)
		return ERR_RANGE;
	err = allocate(bytes);
	if (err != OK)
		return err;
	err = slots_add(COMPRESSED_FILE, pool.slots);
	if (err != OK) {
		compressed_remove();
		return err;
	}
	if (slots_stats(COMPRESSED_FILE, &stats))
		pool.slots = stats.total;
	return OK;
}

void compressed_remove(void)
{
	if (!pool.chunk)
		return;
	kvfree(pool.packed);
	vfree(pool.chunk);
	memset(&pool, 0, sizeof(pool));
}

unsigned compressed_room(void)
{
	return pool.chunk ? pool.free / WHOLE_CHUNKS : 0;
}

static uint32_t take_chunk(void)
{
	uint32_t i = pool.free_head;

	ASSERT(i != CHUNK_NIL);
	pool.free_head = pool.chunk[i].next;
	pool.free--;
	return i;
}

/* Copies n bytes into new chunks. Returns the first. */
static uint32_t store_bytes(const uint8_t *from, size_t n)
{
	uint32_t first = CHUNK_NIL, *link = &first;

	for (size_t at = 0; at < n; at += CHUNK_BYTES) {
		uint32_t i = take_chunk();

		*link = i;
		link = &pool.chunk[i].next;
		memcpy(pool.chunk[i].data, from + at, n - at < CHUNK_BYTES ? n - at : CHUNK_BYTES);
	}
	*link = CHUNK_NIL;
	return first;
}

static void load_bytes(const struct packed *p, uint8_t *to)
{
	uint32_t i = p->first;

	for (size_t at = 0; at < p->bytes; at += CHUNK_BYTES, i = pool.chunk[i].next)
		memcpy(to + at, pool.chunk[i].data, p->bytes - at < CHUNK_BYTES ? p->bytes - at : CHUNK_BYTES);
}

/* ---- pages ---- */

/* True if the page in work.page is one word, repeated to its end. */
static bool is_same(void)
{
	for (size_t i = 1; i < ARRAY_LEN(work.page); i++)
		if (work.page[i] != work.page[0])
			return false;
	return true;
}

static void forget(struct packed *p)
{
	uint32_t last = p->first;

	pool.count[p->kind]--;
	if (p->kind == LZ4 || p->kind == WHOLE) {
		uint32_t n = 1;

		for (; pool.chunk[last].next != CHUNK_NIL; n++)
			last = pool.chunk[last].next;
		pool.chunk[last].next = pool.free_head;
		pool.free_head = p->first;
		pool.free += n;
	}
	*p = (struct packed){ .kind = NOTHING };
}

/* Stores work.page. A block that needs as many chunks as the page is no gain. */
static void pack(struct packed *p)
{
	size_t n;

	if (is_same()) {
		*p = (struct packed){ .word = work.page[0], .kind = SAME };
	} else {
		n = lz4_compress(work.page, PAGE_SIZE, work.block, (WHOLE_CHUNKS - 1) * CHUNK_BYTES, work.table);
		*p = (struct packed){ .bytes = (uint16_t)(n ? n : PAGE_SIZE), .kind = n ? LZ4 : WHOLE };
		p->first = store_bytes(n ? work.block : (const uint8_t *)work.page, p->bytes);
	}
	pool.count[p->kind]++;
}

/* The page in work.page. False: the slot holds none, or its block is damaged. */
static bool unpack(const struct packed *p)
{
	switch (p->kind) {
	case SAME:
		for (size_t i = 0; i < ARRAY_LEN(work.page); i++)
			work.page[i] = p->word;
		return true;
	case LZ4:
		load_bytes(p, work.block);
		return lz4_decompress(work.block, p->bytes, work.page, PAGE_SIZE);
	case WHOLE:
		load_bytes(p, (uint8_t *)work.page);
		return true;
	default:
		return false;
	}
}

/* ---- transfers ---- */

static err_t write_slot(uint32_t offset, pfn_t from)
{
	struct packed *p = &pool.packed[offset];

	if (p->kind != NOTHING)
		forget(p);
	if (phys_read(pfn_base(from), work.page, PAGE_SIZE) != OK)
		return ERR_IO;
	pack(p);
	return OK;
}

/* Not by phys_write(): a store by address would count as a change of the page. */
static err_t read_slot(uint32_t offset, pfn_t to)
{
	void *at;

	if (!unpack(&pool.packed[offset]))
		return ERR_IO;
	at = kmap(to);
	memcpy(at, work.page, PAGE_SIZE);
	kunmap(at);
	return OK;
}

err_t compressed_submit(struct store_io *io)
{
	if (!pool.chunk || io->slot + io->count > pool.slots)
		return ERR_RANGE;
	io->error = OK;
	for (unsigned i = 0; i < io->count; i++) {
		uint32_t offset = (uint32_t)io->slot + i;
		err_t err = io->write ? write_slot(offset, io->frame[i]) : read_slot(offset, io->frame[i]);

		if (err != OK)
			io->error = ERR_IO;
	}
	io->done(io);
	return OK;
}

void compressed_free(uint32_t offset)
{
	if (pool.chunk && pool.packed[offset].kind != NOTHING)
		forget(&pool.packed[offset]);
}

/* ---- reports ---- */

bool compressed_stats(struct compressed_stats *out)
{
	*out = (struct compressed_stats){
		.pool = (uint64_t)pool.chunks * sizeof(struct chunk),
		.used = (uint64_t)(pool.chunks - pool.free) * sizeof(struct chunk),
		.pages = pool.count[SAME] + pool.count[LZ4] + pool.count[WHOLE],
		.same = pool.count[SAME], .whole = pool.count[WHOLE],
	};
	return pool.chunk;
}

int compressed_bytes(uint32_t offset)
{
	const struct packed *p = pool.chunk && offset < pool.slots ? &pool.packed[offset] : NULL;

	return p && p->kind != NOTHING ? p->bytes : -1;
}

/* Number of chunks in a list; more than there are: it is a ring. */
static uint32_t length_of(uint32_t i)
{
	uint32_t n = 0;

	for (; i < pool.chunks && n <= pool.chunks; i = pool.chunk[i].next)
		n++;
	return n;
}

static const char *check_slot(uint32_t offset, uint32_t *chunks)
{
	const struct packed *p = &pool.packed[offset];
	const struct slot *s = slot_at(slot_id(COMPRESSED_FILE, offset));
	uint32_t n = p->kind == LZ4 || p->kind == WHOLE ? length_of(p->first) : 0;

	*chunks += n;
	if (p->kind != NOTHING && !(s && s->refs))
		return "a free slot of the compressed store has a page";
	if (n != (p->bytes + CHUNK_BYTES - 1) / CHUNK_BYTES)
		return "a compressed page has a wrong number of chunks";
	return p->kind == NOTHING || unpack(p) ? NULL : "a compressed page is damaged";
}

const char *compressed_check(uint64_t *where)
{
	uint32_t chunks = 0;

	for (uint32_t offset = 1; pool.chunk && offset < pool.slots; offset++) {
		const char *what = check_slot(offset, &chunks);

		*where = slot_id(COMPRESSED_FILE, offset);
		if (what)
			return what;
	}
	*where = COMPRESSED_FILE;
	return chunks + pool.free == pool.chunks && (!pool.chunk || length_of(pool.free_head) == pool.free) ? NULL :
	       "chunks of the compressed store are lost";
}
