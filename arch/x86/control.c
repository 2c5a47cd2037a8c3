/* arch/x86/control.c - control registers by name.
 * SPDX-License-Identifier: MIT
 */
#include "arch/cpu.h"
#include "arch/x86/control.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

static uint64_t control(enum x86_control which)
{
	switch (which) {
	case X86_CR0: return read_cr0();
	case X86_CR2: return read_cr2();
	case X86_CR3: return read_cr3();
	case X86_CR4: return x86_has_cr4() ? read_cr4() : 0;
	case X86_EFER: return x86_has_efer() ? rdmsr(MSR_EFER) : 0;
	}
	return 0;
}

uint64_t x86_control(const struct trap_frame *f, const struct arch_reg *reg)
{
	(void)f;
	return control(reg->offset);
}

void x86_oops_control(struct out *out, int digits)
{
	static const struct { const char *name; enum x86_control which; } words[] = {
		{ "CR0", X86_CR0 }, { " CR2", X86_CR2 }, { " CR3", X86_CR3 }, { " CR4", X86_CR4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		out_printf(out, "%s: %0*llx", words[i].name, digits, (unsigned long long)control(words[i].which));
	out_puts(out, "\n");
}

void arch_control_words(uint64_t ctl[4])
{
	x86_control_words(ctl, x86_has_cr4(), x86_has_efer());
}
