/* tests/host/arch/test_operand.c - the operand decoder against the CPU: LEA with the same bytes says what they mean.
 * SPDX-License-Identifier: MIT
 *
 * A program is put together for each encoding: load every register, LEA, store rax. Other hosts than x86_64 skip.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <cmocka.h>

/* arch/x86/x86_64/operand.h */
unsigned x86_operands(const uint8_t *insn, const uint64_t reg[16], uint64_t va[2]);

#define CODE_BYTES 4096
#define REX_W 0x48
#define LEA 0x8D

static uint8_t *code;
static uint64_t reg[16], result, saved_sp;

static uint64_t rnd(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint8_t *put(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}
#define PUT(p, ...) put(p, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static uint8_t *put_address(uint8_t *p, uint8_t opcode, const void *at)
{
	uint64_t v = (uintptr_t)at;

	return put(PUT(p, REX_W, opcode), &v, sizeof(v));
}

/* What the CPU makes of REX, ModRM, SIB and displacement (tail). */
static uint64_t ask_cpu(uint8_t rex, const uint8_t *tail, size_t n)
{
	uint8_t *p = PUT(code, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57);   /* push callee-saved */
	void (*run)(void);

	p = PUT(p, REX_W, 0x89, 0xE0);                       /* mov %rsp, %rax */
	p = put_address(p, 0xA3, &saved_sp);                 /* movabs %rax, saved_sp */
	for (unsigned i = 0; i < 16; i++) {
		p = PUT(p, REX_W | (i >= 8), 0xB8 | (i & 7));   /* movabs $reg[i], %reg */
		p = put(p, &reg[i], sizeof(reg[i]));
	}
	p = put(PUT(p, rex | REX_W, LEA), tail, n);
	p = put_address(p, 0xA3, &result);
	p = put_address(p, 0xA1, &saved_sp);
	p = PUT(p, REX_W, 0x89, 0xC4, 0x41, 0x5F, 0x41, 0x5E, 0x41, 0x5D, 0x41, 0x5C, 0x5D, 0x5B, 0xC3);
	memcpy(&run, &code, sizeof(run));
	run();
	return result;
}

/* Bytes from ModRM on: ModRM, SIB, displacement. */
static size_t tail_bytes(uint8_t modrm, uint8_t sib)
{
	bool has_sib = (modrm & 7) == 4, forced = has_sib && modrm < 0x40 && (sib & 7) == 5;
	static const size_t displacement[] = { 0, 1, 4 };

	return 1 + has_sib + (forced ? 4 : displacement[modrm >> 6]);
}

static void check(uint8_t rex, uint8_t modrm, uint8_t sib, const uint8_t *opcode, size_t opcode_bytes)
{
	uint8_t tail[6] = { modrm, sib }, insn[16], *p = insn;
	uint64_t displacement = rnd(), va[2] = { 0 };

	memcpy(tail + 1 + ((modrm & 7) == 4), &displacement, 4);
	if (opcode[0] == 0x66) {
		*p++ = *opcode++;
		opcode_bytes--;
	}
	*p++ = rex;
	p = put(put(p, opcode, opcode_bytes), tail, sizeof(tail));
	assert_int_equal(x86_operands(insn, reg, va), 1);
	/* reg of ModRM is 0: LEA's target is rax, whatever the other opcode makes of it. */
	assert_int_equal(va[0], ask_cpu(rex, tail, tail_bytes(modrm, sib)));
}

static void every_encoding(void **state)
{
	static const struct { uint8_t bytes[4]; size_t n; } opcodes[] = {
		{ { 0x8B }, 1 }, { { 0x88 }, 1 }, { { 0x0F, 0xB6 }, 2 }, { { 0x66, 0x89 }, 2 }, { { 0xC7 }, 1 },
		{ { 0x80 }, 1 },
	};

	(void)state;
	for (unsigned rex = 0x40; rex < 0x44; rex++)
		for (unsigned modrm = 0; modrm < 0xC0; modrm += (modrm & 7) == 7 ? 0x40 - 7 : 1)
			for (unsigned sib = 0; sib < 256; sib++) {
				const uint8_t *o = opcodes[sib % 6].bytes;

				if ((modrm >> 6) == 0 && (modrm & 7) == 5)
					continue;       /* relative to rip */
				for (unsigned i = 0; i < 16; i++)
					reg[i] = rnd();
				check((uint8_t)rex, (uint8_t)modrm, (uint8_t)sib, o, opcodes[sib % 6].n);
				if ((modrm & 7) != 4)
					sib += 37;      /* no SIB byte: a few are enough */
			}
}

static void strings_and_none(void **state)
{
	static const struct { uint8_t insn[4]; unsigned n; int first, second; } rows[] = {
		{ { 0xF3, 0x48, 0xA5 }, 2, 6, 7 },  /* rep movsq */
		{ { 0xF3, 0xAA }, 1, 7, 0 },        /* rep stosb */
		{ { 0xAC }, 1, 6, 0 },              /* lodsb */
		{ { 0x48, 0xAF }, 1, 7, 0 },        /* scasq */
		{ { 0xA8, 1 }, 0, 0, 0 },           /* test $1, %al */
		{ { 0x0F, 0x30 }, 0, 0, 0 },        /* wrmsr */
		{ { 0x48, 0x89, 0xC3 }, 0, 0, 0 },  /* mov %rax, %rbx */
		{ { 0x48, 0x8B, 0x05 }, 0, 0, 0 },  /* mov (%rip), %rax */
		{ { 0xC3 }, 0, 0, 0 },              /* ret */
		{ { 0xF4 }, 0, 0, 0 },              /* hlt */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t va[2] = { 0 };

		assert_int_equal(x86_operands(rows[i].insn, reg, va), rows[i].n);
		if (rows[i].n > 0)
			assert_int_equal(va[0], reg[rows[i].first]);
		if (rows[i].n > 1)
			assert_int_equal(va[1], reg[rows[i].second]);
	}
}

static void prefixes_are_skipped(void **state)
{
	static const uint8_t locked[] = { 0xF0, 0x65, 0x66, 0x48, 0x01, 0x03 };   /* lock add %rax, %gs:(%rbx) */
	uint64_t va[2];

	(void)state;
	assert_int_equal(x86_operands(locked, reg, va), 1);
	assert_int_equal(va[0], reg[3]);
}

static int prepare(void **state)
{
	struct utsname host;

	(void)state;
	if (uname(&host) || strcmp(host.machine, "x86_64"))
		return 0;
	code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (unsigned i = 0; i < 16; i++)
		reg[i] = rnd();
	return code == MAP_FAILED;
}

static void every_encoding_here(void **state)
{
	if (!code)
		skip();
	every_encoding(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_encoding_here), cmocka_unit_test(strings_and_none),
		cmocka_unit_test(prefixes_are_skipped),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
