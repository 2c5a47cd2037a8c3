/* inspect/peb.c - !peb: reads the PEB, a page of user memory, with the tables of the selected process.
 * SPDX-License-Identifier: MIT
 *
 * The page can be paged out or not mapped; the reason is printed then.
 */
#include "inspect/formats.h"
#include "inspect/process.h"
#include "inspect/windbg.h"
#include "lib/abi.h"
#include "lib/string.h"

#define WEEKDAY 4       /* "Sun " before the date that !peb shows */

/* ---- this kernel's layout; memory of another system has that of Windows ---- */

static bool is_own(const struct target *t, uint64_t va)
{
	uint64_t magic;

	return target_read_virt(t, va, &magic, sizeof(magic)) == OK && magic == ABI_PEB_MAGIC;
}

static err_t read_own(const struct target *t, uint64_t va, struct peb_view *v)
{
	uint64_t modules = va + offsetof(struct abi_peb, module);
	struct abi_peb peb;

	if (target_read_virt(t, va, &peb, sizeof(peb)) != OK)
		return ERR_NOT_FOUND;
	v->image_base = peb.image_base;
	/* All lists of Ldr are in the same page. */
	v->ldr = va + offsetof(struct abi_peb, ldr_initialized);
	v->initialized = peb.ldr_initialized;
	for (unsigned i = 0; i < ARRAY_LEN(v->list); i++) {
		v->list[i].first = modules;
		v->list[i].last = modules + (peb.module_count ? peb.module_count - 1 : 0) * sizeof(peb.module[0]);
	}
	/* The page need not be what the kernel wrote: no text in it must end. */
	memcpy(v->command_line, peb.command_line, sizeof(peb.command_line));
	v->command_line[sizeof(peb.command_line)] = 0;
	return OK;
}

err_t peb_read(const struct target *t, uint64_t va, struct peb_view *v, uint64_t *missing)
{
	char byte;

	*missing = va;
	if (is_own(t, va))
		return read_own(t, va, v);
	if (t->only_memory)
		return peb_read_windows(t, va, v, missing);
	return target_read_virt(t, va, &byte, 1) == OK ? ERR_CORRUPT : ERR_NOT_FOUND;
}

bool peb_module(const struct target *t, uint64_t va, unsigned i, uint64_t *at, struct user_module *m)
{
	uint64_t count;
	struct abi_module own;

	if (!is_own(t, va))
		return t->only_memory && peb_module_windows(t, va, i, at, m);
	if (i >= ABI_PEB_MODULES || target_read_virt(t, va + offsetof(struct abi_peb, module_count), &count, sizeof(count)) != OK ||
	    i >= count ||
	    target_read_virt(t, va + offsetof(struct abi_peb, module) + (uint64_t)i * sizeof(own), &own, sizeof(own)) != OK)
		return false;
	m->base = own.base;
	m->size = own.size;
	m->timestamp = (uint32_t)own.timestamp;
	memcpy(m->name, own.name, sizeof(own.name));
	m->name[sizeof(own.name)] = 0;
	return true;
}

/* ---- the PEB of the selected process ---- */

struct search { uint64_t address, peb; };

static bool compare(void *arg, const struct process_view *p)
{
	struct search *s = arg;

	if (p->address == s->address)
		s->peb = p->peb;
	return p->address != s->address;
}

uint64_t peb_of(const struct target *t)
{
	struct search s = { .peb = 0 };
	struct system_process p;

	if (!target_implicit(t, &p))
		return t->system ? t->system->peb : 0;
	s.address = p.address;
	if (t->system->processes)
		t->system->processes(t->system_ctx, false, compare, &s);
	return s.peb ? s.peb : t->system->peb;
}

void windbg_peb_check(struct out *out, const struct target *t)
{
	uint64_t va = peb_of(t);

	/* Two reads, as the debugger's: of the image's base, and of the list of modules. */
	for (unsigned i = 0; va && i < 2; i++)
		(void)windbg_compressed(out, t, i ? peb_ldr_windows(t, va) : va);
}

/* ---- printing ---- */

/* Prints a line of two columns: name and value. */
static void put_field(struct out *out, const struct target *t, const char *name, uint64_t value)
{
	out_printf(out, "    %-25s %0*llx\n", name, (int)target_va_digits(t), (unsigned long long)value);
}

static void put_module(struct out *out, const struct target *t, const struct user_module *m)
{
	char date[40] = "";
	struct out_buf buf;

	out_buf_init(&buf, date, sizeof(date));
	windbg_time(&buf.out, (uint32_t)(m->timestamp + (uint32_t)(t->zone * 60)), false);
	out_printf(out, "%16llx %08x %s %s\n", (unsigned long long)m->base, (unsigned)m->timestamp,
	           buf.length > WEEKDAY ? date + WEEKDAY : date, m->name);
}

static void put_peb(struct out *out, const struct target *t, uint64_t va, const struct peb_view *v)
{
	static const char *const names[] = {
		"Ldr.InInitializationOrderModuleList:", "Ldr.InLoadOrderModuleList:", "Ldr.InMemoryOrderModuleList:",
	};
	int digits = (int)target_va_digits(t);
	struct user_module m;
	uint64_t at = 0;

	put_field(out, t, "ImageBaseAddress:", v->image_base);
	put_field(out, t, "Ldr", v->ldr);
	out_printf(out, "    %-25s %s\n", "Ldr.Initialized:", v->initialized ? "Yes" : "No");
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		out_printf(out, "    %-36s %0*llx . %0*llx\n", names[i], digits, (unsigned long long)v->list[i].first, digits,
		           (unsigned long long)v->list[i].last);
	out_puts(out, "            Base TimeStamp                     Module\n");
	for (unsigned i = 0; peb_module(t, va, i, &at, &m); i++)
		put_module(out, t, &m);
	if (v->command_line[0] || !t->only_memory)
		out_printf(out, "    CommandLine:  '%s'\n", v->command_line);
}

/* The entry of a page that is paged out. */
static bool paged_out(const struct target *t, uint64_t va, pte_t *entry)
{
	struct pt_space space = target_space_at(t, va);
	struct pt_walk walk;

	pt_walk(&space, va, &walk, NULL, 0);
	*entry = walk.last.entry;
	return walk.outcome == PT_SOFT;
}

void windbg_peb_missing(struct out *out, const struct target *t, uint64_t va)
{
	pte_t entry;

	if (!paged_out(t, va, &entry)) {
		out_printf(out, "error 1 InitTypeRead( nt!_PEB at %0*llx)...\n", (int)target_va_digits(t),
		           (unsigned long long)va);
		return;
	}
	out_puts(out, "PEB is paged out (Peb.Ldr = ");
	windbg_address(out, t, t->only_memory ? peb_ldr_windows(t, va) : va + offsetof(struct abi_peb, ldr_initialized));
	out_puts(out, ").  Type \".hh dbgerr001\" for details\n");
}

err_t windbg_peb(struct out *out, const struct target *t, uint64_t va)
{
	struct peb_view v;
	uint64_t missing;
	err_t err = peb_read(t, va, &v, &missing);
	pte_t entry;

	out_printf(out, "PEB at %0*llx\n", (int)target_va_digits(t), (unsigned long long)va);
	if (err == OK) {
		put_peb(out, t, va, &v);
	} else if (err == ERR_CORRUPT) {
		out_puts(out, "There is no PEB: the page has other contents.\n");
	} else {
		bool away = paged_out(t, missing, &entry);

		if (away)
			(void)windbg_compressed(out, t, missing);
		windbg_peb_missing(out, t, missing == va || !away ? va : missing);
		if (away) {
			out_puts(out, "    ");
			windbg_soft_inline(out, t, entry);
			out_char(out, '\n');
		} else {
			out_puts(out, "Hint: the selected process has no page there; .process /p selects another.\n");
		}
	}
	return err == OK ? OK : ERR_NOT_FOUND;
}
