/* arch/x86/features.c - what the CPU has switched on, and the protections that the boot stage left off.
 * SPDX-License-Identifier: MIT
 */
#include "arch/x86/x86.h"
#include "hw/x86/cpuid.h"
#include "hw/x86/io.h"
#include "hw/x86/regs.h"

static struct pt_mode mode;
uint8_t x86_smap_on;

bool x86_has_cr4(void)
{
	return boot_info.cpuid && (cpuid(1).d & CPUID1_NEEDS_CR4);
}

bool x86_has_efer(void)
{
	return boot_info.nx || boot_info.format >= BOOT_FORMAT_X64;
}

/* Only CPUs with long mode have this CPUID leaf. */
bool x86_has_syscall(void)
{
	return cpuid(CPUID_EXTENDED_FEATURES).d & CPUID81_SYSCALL;
}

struct pt_mode *arch_pt_mode(void)
{
	return &mode;
}

/* The kernel must not execute user pages (SMEP), and reads them only in copy functions (SMAP). UMIP hides the addresses of the
 * descriptor tables from user code. */
static void protect_kernel(void)
{
	struct cpuid f = cpuid(CPUID_FEATURES);

	mode.smep = f.b & CPUID7B_SMEP;
	mode.smap = f.b & CPUID7B_SMAP;
	x86_smap_on = mode.smap;
	write_cr4(read_cr4() | (mode.smep ? CR4_SMEP : 0) | (mode.smap ? CR4_SMAP : 0) |
	          (f.c & CPUID7C_UMIP ? CR4_UMIP : 0));
}

void x86_features_init(void)
{
	static const struct pt_format *const formats[] = {
		[BOOT_FORMAT_LEGACY] = &pt_legacy, [BOOT_FORMAT_PAE] = &pt_pae,
		[BOOT_FORMAT_X64] = &pt_x64, [BOOT_FORMAT_LA57] = &pt_la57,
	};
	const struct pt_format *f = formats[boot_info.format];

	mode = (struct pt_mode){
		.format = f, .levels = f->levels, .va_bits = f->va_bits, .pa_bits = boot_info.pa_bits, .nx = boot_info.nx,
		.pse = boot_info.pse, .pge = boot_info.pge, .gib_pages = boot_info.gib_pages, .wp = boot_info.wp,
		.hw_accessed = true, .hw_dirty = true,
	};
	if (boot_info.cpuid && cpuid(0).a >= CPUID_FEATURES)
		protect_kernel();
}

static uint32_t protections(void)
{
	return boot_info.cpuid && cpuid(0).a >= CPUID_FEATURES ? cpuid(CPUID_FEATURES).b : 0;
}

err_t arch_set_mode(const struct pt_mode *wanted)
{
	uint32_t have = protections();

	if ((wanted->wp && !boot_info.wp) || (wanted->smep && !(have & CPUID7B_SMEP)) ||
	    (wanted->smap && !(have & CPUID7B_SMAP)))
		return ERR_UNSUPPORTED;
	write_cr0((read_cr0() & ~(uintptr_t)CR0_WP) | (wanted->wp ? CR0_WP : 0));
	if (have & (CPUID7B_SMEP | CPUID7B_SMAP))
		write_cr4((read_cr4() & ~(uintptr_t)(CR4_SMEP | CR4_SMAP)) | (wanted->smep ? CR4_SMEP : 0) |
		          (wanted->smap ? CR4_SMAP : 0));
	mode.wp = wanted->wp;
	mode.smep = wanted->smep;
	mode.smap = wanted->smap;
	x86_smap_on = wanted->smap;
	/* TLB entries were checked under the old rules: flush them (SDM vol. 3A 4.10.4). */
	arch_tlb_flush_all();
	return OK;
}
