/* arch/x86/x86_64/operand.c - the address that an instruction of the kernel's meant, where the CPU does not tell it.
 * SPDX-License-Identifier: MIT
 *
 * An address that is not canonical is a general protection fault, which leaves nothing in CR2. Prefixes, REX, ModRM,
 * SIB: SDM vol. 2A 2.1 and 2.2.
 */
#include "arch/x86/frame.h"
#include "arch/x86/regs.h"
#include "arch/x86/x86.h"
#include "kernel/string.h"

#define TWO_BYTES 0x0F
#define STRING_FIRST 0xA4
#define REX       0x40      /* 0100WRXB */
#define REX_B     1
#define REX_X     2
#define NO_BASE   5         /* as base with mod 0: a displacement instead */
#define SIB       4         /* as r/m; as index: none */

static uint64_t reg(const struct trap_frame *f, unsigned n)
{
	const uint64_t by_number[] = {
		f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi,
		f->r8, f->r9, f->r10, f->r11, f->r12, f->r13, f->r14, f->r15,
	};

	return by_number[n];
}

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
static bool string_operand(const struct trap_frame *f, uint8_t opcode, uint64_t *va)
{
	enum { SOURCE = 1, TARGET = 2 };
	static const uint8_t uses[] = { SOURCE | TARGET, SOURCE | TARGET, 0, TARGET, SOURCE, TARGET };
	unsigned i = (opcode - STRING_FIRST) / 2u, use = opcode >= STRING_FIRST && i < sizeof(uses) ? uses[i] : 0;

	*va = (use & SOURCE) && !pt_va_valid(arch_pt_mode(), f->rsi) ? f->rsi : f->rdi;
	return use & TARGET || *va == f->rsi;
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

static bool memory_operand(const struct trap_frame *f, const uint8_t *p, uint8_t rex, uint64_t *va)
{
	unsigned mod = *p >> 6, rm = *p & 7, base = rm;
	bool sib = rm == SIB, none;

	if (mod == 3 || (mod == 0 && rm == NO_BASE))
		return false;       /* a register; relative to rip, which is canonical */
	*va = 0;
	p++;
	if (sib) {
		unsigned index = (*p >> 3 & 7) | (rex & REX_X ? 8 : 0);

		base = *p & 7;
		if (index != SIB)
			*va = reg(f, index) << (*p >> 6);
		p++;
	}
	none = sib && mod == 0 && base == NO_BASE;
	*va += (none ? 0 : reg(f, base | (rex & REX_B ? 8 : 0))) + (uint64_t)(int64_t)displacement(p, mod, none);
	return true;
}

bool x86_unreachable_operand(const struct trap_frame *f, uint64_t *va)
{
	const uint8_t *p = (const uint8_t *)f->rip;
	uint8_t rex = 0;
	bool two_bytes, found;

	*va = f->rip;
	if (arch_frame_from_user(f) || !pt_va_valid(arch_pt_mode(), f->rip))
		return !arch_frame_from_user(f);
	while (is_prefix(*p))
		p++;
	if ((*p & 0xF0) == REX)
		rex = *p++;
	two_bytes = *p == TWO_BYTES;
	p += two_bytes;
	if (has_modrm(*p, two_bytes))
		found = memory_operand(f, p + 1, rex, va);
	else
		found = !two_bytes && string_operand(f, *p, va);
	return found && !pt_va_valid(arch_pt_mode(), *va);
}
