/* mm/space/object.c - objects and their prototype entries.
 * SPDX-License-Identifier: MIT
 */
#include "mm/space/object.h"
#include "arch/mmu.h"
#include "mm/phys/heap.h"
#include "mm/space/pageout.h"
#include "mm/space/vmalloc.h"
#include "paging/bulk.h"

/* ---- numbers of objects ---- */

/* The object with the id n is at n - OWNER_IDS; a free place is NULL. The first table has room for every section and the files of
 * a usual initrd. When it is full, a table of twice the size replaces it; the table never shrinks. */
#define FIRST_OBJECTS 1024
static struct object *first_objects[FIRST_OBJECTS];
static struct { struct object **object; uint32_t limit; } object_ids = { first_objects, FIRST_OBJECTS };

struct object *object_number(uint32_t n)
{
	return n < object_ids.limit ? object_ids.object[n] : NULL;
}

uint32_t object_limit(void)
{
	return object_ids.limit;
}

static bool grow(void)
{
	uint32_t limit = 2 * object_ids.limit;
	struct object **more = kvzalloc((uint64_t)limit * sizeof(struct object *), "objects");

	if (!more)
		return false;
	for (uint32_t i = 0; i < object_ids.limit; i++)
		more[i] = object_ids.object[i];
	if (object_ids.object != first_objects)
		kvfree(object_ids.object);
	object_ids.object = more;
	object_ids.limit = limit;
	return true;
}

static bool number(struct object *o)
{
	uint32_t n = 0;

	while (n < object_ids.limit && object_ids.object[n])
		n++;
	if (n == object_ids.limit && !grow())
		return false;
	object_ids.object[n] = o;
	o->id = n + OWNER_IDS;
	return true;
}

struct object *object_of(const struct frame *f)
{
	uint32_t id = (uint32_t)f->owner >> 1;

	return frame_is_object(f) && id >= OWNER_IDS ? object_number(id - OWNER_IDS) : NULL;
}

/* Not inline: the handler of faults needs its registers. */
bool object_has(const struct object *o, const struct frame *f)
{
	return o && (uint32_t)f->owner == object_key(o);
}

/* ---- prototype entries ---- */

static unsigned entry_bytes(void)
{
	return arch_pt_mode()->format->entry_bytes;
}

static uint32_t per_table(void)
{
	return OBJECT_TABLE / entry_bytes();
}

pte_t object_entry(const struct object *o, uint32_t index)
{
	return pt_load(object_entry_at(o, index), 1u << o->entry_shift, 0);
}

static void put(struct object *o, uint32_t index, pte_t entry)
{
	pt_put(object_entry_at(o, index), 1u << o->entry_shift, 0, entry);
}

/* A format without a field for the protection keeps none; one without room for the address refers to the VAD. */
static pte_t named(const void *at, uint8_t protect)
{
	const struct pt_mode *mode = arch_pt_mode();
	struct pt_soft soft = { .kind = SOFT_PROTOTYPE, .proto = (uintptr_t)at, .vad = mode->format->soft->proto_base };
	pte_t entry = PTE(0);

	if (pt_soft_has(mode->format, pt_soft_in(&soft), SOFT_PROTECT))
		soft.protect = protect;
	if (pt_soft_encode(mode, &soft, &entry) == OK)
		return entry;
	soft = (struct pt_soft){ .kind = SOFT_PROTOTYPE, .vad = true, .protect = protect };
	return pt_soft_encode(mode, &soft, &entry) == OK ? entry : PTE(0);
}

pte_t object_empty(const struct object *o)
{
	const struct pt_soft zero = { .kind = SOFT_DEMAND_ZERO, .protect = pageout_protect(PROT_R | PROT_W) };
	pte_t entry;

	if (o->filed)
		return named(o, pageout_protect(PROT_R));
	return pt_soft_encode(arch_pt_mode(), &zero, &entry) == OK ? entry : PTE(0);
}

void object_set_empty(struct object *o, uint32_t index)
{
	put(o, index, object_empty(o));
}

void object_set_slot(struct object *o, uint32_t index, uint32_t file, uint64_t offset)
{
	const struct pt_soft soft = {
		.kind = SOFT_PAGEFILE, .file = (uint8_t)file, .offset = offset, .protect = pageout_protect(PROT_R | PROT_W),
	};
	pte_t entry;

	/* slots.c gives only slots that every entry can name. */
	ASSERT(pt_soft_encode(arch_pt_mode(), &soft, &entry) == OK);
	put(o, index, entry);
}

static prot_t prot_of(bool filed)
{
	return PROT_R | PROT_ACCESSED | (filed ? 0 : PROT_W | PROT_DIRTY);
}

pte_t object_leaf_at(const struct pt_mode *mode, bool filed, pfn_t pfn)
{
	pte_t entry;

	return mode->format->make_leaf(mode, 0, pfn_base(pfn), prot_of(filed), &entry) == OK ? entry : PTE(0);
}

void object_set_frame(struct object *o, uint32_t index, const struct frame *f, bool mapped)
{
	const struct pt_mode *mode = arch_pt_mode();
	const struct pt_soft soft = {
		.kind = SOFT_TRANSITION, .pfn = frame_pfn(f), .protect = pageout_protect(prot_of(o->filed)),
	};
	pte_t entry = PTE(0);

	if (mapped)
		entry = object_leaf_at(mode, o->filed, frame_pfn(f));
	else
		ASSERT(pt_soft_encode(mode, &soft, &entry) == OK);
	ASSERT(entry.v);
	put(o, index, entry);
}

pte_t object_soft_pte(const struct vma *v, uint64_t va)
{
	return named(object_entry_at(v->object, object_index(v, va)), pageout_protect(v->prot));
}

bool object_is_named(const struct vma *v, uint64_t va, const struct pt_soft *soft)
{
	const struct object *o = v ? v->object : NULL;
	uint32_t index = o ? object_index(v, va) : 0;
	struct pt_soft right;

	if (!o || !o->table || index >= o->pages || soft->kind != SOFT_PROTOTYPE)
		return false;
	pt_soft_decode(arch_pt_mode(), object_soft_pte(v, va), &right);
	return soft->vad == right.vad && soft->proto == right.proto;
}

/* ---- pages ---- */

static __attribute__((noinline)) err_t unmapped_page(struct object *o, uint32_t index, pte_t entry, struct aspace *as,
                                                     struct filling *out)
{
	struct pt_soft soft;

	pt_soft_decode(arch_pt_mode(), entry, &soft);
	if (soft.kind != SOFT_TRANSITION && soft.kind != SOFT_PAGEFILE)
		return ERR_NOT_FOUND;
	return pageout ? pageout->object_page(o, index, &soft, as, out) : ERR_CORRUPT;
}

err_t object_get(struct object *o, uint32_t index, struct aspace *as, struct filling *out)
{
	pte_t entry = object_entry(o, index);

	if (o->mode->format->page(o->mode, entry, 0, &out->pfn)) {
		frame_get(out->pfn);
		return OK;
	}
	return unmapped_page(o, index, entry, as, out);
}

void object_enter(struct object *o, uint32_t index, pfn_t pfn)
{
	struct frame *f = frame_at(pfn);

	f->owner = owner_object(o, index);
	f->transitions = 1;
	o->frames++;
	object_set_frame(o, index, f, true);
}

enum fault_result object_error(err_t err)
{
	switch (err) {
	case ERR_NO_MEMORY: return FAULT_NO_MEMORY;
	case ERR_BUSY:      return FAULT_RETRY;
	case ERR_CORRUPT:   return FAULT_CORRUPT;
	default:            return FAULT_IO_ERROR;
	}
}

/* ---- the whole object ---- */

/* One entry more than there are pages, so that an object without pages has a table. */
static uint32_t table_count(const struct object *o)
{
	return o->pages / per_table() + 1;
}

/* Also of an object of which only some could be made. */
static void free_tables(struct object *o)
{
	for (uint32_t i = 0; o->table && i < table_count(o); i++)
		kfree(o->table[i]);
	if (o->table)
		kvfree(o->table);
	o->table = NULL;
	o->pages = 0;
}

static bool make_tables(struct object *o)
{
	o->table = kvzalloc((uint64_t)table_count(o) * sizeof(void *), "prototype tables");
	for (uint32_t i = 0; o->table && i < table_count(o); i++) {
		uint32_t left = o->pages - i * per_table();

		o->table[i] = kzalloc((size_t)(left < per_table() ? left + 1 : per_table()) * entry_bytes());
		if (!o->table[i])
			return false;
	}
	return o->table;
}

err_t object_init(struct object *o, uint64_t pages, bool filed)
{
	if (pages > UINT32_MAX / sizeof(uint64_t))
		return ERR_NO_MEMORY;
	o->mode = arch_pt_mode();
	o->pages = (uint32_t)pages;
	o->entry_shift = entry_bytes() == 8 ? 3 : 2;
	o->filed = filed;
	if (!make_tables(o) || !number(o)) {
		free_tables(o);
		return ERR_NO_MEMORY;
	}
	for (uint32_t i = 0; i < o->pages; i++)
		object_set_empty(o, i);
	return OK;
}

/* A frame that something else still refers to is no page of an object any more, nor an anonymous one. */
static void forget_page(struct object *o, uint32_t index)
{
	const struct pt_mode *mode = arch_pt_mode();
	pte_t entry = object_entry(o, index);
	struct pt_soft soft = { .kind = SOFT_TRANSITION };
	struct frame *f;

	if (!mode->format->page(mode, entry, 0, &soft.pfn))
		pt_soft_decode(mode, entry, &soft);
	f = soft.kind == SOFT_TRANSITION ? frame_at(soft.pfn) : NULL;
	object_set_empty(o, index);
	if (f) {
		f->owner = OWNER_GONE;
		o->frames--;
	}
	if (f && !f->listed) {
		f->transitions--;
		frame_put(soft.pfn);
	} else if (f || soft.kind == SOFT_PAGEFILE) {
		pageout->object_forgets(&soft);
	}
}

void object_free(struct object *o)
{
	if (!o->table)
		return;
	for (uint32_t i = 0; i < o->pages; i++)
		forget_page(o, i);
	object_ids.object[o->id - OWNER_IDS] = NULL;
	free_tables(o);
	o->id = o->slots = 0;
}

uint64_t object_drop(struct object *o)
{
	uint64_t dropped = 0;
	pfn_t pfn;

	for (uint32_t i = 0; i < o->pages; i++) {
		if (!arch_pt_mode()->format->page(arch_pt_mode(), object_entry(o, i), 0, &pfn) || frame_at(pfn)->refs > 1)
			continue;
		forget_page(o, i);
		dropped++;
	}
	return dropped;
}

void object_attach(struct vma *v)
{
	struct list *vmas = &v->object->vmas;

	if (!vmas->next)
		list_init(vmas);
	list_insert(vmas, &v->mapping);
}
