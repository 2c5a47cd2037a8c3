/* tests/host/paging/test_library.c - libpagewalk as a program uses it: only its header, tables made by hand from the manuals.
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L   /* mkstemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/library/pagewalk.h"

/* ---- memory ---- */

#define BYTES 0x10000u
static uint8_t ram[BYTES];

static bool read_ram(void *ctx, uint64_t pa, void *to, size_t n)
{
	assert_ptr_equal(ctx, ram);
	assert_true((pa & 0xfff) + n <= 0x1000);
	if (pa >= BYTES || BYTES - pa < n)
		return false;
	memcpy(to, ram + pa, n);
	return true;
}

static void put(uint64_t pa, uint64_t value, size_t bytes)
{
	memcpy(ram + pa, &value, bytes);
}

/* SDM vol. 3A 4.3: a page at c0001000, read-only for the kernel; 4 MiB at c0400000, writable for user mode; an entry that is not
 * present but not zero; the page directory itself at ffc00000. */
static struct pagewalk *legacy(void)
{
	struct pagewalk *p = pagewalk_open_memory(read_ram, ram);

	memset(ram, 0, BYTES);
	put(0x1000 + 4 * 0x300, 0x2027, 4);
	put(0x2000 + 4 * 1, 0x5001, 4);
	put(0x2000 + 4 * 2, 0x1230, 4);
	put(0x1000 + 4 * 0x301, 0x8000e7, 4);
	put(0x1000 + 4 * 0x302, 0x77000027, 4);
	put(0x1000 + 4 * 0x3ff, 0x1023, 4);
	pagewalk_register(p, "cr0", 0x80010001);
	pagewalk_register(p, "cr3", 0x1000);
	pagewalk_register(p, "cr4", 0x10);
	pagewalk_register(p, "eax", 0xffff);
	return p;
}

/* ---- walks ---- */

static void a_walk(void **state)
{
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	assert_string_equal(pagewalk_format(p), "legacy");
	assert_false(pagewalk_off(p));
	assert_int_equal(pagewalk_walk(p, 0xc0001234, &w), PAGEWALK_OK);
	assert_int_equal(w.va, 0xc0001234);
	assert_int_equal(w.pa, 0x5234);
	assert_int_equal(w.page, 0xc0001000);
	assert_int_equal(w.size, 0x1000);
	assert_int_equal(w.rights, PAGEWALK_READ | PAGEWALK_EXECUTE);
	assert_int_equal(w.steps, 2);
	assert_string_equal(w.step[0].name, "PDE");
	assert_int_equal(w.step[0].entry_pa, 0x1c00);
	assert_int_equal(w.step[0].index, 0x300);
	assert_int_equal(w.step[0].level, 1);
	assert_int_equal(w.step[0].kind, PAGEWALK_TABLE);
	assert_int_equal(w.step[1].entry, 0x5001);
	assert_int_equal(w.step[1].kind, PAGEWALK_LEAF);
	assert_string_equal(pagewalk_message(p), "");
	pagewalk_close(p);
}

static void a_large_page(void **state)
{
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	assert_int_equal(pagewalk_walk(p, 0xc0412345, &w), PAGEWALK_OK);
	assert_int_equal(w.pa, 0x812345);
	assert_int_equal(w.size, 0x400000);
	assert_int_equal(w.steps, 1);
	assert_int_equal(w.rights, PAGEWALK_READ | PAGEWALK_WRITE | PAGEWALK_EXECUTE | PAGEWALK_USER);
	pagewalk_close(p);
}

static void no_translation(void **state)
{
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	assert_int_equal(pagewalk_walk(p, 0xc0002000, &w), PAGEWALK_NO_TRANSLATION);
	assert_int_equal(w.steps, 2);
	assert_int_equal(w.step[1].kind, PAGEWALK_SOFTWARE);
	assert_int_equal(w.pa | w.page | w.size | w.rights, 0);
	assert_int_equal(pagewalk_walk(p, 0, &w), PAGEWALK_NO_TRANSLATION);
	assert_int_equal(w.step[0].kind, PAGEWALK_EMPTY);
	/* The table at 77000000 is not in the memory. */
	assert_int_equal(pagewalk_walk(p, 0xc0800000, &w), PAGEWALK_NO_TRANSLATION);
	/* Not an address of 32 bits. */
	assert_int_equal(pagewalk_walk(p, 0x1c0001234, &w), PAGEWALK_NO_TRANSLATION);
	assert_int_equal(w.steps, 0);
	pagewalk_close(p);
}

/* What the memory has now counts, not what it had at the walk before. */
static void memory_changes(void **state)
{
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	assert_int_equal(pagewalk_walk(p, 0xc0001000, &w), PAGEWALK_OK);
	put(0x2000 + 4 * 1, 0x6003, 4);
	assert_int_equal(pagewalk_walk(p, 0xc0001000, &w), PAGEWALK_OK);
	assert_int_equal(w.pa, 0x6000);
	pagewalk_close(p);
}

static void paging_is_off(void **state)
{
	struct pagewalk *p = pagewalk_open_memory(read_ram, ram);
	struct pagewalk_walk w;

	(void)state;
	pagewalk_register(p, "cr0", 0x11);
	assert_true(pagewalk_off(p));
	assert_int_equal(pagewalk_walk(p, 0x12345, &w), PAGEWALK_OK);
	assert_int_equal(w.pa, 0x12345);
	assert_int_equal(w.steps, 0);
	assert_int_equal(pagewalk_dump(p, 0, UINT64_MAX, NULL, NULL), PAGEWALK_WRONG_USE);
	assert_string_equal(pagewalk_message(p), "paging is off: there are no tables\n");
	pagewalk_close(p);
}

/* ---- dump ---- */

struct list { unsigned n, most; struct pagewalk_page page[16]; };

static bool add(void *ctx, const struct pagewalk_page *page)
{
	struct list *l = ctx;

	assert_true(l->n < l->most);
	l->page[l->n++] = *page;
	return l->n < l->most;
}

static void check_page(const struct pagewalk_page *page, uint64_t va, uint64_t pa, uint64_t size, uint32_t rights)
{
	assert_int_equal(page->va, va);
	assert_int_equal(page->pa, pa);
	assert_int_equal(page->size, size);
	assert_int_equal(page->rights, rights);
}

/* The self-map's tables were visited before, with other rights above them: those of the directory. */
static void all_pages(void **state)
{
	struct pagewalk *p = legacy();
	struct list l = { .most = 16 };
	enum { RX = PAGEWALK_READ | PAGEWALK_EXECUTE, RWX = RX | PAGEWALK_WRITE };

	(void)state;
	assert_int_equal(pagewalk_dump(p, 0, UINT64_MAX, add, &l), PAGEWALK_NO_TRANSLATION);
	assert_in_range(l.n, 5, 8);
	check_page(&l.page[0], 0xc0001000, 0x5000, 0x1000, RX);
	check_page(&l.page[1], 0xc0400000, 0x800000, 0x400000, RWX | PAGEWALK_USER);
	check_page(&l.page[2], 0xfff00000, 0x2000, 0x1000, RWX);
	check_page(&l.page[l.n - 1], 0xfffff000, 0x1000, 0x1000, RWX);
	/* A part, and an end that the caller wants. */
	l = (struct list){ .most = 16 };
	assert_int_equal(pagewalk_dump(p, 0xc0400000, 0xc07fffff, add, &l), PAGEWALK_OK);
	assert_int_equal(l.n, 1);
	l = (struct list){ .most = 1 };
	(void)!pagewalk_dump(p, 0, UINT64_MAX, add, &l);
	assert_int_equal(l.n, 1);
	pagewalk_close(p);
}

/* ---- settings ---- */

static void a_setting_replaces_a_register(void **state)
{
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	assert_int_equal(pagewalk_set(p, "root=3000"), PAGEWALK_OK);
	assert_int_equal(pagewalk_walk(p, 0xc0001234, &w), PAGEWALK_NO_TRANSLATION);
	assert_int_equal(pagewalk_set(p, "root=1000"), PAGEWALK_WRONG_USE);
	assert_string_equal(pagewalk_message(p), "root=1000: settings come before the first question\n");
	pagewalk_close(p);
}

static void wrong_settings(void **state)
{
	static const char *const wrong[] = { "root", "=", "", "root=xyz", "nonsense=1", "format=nonsense", "wp=2",
		"a_name_that_is_longer_than_any_setting_of_pagewalk=1" };
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(pagewalk_set(p, wrong[i]), PAGEWALK_WRONG_USE);
		assert_non_null(strstr(pagewalk_message(p), "no such setting, or not a value of it\n"));
	}
	assert_int_equal(pagewalk_set(p, "cr3=1000"), PAGEWALK_OK);
	assert_int_equal(pagewalk_set(p, "root=2000"), PAGEWALK_OK);
	/* Two that contradict each other: no question is answered, and each gets the reason. */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(pagewalk_walk(p, 0xc0001234, &w), PAGEWALK_WRONG_USE);
		assert_non_null(strstr(pagewalk_message(p), "contradicts"));
	}
	assert_null(pagewalk_format(p));
	pagewalk_close(p);
}

static void registers_of_other_families(void **state)
{
	(void)state;
	assert_true(pagewalk_is_register("cr3") && pagewalk_is_register("TTBR0_EL1") && pagewalk_is_register("satp"));
	assert_false(pagewalk_is_register("eax") || pagewalk_is_register("") || pagewalk_is_register("TTBR0_EL3"));
}

/* ---- commands ---- */

struct text { char bytes[4096]; size_t n; };

static void append(void *ctx, const char *text, size_t n)
{
	struct text *t = ctx;

	assert_true(t->n + n < sizeof(t->bytes));
	memcpy(t->bytes + t->n, text, n);
	t->n += n;
}

static void commands(void **state)
{
	struct pagewalk *p = legacy();
	struct text t = { .n = 0 };

	(void)state;
	assert_int_equal(pagewalk_command(p, "vtop c0001234; vtop c0412345", append, &t), PAGEWALK_OK);
	assert_non_null(strstr(t.bytes, "Virtual address c0001234 translates to physical address 5234."));
	assert_non_null(strstr(t.bytes, "Virtual address c0412345 translates to physical address 812345."));
	assert_int_equal(pagewalk_command(p, "vtop 0", NULL, NULL), PAGEWALK_NO_TRANSLATION);
	assert_string_equal(pagewalk_message(p), "");
	assert_int_equal(pagewalk_command(p, "nonsense", append, &t), PAGEWALK_WRONG_USE);
	assert_non_null(strstr(pagewalk_message(p), "no such command"));
	assert_int_equal(pagewalk_command(p, "", append, &t), PAGEWALK_OK);
	pagewalk_close(p);
}

/* ---- files ---- */

static void a_file(void **state)
{
	char path[] = "/tmp/pagewalk_library_XXXXXX";
	int fd = mkstemp(path);
	struct pagewalk *p = legacy();
	struct pagewalk_walk w;

	(void)state;
	pagewalk_close(p);
	assert_int_equal(write(fd, ram, BYTES), BYTES);
	close(fd);
	p = pagewalk_open(path);
	assert_non_null(p);
	assert_int_equal(pagewalk_set(p, "format=legacy"), PAGEWALK_OK);
	assert_int_equal(pagewalk_set(p, "root=1000"), PAGEWALK_OK);
	assert_int_equal(pagewalk_walk(p, 0xc0001234, &w), PAGEWALK_OK);
	assert_int_equal(w.pa, 0x5234);
	pagewalk_close(p);
	unlink(path);
	assert_null(pagewalk_open(path));
	assert_non_null(strstr(pagewalk_message(NULL), path));
	pagewalk_close(NULL);
}

/* Two at once keep their memory and their messages apart. */
static void two_sessions(void **state)
{
	struct pagewalk *a = legacy(), *b = pagewalk_open_memory(read_ram, ram);
	struct pagewalk_walk w;

	(void)state;
	pagewalk_register(b, "cr0", 1);
	assert_int_equal(pagewalk_set(b, "nonsense"), PAGEWALK_WRONG_USE);
	assert_int_equal(pagewalk_walk(a, 0xc0001234, &w), PAGEWALK_OK);
	assert_string_equal(pagewalk_message(a), "");
	assert_non_null(strstr(pagewalk_message(b), "nonsense"));
	pagewalk_close(a);
	assert_true(pagewalk_off(b));
	pagewalk_close(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk), cmocka_unit_test(a_large_page), cmocka_unit_test(no_translation),
		cmocka_unit_test(memory_changes), cmocka_unit_test(paging_is_off), cmocka_unit_test(all_pages),
		cmocka_unit_test(a_setting_replaces_a_register), cmocka_unit_test(wrong_settings),
		cmocka_unit_test(registers_of_other_families), cmocka_unit_test(commands), cmocka_unit_test(a_file),
		cmocka_unit_test(two_sessions),
	};

	assert_int_equal(pagewalk_version(), PAGEWALK_VERSION);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
