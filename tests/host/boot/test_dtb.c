/* tests/host/boot/test_dtb.c - the device tree reader: trees made here, by another hand, and trees that lie.
 * SPDX-License-Identifier: MIT
 *
 * The reader gets a physical address, so trees stand where RAM begins on the real machine, with nothing mapped behind
 * the last byte that a tree says it has: reading further ends the program.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "boot/arm/boot.h"
#include "boot/arm/foreign.h"
#include "hw/arm/virt_regs.h"

#define AREA  0x10000u
#define PAGE  0x1000u
#define MUTATIONS 200000

static jmp_buf stopped;
static struct boot_info info;

_Noreturn void boot_stop(const char *fmt, ...)
{
	(void)fmt;
	longjmp(stopped, 1);
}

static unsigned rnd(unsigned below)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

/* ---- a writer of trees: specification 5.2 to 5.6 ---- */

static struct {
	uint8_t structure[8192], strings[1024], reserved[1024];
	size_t s, n, r;
} w;

static void be32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void word(uint32_t v)
{
	be32(w.structure + w.s, v);
	w.s += 4;
}

static void bytes(const void *p, size_t n)
{
	memcpy(w.structure + w.s, p, n);
	w.s += n;
	while (w.s % 4)
		w.structure[w.s++] = 0;
}

static void node(const char *name)
{
	if (rnd(4) == 0)
		word(4);
	word(1);
	bytes(name, strlen(name) + 1);
}

static void end(void)
{
	word(2);
}

static void prop(const char *name, const void *p, size_t n)
{
	word(3);
	word((uint32_t)n);
	word((uint32_t)w.n);
	memcpy(w.strings + w.n, name, strlen(name) + 1);
	w.n += strlen(name) + 1;
	bytes(p, n);
}

static size_t cells(uint8_t *at, uint64_t v, unsigned n)
{
	if (n == 2)
		be32(at, (uint32_t)(v >> 32));
	be32(at + 4 * (n - 1), (uint32_t)v);
	return 4 * n;
}

static void number(const char *name, uint64_t v, unsigned n)
{
	uint8_t b[8];

	prop(name, b, cells(b, v, n));
}

static void reserve(uint64_t at, uint64_t len)
{
	cells(w.reserved + w.r, at, 2);
	cells(w.reserved + w.r + 8, len, 2);
	w.r += 16;
}

static void begin(void)
{
	memset(&w, 0, sizeof(w));
	node("");
}

/* Puts the tree so that it ends with the mapping; returns where. */
static uint32_t finish(uint32_t *total)
{
	uint8_t *area = (uint8_t *)(uintptr_t)RAM_BASE, *at;
	uint32_t bytes_;

	end();
	word(9);
	reserve(0, 0);
	bytes_ = (uint32_t)(40 + w.r + w.s + w.n);
	bytes_ = (bytes_ + 3) & ~3u;
	at = area + AREA - bytes_;
	memset(area, 0, AREA);
	be32(at, 0xD00DFEED);
	be32(at + 4, bytes_);
	be32(at + 8, (uint32_t)(40 + w.r));
	be32(at + 12, (uint32_t)(40 + w.r + w.s));
	be32(at + 16, 40);
	be32(at + 20, 17);
	be32(at + 24, 16);
	be32(at + 32, (uint32_t)w.n);
	be32(at + 36, (uint32_t)w.s);
	memcpy(at + 40, w.reserved, w.r);
	memcpy(at + 40 + w.r, w.structure, w.s);
	memcpy(at + 40 + w.r + w.s, w.strings, w.n);
	if (total)
		*total = bytes_;
	return (uint32_t)(uintptr_t)at;
}

/* False: the reader stopped the boot. */
static bool parse(uint32_t at)
{
	memset(&info, 0, sizeof(info));
	if (setjmp(stopped))
		return false;
	boot_parse_dtb(at, &info);
	return true;
}

/* ---- trees as they should be ---- */

static void memory(unsigned address, unsigned size, uint64_t base, uint64_t len)
{
	uint8_t reg[16];
	size_t n = cells(reg, base, address);

	n += cells(reg + n, len, size);
	prop("reg", reg, n);
}

/* Things around the ones that matter, with the same names at other places. */
static void noise(void)
{
	node("memory-controller@1000");
	number("reg", 0x1234, 2);
	end();
	node("soc");
	node("memory@7000");
	memory(1, 1, 0x7000, 0x1000);
	end();
	node("chosen");
	prop("bootargs", "wrong", 6);
	end();
	end();
}

/* A PL011 behind two buses: at first + 0x3000. */
static uint32_t with_uart(uint64_t ram, uint32_t first, const char *path, size_t path_bytes)
{
	uint8_t outer[20], inner[16], reg[8];
	size_t n = cells(outer, 3, 1);

	n += cells(outer + n, 0, 1);
	n += cells(outer + n, first, 2);
	n += cells(outer + n, 0x10000, 1);
	begin();
	number("#address-cells", 2, 1);
	number("#size-cells", 1, 1);
	prop("model", "Board", 6);
	node("memory");
	memory(2, 1, ram, 0x1000000);
	end();
	node("bus");
	number("#address-cells", 2, 1);
	number("#size-cells", 1, 1);
	prop("ranges", outer, n);
	node("inner");
	number("#address-cells", 1, 1);
	number("#size-cells", 1, 1);
	n = cells(inner, 0, 1);
	n += cells(inner + n, 0x300000000u, 2);
	n += cells(inner + n, 0x8000, 1);
	prop("ranges", inner, n);
	for (unsigned i = 0; i < 2; i++) {
		node(i ? "uart@3000" : "uart@2000");
		n = cells(reg, 0x2000 + i * 0x1000, 1);
		n += cells(reg + n, 0x1000, 1);
		prop("reg", reg, n);
		prop("compatible", "arm,pl011\0arm,primecell", 24);
		end();
	}
	end();
	end();
	node("aliases");
	prop("serial9", "/bus/inner/uart@3000", 21);
	end();
	node("chosen");
	if (path)
		prop("stdout-path", path, path_bytes);
	end();
	return finish(NULL);
}

static uint32_t usual(unsigned address, unsigned size, uint64_t base, uint64_t len)
{
	begin();
	number("#address-cells", address, 1);
	number("#size-cells", size, 1);
	noise();
	node("psci");
	prop("method", "smc", 4);
	end();
	node("memory@40000000");
	memory(address, size, base, len);
	end();
	node("chosen");
	prop("bootargs", "paging=lpae run=\"a b\"", 22);
	number("linux,initrd-start", 0x44000000, address);
	number("linux,initrd-end", 0x44012345, size);
	end();
	noise();
	return finish(NULL);
}

static void test_a_usual_tree(void **state)
{
	(void)state;
	for (unsigned address = 1; address <= 2; address++)
		for (unsigned size = 1; size <= 2; size++) {
			uint64_t base = address == 2 ? 0x840000000u : 0x40000000u, len = size == 2 ? 0x180000000u : 0x8000000u;

			assert_true(parse(usual(address, size, base, len)));
			assert_int_equal(info.range_count, 1);
			assert_int_equal(info.range[0].base, base);
			assert_int_equal(info.range[0].len, len);
			assert_int_equal(info.range[0].type, BOOT_RANGE_RAM);
			assert_string_equal(info.cmdline, "paging=lpae run=\"a b\"");
			assert_int_equal(info.module_count, 1);
			assert_int_equal(info.module[0].base, 0x44000000);
			assert_int_equal(info.module[0].len, 0x12345);
			assert_true(info.flags & BOOT_PSCI_SMC);
			assert_int_equal(info.loader, LOADER_DTB);
		}
}

static void test_found_where_ram_begins(void **state)
{
	uint32_t at, total;

	(void)state;
	begin();
	node("memory");
	memory(2, 1, RAM_BASE, 0x1000000);
	end();
	at = finish(&total);
	memmove((void *)(uintptr_t)RAM_BASE, (void *)(uintptr_t)at, total);
	assert_true(parse(0));
	assert_int_equal(info.range[0].len, 0x1000000);
	assert_int_equal(info.module_count, 0);
	assert_false(info.flags & BOOT_PSCI_SMC);
	/* Neither there nor where r2 points. */
	memset((void *)(uintptr_t)RAM_BASE, 0, 4);
	assert_false(parse(0));
	assert_false(parse(RAM_BASE + 0x100));
}

static void test_too_much_of_everything(void **state)
{
	char line[2 * BOOT_CMDLINE];
	uint8_t reg[(BOOT_MAX_RANGES + 6) * 16];
	size_t n = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	for (unsigned i = 0; i < BOOT_MAX_RANGES + 5; i++) {
		n += cells(reg + n, 0x40000000 + i * 0x200000ull, 2);
		n += cells(reg + n, 0x100000, 1);
	}
	n += cells(reg + n, 0x90000000, 2);
	n += cells(reg + n, 0, 1);      /* nothing: no range */
	begin();
	reserve(0x40000000, 0x1000);
	node("memory@0");
	prop("reg", reg, n);
	end();
	node("chosen");
	prop("bootargs", line, sizeof(line));
	end();
	assert_true(parse(finish(NULL)));
	assert_int_equal(info.range_count, BOOT_MAX_RANGES);
	assert_int_equal(info.ranges_dropped, 5 + 1);
	assert_int_equal(strlen(info.cmdline), BOOT_CMDLINE - 1);
}

static void test_other_machines(void **state)
{
	static const struct { const char *path; size_t bytes; uint32_t uart; } paths[] = {
		{ "/bus/inner/uart@3000:115200n8", 30, 0x3000 }, { "serial9", 8, 0x3000 }, { "serial9:9600", 13, 0x3000 },
		{ NULL, 0, 0x2000 }, { "/bus/inner/eth", 15, 0x2000 }, { "nothing", 8, 0x2000 },
	};
	struct foreign f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		uint32_t at = with_uart(0x80000000, 0x1C000000, paths[i].path, paths[i].bytes);

		assert_true(foreign_machine((void *)(uintptr_t)at, &f));
		assert_int_equal(f.uart, 0x1C000000 + paths[i].uart);
		assert_string_equal(f.model, "Board");
	}
	/* RAM or UART alone do not make it `virt`; both do. */
	assert_true(foreign_machine((void *)(uintptr_t)with_uart(RAM_BASE, 0x1C000000, NULL, 0), &f));
	assert_true(foreign_machine((void *)(uintptr_t)with_uart(0x80000000, UART_PA - 0x3000, NULL, 0), &f));
	assert_false(foreign_machine((void *)(uintptr_t)with_uart(RAM_BASE, UART_PA - 0x3000, NULL, 0), &f));
	/* Data that is no device tree produces no output. */
	memset((void *)(uintptr_t)RAM_BASE, 0, 64);
	assert_false(foreign_machine((void *)(uintptr_t)RAM_BASE, &f));
}

/* The controller's node may have its properties in any order, and nodes of its own. */
static void test_interrupt_controllers(void **state)
{
	static const struct { const char *name; size_t bytes; uint32_t version; } rows[] = {
		{ "arm,cortex-a15-gic", 19, 2 }, { "arm,gic-400\0arm,cortex-a15-gic", 31, 2 }, { "arm,gic-v3", 11, 3 },
		{ "arm,gic-v3-its", 15, 0 }, { "xarm,gic-v3", 12, 0 }, { "arm,gic-v3", 10, 0 }, { "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_LEN(rows); i++) {
		unsigned row = i / 4, size = 1 + i % 2, reg_first = i / 2 % 2;
		uint8_t reg[32];
		size_t n = cells(reg, 0x8000000, 2);

		n += cells(reg + n, 0x10000, size);
		n += cells(reg + n, 0x80A0000, 2);
		n += cells(reg + n, 0xF60000, size);
		begin();
		number("#address-cells", 2, 1);
		number("#size-cells", size, 1);
		node("memory");
		memory(2, size, RAM_BASE, 0x1000000);
		end();
		node("intc@8000000");
		if (reg_first)
			prop("reg", reg, n);
		prop("compatible", rows[row].name, rows[row].bytes);
		if (!reg_first)
			prop("reg", reg, n);
		node("its");
		prop("compatible", "arm,gic-v3-its", 15);
		end();
		end();
		node("other");
		prop("reg", reg, n);
		end();
		assert_true(parse(finish(NULL)));
		assert_int_equal(info.gic_version, rows[row].version);
		assert_int_equal(info.gic_dist, rows[row].version ? 0x8000000 : 0);
		assert_int_equal(info.gic_cpu, rows[row].version ? 0x80A0000 : 0);
		assert_int_equal(info.gic_cpu_bytes, rows[row].version ? 0xF60000 : 0);
	}
}

static void test_reserved_memory(void **state)
{
	(void)state;
	begin();
	reserve(0x41000000, 0x3000);
	reserve(0x42000000, 0x1000);
	node("memory@0");
	memory(2, 1, 0x40000000, 0x8000000);
	end();
	assert_true(parse(finish(NULL)));
	assert_int_equal(info.range_count, 3);
	assert_int_equal(info.range[1].base, 0x41000000);
	assert_int_equal(info.range[2].type, BOOT_RANGE_RESERVED);
}

/* ---- trees that lie ---- */

static void test_no_memory_is_refused(void **state)
{
	(void)state;
	begin();
	noise();
	assert_false(parse(finish(NULL)));
}

/* Said to be shorter than it is: whatever is read stays before the end, or the mapping behind it ends the test. */
static void test_every_length(void **state)
{
	uint32_t at = usual(2, 2, 0x40000000, 0x8000000), total = AREA - (at - RAM_BASE);
	uint8_t *copy = malloc(total);

	(void)state;
	memcpy(copy, (void *)(uintptr_t)at, total);
	for (uint32_t len = 40; len <= total; len += 4) {
		uint8_t *moved = (uint8_t *)(uintptr_t)(RAM_BASE + AREA - len);

		memset((void *)(uintptr_t)RAM_BASE, 0, AREA);
		memcpy(moved, copy, len);
		be32(moved + 4, len);
		parse((uint32_t)(uintptr_t)moved);
		(void)foreign_machine(moved, &(struct foreign){ 0 });
	}
	free(copy);
}

static void test_mutations(void **state)
{
	uint32_t at = usual(2, 2, 0x40000000, 0x8000000), total = AREA - (at - RAM_BASE);
	uint8_t *tree = (uint8_t *)(uintptr_t)at, *copy = malloc(total);
	unsigned read = 0;

	(void)state;
	memcpy(copy, tree, total);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		for (unsigned k = rnd(4) + 1; k > 0; k--) {
			uint32_t where = rnd(2) ? rnd(total) : rnd(40);

			/* The total may say less; more would be the truth of a machine that has the memory. */
			if (where - 4 >= 4 || rnd(2))
				tree[where] = (uint8_t)(rnd(2) ? rnd(256) : tree[where] ^ 1u << rnd(8));
		}
		if (((uint32_t)tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7]) > total)
			be32(tree + 4, total);
		read += parse(at);
		(void)foreign_machine(tree, &(struct foreign){ 0 });
		assert_true(info.range_count <= BOOT_MAX_RANGES && info.module_count <= 1);
		assert_true(memchr(info.cmdline, 0, BOOT_CMDLINE) != NULL);
		memcpy(tree, copy, total);
	}
	assert_true(read > MUTATIONS / 20 && read < MUTATIONS);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_usual_tree), cmocka_unit_test(test_found_where_ram_begins),
		cmocka_unit_test(test_too_much_of_everything), cmocka_unit_test(test_interrupt_controllers),
		cmocka_unit_test(test_reserved_memory),
		cmocka_unit_test(test_no_memory_is_refused), cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_mutations), cmocka_unit_test(test_other_machines),
	};
	void *area = mmap((void *)(uintptr_t)RAM_BASE, AREA, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (area != (void *)(uintptr_t)RAM_BASE) {
		perror("mmap");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
