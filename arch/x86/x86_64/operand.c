/* arch/x86/x86_64/operand.c - computes the memory addresses of an instruction, to guess the address of a fault.
 * SPDX-License-Identifier: MIT
 *
 * Prefixes, REX, ModRM, SIB: SDM vol. 2A 2.1 and 2.2. Only instructions that move, compare and change memory are decoded.
 */
#include "arch/x86/x86_64/operand.h"
#include "lib/string.h"

#define TWO_BYTES 0x0F
#define STRING_FIRST 0xA4
#define REX       0x40      /* 0100WRXB */
#define REX_B     1
#define REX_X     2
#define NO_BASE   5         /* as base with mod 0: a displacement instead */
#define SIB       4         /* as r/m; as index: none */
#define RSI 6
#define RDI 7

static bool is_prefix(uint8_t byte)
{
	return byte && strchr("\x26\x2E\x36\x3E\x64\x65\x66\x67\xF0\xF2\xF3", byte);
}

/* Opcodes with a ModRM byte, a bit each, from 00 up: SDM vol. 2D table A-2; of the two-byte ones, table A-3, those that
 * move, compare and change memory. */
static bool has_modrm(uint8_t opcode, bool two_bytes)
{
	static const uint32_t map[2][8] = {
		{ 0x0F0F0F0F, 0x0F0F0F0F, 0, 0x00000A08, 0x0000FFFF, 0, 0xFF0F00C3, 0xC0C00000 },
		{ 0, 0, 0x0000FFFF, 0, 0, 0xFFFF8808, 0x00000083, 0 },
	};

	return map[two_bytes][opcode / 32] >> opcode % 32 & 1;
}

/* What the string instructions from A4 on read through rsi and reach through rdi, two opcodes each. */
static unsigned string_operands(uint8_t opcode, const uint64_t reg[16], uint64_t va[2])
{
	enum { SOURCE = 1, TARGET = 2 };
	static const uint8_t uses[] = { SOURCE | TARGET, SOURCE | TARGET, 0, TARGET, SOURCE, TARGET };
	unsigned i = (opcode - STRING_FIRST) / 2u, n = 0;
	uint8_t use = opcode >= STRING_FIRST && i < sizeof(uses) ? uses[i] : 0;

	if (use & SOURCE)
		va[n++] = reg[RSI];
	if (use & TARGET)
		va[n++] = reg[RDI];
	return n;
}

static int32_t displacement(const uint8_t *p, unsigned mod, bool forced)
{
	int32_t v = 0;

	if (mod == 1)
		return (int8_t)*p;
	if (mod == 2 || forced)
		memcpy(&v, p, sizeof(v));
	return v;
}

static unsigned memory_operand(const uint8_t *p, uint8_t rex, const uint64_t reg[16], uint64_t *va)
{
	unsigned mod = *p >> 6, base = *p & 7;
	bool sib = base == SIB, none;

	if (mod == 3 || (mod == 0 && base == NO_BASE))
		return 0;       /* a register; relative to rip, which is canonical */
	*va = 0;
	p++;
	if (sib) {
		unsigned index = (*p >> 3 & 7) | (rex & REX_X ? 8 : 0);

		base = *p & 7;
		if (index != SIB)
			*va = reg[index] << (*p >> 6);
		p++;
	}
	none = sib && mod == 0 && base == NO_BASE;
	*va += (none ? 0 : reg[base | (rex & REX_B ? 8 : 0)]) + (uint64_t)(int64_t)displacement(p, mod, none);
	return 1;
}

unsigned x86_operands(const uint8_t *insn, const uint64_t reg[16], uint64_t va[2])
{
	uint8_t rex = 0;
	bool two_bytes;

	while (is_prefix(*insn))
		insn++;
	if ((*insn & 0xF0) == REX)
		rex = *insn++;
	two_bytes = *insn == TWO_BYTES;
	insn += two_bytes;
	if (has_modrm(*insn, two_bytes))
		return memory_operand(insn + 1, rex, reg, va);
	return two_bytes ? 0 : string_operands(*insn, reg, va);
}
