/* inspect/peb.c - !peb: reads the PEB, a page of user memory, with the tables of the selected process.
 * SPDX-License-Identifier: MIT
 *
 * The page can be paged out or not mapped; the reason is printed then.
 */
#include "inspect/formats.h"
#include "inspect/process.h"
#include "inspect/windbg.h"
#include "lib/abi.h"

#define WEEKDAY 4       /* "Sun " before the date that !peb shows */

/* Prints a line of two columns: name and value. */
static void put_field(struct out *out, const struct target *t, const char *name, uint64_t value)
{
	out_printf(out, "    %-25s %0*llx\n", name, (int)target_va_digits(t), (unsigned long long)value);
}

static void put_list(struct out *out, const struct target *t, const char *name, uint64_t va, const struct abi_peb *peb)
{
	uint64_t first = va + offsetof(struct abi_peb, module);
	uint64_t last = first + (peb->module_count ? peb->module_count - 1 : 0) * sizeof(peb->module[0]);
	int digits = (int)target_va_digits(t);

	out_printf(out, "    %-36s %0*llx . %0*llx\n", name, digits, (unsigned long long)first, digits,
	           (unsigned long long)last);
}

static void put_module(struct out *out, const struct abi_module *m)
{
	char date[40] = "";
	struct out_buf buf;

	out_buf_init(&buf, date, sizeof(date));
	windbg_time(&buf.out, (uint32_t)m->timestamp, false);
	out_printf(out, "%16llx %08x %s %.*s\n", (unsigned long long)m->base, (unsigned)m->timestamp,
	           buf.length > WEEKDAY ? date + WEEKDAY : date, (int)sizeof(m->name), m->name);
}

static void put_peb(struct out *out, const struct target *t, uint64_t va, const struct abi_peb *peb)
{
	put_field(out, t, "ImageBaseAddress:", peb->image_base);
	/* All lists of Ldr are in the same page. */
	put_field(out, t, "Ldr", va + offsetof(struct abi_peb, ldr_initialized));
	out_printf(out, "    %-25s %s\n", "Ldr.Initialized:", peb->ldr_initialized ? "Yes" : "No");
	put_list(out, t, "Ldr.InInitializationOrderModuleList:", va, peb);
	put_list(out, t, "Ldr.InLoadOrderModuleList:", va, peb);
	put_list(out, t, "Ldr.InMemoryOrderModuleList:", va, peb);
	out_puts(out, "            Base TimeStamp                     Module\n");
	for (uint64_t i = 0; i < peb->module_count && i < ABI_PEB_MODULES; i++)
		put_module(out, &peb->module[i]);
	out_printf(out, "    CommandLine:  '%.*s'\n", (int)sizeof(peb->command_line), peb->command_line);
}

/* Prints why the page of the PEB cannot be read. */
static void put_reason(struct out *out, const struct target *t, uint64_t va)
{
	struct pt_space space = target_space_at(t, va);
	struct pt_walk walk;

	pt_walk(&space, va, &walk, NULL, 0);
	if (walk.outcome != PT_SOFT) {
		out_printf(out, "error 1 InitTypeRead( nt!_PEB at %0*llx)...\n", (int)target_va_digits(t),
		           (unsigned long long)va);
		out_puts(out, "Hint: the selected process has no page there; .process /p selects another.\n");
		return;
	}
	(void)windbg_compressed(out, t, va);
	out_puts(out, "PEB is paged out (Peb.Ldr = ");
	windbg_address(out, t, va + offsetof(struct abi_peb, ldr_initialized));
	out_puts(out, ").  Type \".hh dbgerr001\" for details\n    ");
	windbg_soft_inline(out, t, walk.last.entry);
	out_char(out, '\n');
}

err_t windbg_peb(struct out *out, const struct target *t, uint64_t va)
{
	struct abi_peb peb;

	out_printf(out, "PEB at %0*llx\n", (int)target_va_digits(t), (unsigned long long)va);
	if (target_read_virt(t, va, &peb, sizeof(peb)) != OK) {
		put_reason(out, t, va);
		return ERR_NOT_FOUND;
	}
	if (peb.magic != ABI_PEB_MAGIC) {
		out_puts(out, "There is no PEB: the page has other contents.\n");
		return ERR_NOT_FOUND;
	}
	put_peb(out, t, va, &peb);
	return OK;
}
