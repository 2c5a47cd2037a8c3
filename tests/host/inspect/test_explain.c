/* tests/host/inspect/test_explain.c - the worked example of the document, and every printed sum done again.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/explain.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

/* The picture of the worked example, in front of the calculation. */
static const char the_walk[] =
	"root 23406e0\n"
	"|\n"
	"+-> table 23406e0               +------------------------------------+\n"
	"    PDPTE 2                     | 23406f0: 0000000006c46801          |--+\n"
	"                                +------------------------------------+  |\n"
	"+-----------------------------------------------------------------------+\n"
	"|\n"
	"+-> table 6c46000               +------------------------------------+\n"
	"    PDE 2                       | 6c46010: 00000000004009e3          |--+\n"
	"                                +------------------------------------+  |\n"
	"+-----------------------------------------------------------------------+\n"
	"|\n"
	"+-> page 400000                 +------------------------------------+\n"
	"    offset 14099e               | 54099e                             |\n"
	"                                +------------------------------------+\n"
	"Virtual address 8054099e, ";

static void test_worked_example(void **state)
{
	static const uint64_t entries[] = { 0x6c46801, 0x4009e3 };
	static const unsigned char bytes[] = {
		0x33, 0xdb, 0x8b, 0x75, 0x18, 0x8b, 0x7d, 0x1c, 0x0f, 0x23, 0xfb, 0x0f, 0x23, 0xc6, 0x8b, 0x5d,
	};

	(void)state;
	fake_init(&f, &pt_pae, 0x23406e0);
	f.mode.nx = false;
	fake_path(&f, 3, 8, 0x23406e0, 0x8054099e, entries, 2);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		fake_put(&f, 0x54099e + i, bytes[i], 1);
	explain_va(fake_out(&f), &f.t, 0x8054099e);
	assert_memory_equal(f.text, the_walk, sizeof(the_walk) - 1);
	check_has(f.text, "Virtual address 8054099e, in binary 10000000 01010100 00001001 10011110\n"
	          "  bits 31:30   10                      PDPTE index 2\n"
	          "  bits 29:21   000000010               PDE index 2\n"
	          "  bits 20:0    101000000100110011110   offset 14099e into the 2 MiB page\n"
	          "\nPDPTE: 23406e0 + 2 * 8 = 23406f0, contains 0000000006c46801\n"
	          "  bit 0        1           Valid: present\n"
	          "  bit 1        0           Writable: zero, as it must be here\n");
	check_has(f.text, "  The next table is at 6c46000.\n"
	          "\nPDE: 6c46000 + 2 * 8 = 6c46010, contains 00000000004009e3\n"
	          "  bit 0        1           Valid: present\n"
	          "  bit 1        1           Writable: writable\n"
	          "  bit 2        0           Owner: kernel mode only\n"
	          "  bit 3        0           WriteThrough: write-back\n"
	          "  bit 4        0           CacheDisable: cached\n"
	          "  bit 5        1           Accessed: accessed\n"
	          "  bit 6        1           Dirty: dirty\n"
	          "  bit 7        1           LargePage: large page\n"
	          "  bit 8        1           Global: global\n"
	          "  bit 9        0           CopyOnWrite: not copy on write\n"
	          "  bit 10       0           Prototype: no prototype\n"
	          "  bit 11       1           Write: write (software)\n"
	          "  bit 12       0           PAT: IA32_PAT entries 0 to 3\n"
	          "  bits 20:13   0           reserved: zero, as it must be here\n"
	          "  bits 37:21   400         PageFrameNumber\n");
	check_has(f.text, "  A page of 2 MiB begins at 400000.\n"
	          "\nPhysical address: 400000 + 14099e = 54099e\n"
	          "db 8054099e L10\n"
	          "8054099e  33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d  3..u..}..#..#..]\n"
	          "!db 54099e L10\n"
	          "#  54099e 33 db 8b 75 18 8b 7d 1c-0f 23 fb 0f 23 c6 8b 5d 3..u..}..#..#..]\n"
	          "Both were read by a software walk: the CPU has not loaded these tables.\n");
	/* The CPU runs another process: what is explained are still the target's tables. */
	f.t.hw_root = PADDR(0x9000);
	explain_va(fake_out(&f), &f.t, 0x8054099e);
	check_has(f.text, "Both were read by a software walk: the CPU has not loaded these tables.\n");
	fake_free(&f);
}

static void test_ends_of_the_walk(void **state)
{
	static const uint64_t swapped[] = { 0x2067, 0x3067, 0x4067, 0x001BBEDA00002084 }, lost[] = { 0x7777000067 };
	static const uint64_t bad[] = { 0x2067, 0x3067, 0x0040000000200067 | 1ull << 51, 0 };

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.mode.pa_bits = 40;
	fake_path(&f, 4, 8, 0x1000, 0xfffffa8005319b30, swapped, 4);
	explain_va(fake_out(&f), &f.t, 0xfffffa8005319b30);
	check_has(f.text, "  bits 63:48   1111111111111111        no index: all ones\n"
	          "  bits 47:39   111110101               PML4E index 1f5\n");
	check_has(f.text, "  bits 11:0    101100110000            offset b30 into the 4 KiB page\n");
	check_has(f.text, "  The page is not present; software entry: PageFile: 2, Offset: 1bbeda, Protect: 4 - ReadWrite.\n"
	          "\nThere is no physical address.\n");
	fake_path(&f, 4, 8, 0x1000, 0x8000000000, lost, 1);
	explain_va(fake_out(&f), &f.t, 0x8000000000);
	check_has(f.text, "\nPDPTE: 7777000000 + 0 * 8 = 7777000000, contains ????????????????\n"
	          "  There is no memory at this address.\n\nThere is no physical address.\n");
	check_has(f.text, "    PDPTE 0                     | 7777000000: ????????????????       |--X  the walk ends\n"
	          "                                +------------------------------------+\n");
	explain_va(fake_out(&f), &f.t, 0x10000000000);
	check_has(f.text, "\nPML4E: 1000 + 2 * 8 = 1010, contains 0000000000000000\n  All zero: nothing is mapped here.\n");
	fake_path(&f, 4, 8, 0x1000, 0x400000, bad, 3);
	explain_va(fake_out(&f), &f.t, 0x400000);
	check_has(f.text, "  The CPU rejects this entry: without bit 51 it would be good.\n");
	explain_va(fake_out(&f), &f.t, 0x800000000000);
	check_text(f.text, "VA 800000000000 is not canonical\n");
	fake_free(&f);
}

static void test_what_is_meant(void **state)
{
	static const uint64_t entries[] = { 0x5000001, 0x102D963, 0x2010121 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1a8000);
	fake_path(&f, 3, 8, 0x1a8000, 0xf9a10054, entries, 3);
	f.t.selfmap_base = 0xC0000000;
	/* Directory 3 shows itself, as every directory in its slot of the self-map does. */
	fake_put(&f, 0x5000000 + 3 * 8, 0x5000063, 8);
	explain(fake_out(&f), &f.t, 0xC0603E68);
	check_has(f.text, "c0603e68 is the self-map address of the PDE of VA f9a00000.\nEntry 000000000102d963 as a PDE:\n");
	check_has(f.text, "  bits 37:12   102d        PageFrameNumber\n");
	check_has(f.text, "  The next table is at 102d000.\n");
	explain(fake_out(&f), &f.t, 0xC07CD080);
	check_has(f.text, "c07cd080 is the self-map address of the PTE of VA f9a10000.\nEntry 0000000002010121 as a PTE:\n");
	explain(fake_out(&f), &f.t, 0xC0000000);
	check_has(f.text,
	          "c0000000 is the self-map address of the PTE of VA 00000000.\nThere is no table, so there is no entry.\n");
	explain(fake_out(&f), &f.t, 0x4009e3);
	check_has(f.text, "Entry 00000000004009e3 as a PDE:\n");
	explain(fake_out(&f), &f.t, 0x800000006F1CE005);
	check_has(f.text, "Entry 800000006f1ce005 as a PTE:\n");
	/* No 32-bit address: an entry, though a bad one. */
	explain(fake_out(&f), &f.t, 0x80700000000009e3);
	check_has(f.text, "Entry 80700000000009e3 as a PTE:\n");
	check_has(f.text, "more than one bit that must be zero is set.\n");
	explain(fake_out(&f), &f.t, 0xf9a10055);
	check_has(f.text, "Virtual address f9a10055, in binary ");
	explain(fake_out(&f), &f.t, 0x8054099e);
	check_has(f.text, "Virtual address 8054099e, in binary ");
	fake_free(&f);
}

/* An address of 64 bits that is not canonical is an address, unless it makes a valid entry. */
static void test_not_canonical_is_no_entry(void **state)
{
	static const uint64_t addresses[] = {
		0x800000000000, 0xffff000000000000, 0xfffe800000000ffe, 0x123456789abcdef0, 0x900000000123,
	};

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	f.mode.pa_bits = 40;
	for (unsigned i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char line[60];

		snprintf(line, sizeof(line), "VA %llx is not canonical\n", (unsigned long long)addresses[i]);
		explain(fake_out(&f), &f.t, addresses[i]);
		check_text(f.text, line);
	}
	explain(fake_out(&f), &f.t, 0x8A00000162685921);
	check_has(f.text, "Entry 8a00000162685921 as a PTE:\n");
	fake_free(&f);
}

/* ---- every sum again, over all formats ---- */

static uint64_t seed = 0xabcdef;

static uint64_t rnd64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545F4914F6CDD1D;
}

static unsigned long long number(const char *line, const char *after)
{
	return strtoull(strstr(line, after) + strlen(after), NULL, 16);
}

/* The binary rows put together give the address; rows that overlap (64 KiB pages) agree where they do. */
static void check_rows(uint64_t va, unsigned va_bits)
{
	uint64_t seen = 0, built = 0;

	for (const char *line = f.text; *line != '\n'; line = strchr(line, '\n') + 1) {
		unsigned high, low;
		char digits[80];

		if (sscanf(line, "  bits %u:%u %79[01]", &high, &low, digits) != 3) {
			/* The root table of AArch64's 16 KiB granule has two entries. */
			if (sscanf(line, "  bit %u %79[01]", &low, digits) != 2)
				continue;
			high = low;
		}
		assert_int_equal(strlen(digits), high - low + 1);
		built |= strtoull(digits, NULL, 2) << low;
		seen |= (high == 63 && low == 0 ? ~0ull : (2ull << (high - low)) - 1) << low;
	}
	assert_int_equal(seen, va_bits == 64 ? ~0ull : 0xffffffff);
	assert_int_equal(built, va);
}

static void check_sums(uint64_t pa, bool mapped)
{
	uint64_t table = f.t.root.v;
	const char *last;

	for (char *line = strchr(f.text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		unsigned long long base, index, size, at, entry;
		size_t length = strcspn(line + 1, ":\n");
		const char *colon = line + 1 + length;

		if (sscanf(colon, ": %llx + %llx * %llx = %llx, contains %llx", &base, &index, &size, &at,
		                    &entry) == 5) {
			assert_int_equal(base, table);
			assert_int_equal(at, base + index * size);
			assert_int_equal(entry, fake_get(&f, at, (unsigned)size));
		}
		if (!strncmp(line + 1, "  The next table", 16))
			table = number(line, "table is at ");
	}
	if (!mapped) {
		check_has(f.text, "\nThere is no physical address.\n");
		return;
	}
	last = strstr(f.text, "Physical address: ");
	assert_int_equal(number(last, "Physical address: ") + number(last, " + "), pa);
	assert_int_equal(number(last, " = "), pa);
}

static void test_every_sum(void **state)
{
	static const prot_t rights[] = { PROT_R, PROT_R | PROT_W | PROT_U, PROT_R | PROT_X };
	unsigned formats = 0;

	(void)state;
	while (pt_formats[formats])
		formats++;
	for (unsigned i = 0; i < 300 * formats; i++) {
		const struct pt_format *format = pt_formats[i % formats];
		uint64_t va = rnd64(), pa = rnd64() & 0x3fffff000;
		unsigned level = (unsigned)(rnd64() >> 40) % format->levels;
		struct pt_space space;
		err_t err;

		assert_non_null(format);
		fake_init(&f, format, 0x20000);
		f.mode.pa_bits = 34;
		f.mode.mair = PT_MAIR_DEFAULT;
		f.mode.dacr = 0x55555555;
		space = target_space(&f.t);
		va = pt_va_canonical(&f.mode, va);
		/* A page must not be larger than the memory. */
		if (!format->level[level].leaf || pt_level_size(format, level) > 1ull << 34)
			level = 0;
		pa = ALIGN_DOWN(pa, pt_level_size(format, level));
		if (format->entry_bytes == 4)
			pa = level ? pa & 0xffffffff : pa & 0xfffff000;
		for (unsigned l = 0; l < 4; l++)
			fake_put(&f, 0x20000 + l * 0x1000, 0, 8);
		err = pt_map(&space, ALIGN_DOWN(va, pt_level_size(format, level)), PADDR(pa),
		             pt_level_size(format, level), rights[i % 3] | PROT_ACCESSED, level, NULL);
		assert_int_equal(err, OK);
		explain_va(fake_out(&f), &f.t, va);
		check_rows(va, target_va_digits(&f.t) * 4);
		check_sums(pa + (va & (pt_level_size(format, level) - 1)), true);
		explain_va(fake_out(&f), &f.t, va ^ pt_level_size(format, format->levels - 1));
		check_sums(0, false);
		fake_free(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worked_example),
		cmocka_unit_test(test_ends_of_the_walk),
		cmocka_unit_test(test_what_is_meant),
		cmocka_unit_test(test_not_canonical_is_no_entry),
		cmocka_unit_test(test_every_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
