/* arch/arm/mmu.c - the mode, roots, flushes and stores to tables, in both formats.
 * SPDX-License-Identifier: MIT
 */
#include "arch/arm/arm.h"
#include "arch/arm/frame.h"
#include "arch/cpu.h"
#include "hw/arm/cp15.h"

struct arm_access arm_access;

/* The rights are those of user mode; smap and smep describe that the kernel has no access to user memory. */
struct pt_mode *arch_pt_mode(void)
{
	static struct pt_mode mode;

	if (!mode.format)
		mode = (struct pt_mode){
			.format = arm_long_format() ? &pt_lpae : &pt_short, .levels = arm_long_format() ? 3 : 2,
			.pa_bits = boot_info.pa_bits, .nx = true, .pse = true, .pge = true, .wp = true, .smep = true,
			.smap = true, .afe = true, .pxn = true, .dacr = DACR_OPEN, .user_end = USER_END,
			.mair = arm_long_format() ? LPAE_MAIR : 0,
		};
	return &mode;
}

void arm_access_init(void)
{
	bool lpae = arm_long_format();

	arm_access = (struct arm_access){ .long_format = lpae,
	                                  .open = lpae ? (uint32_t)TTBCR_LPAE_OPEN : arch_pt_mode()->dacr,
	                                  .closed = lpae ? TTBCR_LPAE_CLOSED : DACR_CLOSED };
	if (lpae)
		write_ttbcr(arm_access.closed);
	else
		write_dacr(arm_access.closed);
	isb();
}

uint64_t arch_selfmap_base(void)
{
	return 0;     /* no ARM format can show its tables to itself */
}

void arch_mmu_load_root(paddr_t root)
{
	/* The walker must see the stores to the new tables before TTBR0 points to them. */
	dsb();
	if (arm_long_format())
		write_ttbr0_64(root.v | (uint64_t)USER_ASID << (32 + TTBR_ASID_SHIFT_HIGH));
	else
		write_ttbr0((uint32_t)root.v | TTBR_SHORT_FLAGS);
	isb();
	/* All entries that are not global have this ASID. The kernel half is the same under both
	 * roots, so the root can be loaded before the flush. */
	tlbiasid(arm_long_format() ? USER_ASID : 0);
	arm_flushed();
}

paddr_t arch_mmu_root(void)
{
	paddr_t root = PADDR(0);

	/* The CPU walks it. */
	(void)!pt_root_of(arch_pt_mode(), arm_long_format() ? read_ttbr0_64() : read_ttbr0(), &root);
	return root;
}

void arch_tlb_flush_all(void)
{
	dsb();
	tlbiall(0);
	arm_flushed();
}

void arch_entries_store(void *at, unsigned bytes, const void *new, unsigned count)
{
	const char *from = new;
	char *to = at;

	for (; count > 0; count--, to += bytes, from += new ? bytes : 0)
		if (bytes == 8)
			__asm__ volatile("strd %Q0, %R0, [%1]" :: "r"(new ? *(const uint64_t *)from : 0), "r"(to) : "memory");
		else
			*(volatile uint32_t *)to = new ? *(const uint32_t *)from : 0;
	__asm__ volatile("dsb ishst\n\tisb" ::: "memory");
}

/* CTR.DminLine, bits 19:16: log2 of the words in the smallest data cache line (B4.1.42). */
static uintptr_t line_bytes(void)
{
	return (uintptr_t)4 << (read_ctr() >> 16 & 0xF);
}

/* Separate caches without coherency (B2.2.9): clean the data lines to the point of unification first, and only then invalidate
 * the instruction cache and the branch predictor. */
void arch_flush_icache(const void *page)
{
	uintptr_t at = (uintptr_t)page, end = at + PAGE_SIZE;

	for (; at < end; at += line_bytes())
		dccmvau(at);
	dsb();
	iciallu(0);
	arm_flushed();
}

/* Result of an address translation: PAR has 64 bits in the long format. */
static paddr_t par_address(uint64_t par, uint64_t va)
{
	if (arm_long_format())
		return PADDR((par & 0xFFFFFFF000) | (va & PAGE_MASK));
	if (par & PAR_SS)
		return PADDR((par & 0xFF000000) | (par & 0x00FF0000) << 16 | (va & 0x00FFFFFF));
	return PADDR((par & 0xFFFFF000) | (va & PAGE_MASK));
}

/* The long format behaves as if AFE were set (B4.1.130) and has no domains. */
err_t arch_set_mode(const struct pt_mode *wanted)
{
	struct pt_mode *mode = arch_pt_mode();
	irq_state_t irqs;

	if (!wanted->wp || !wanted->smep || !wanted->smap ||
	    (arm_long_format() && (!wanted->afe || wanted->dacr != mode->dacr)))
		return ERR_UNSUPPORTED;
	irqs = arch_irq_save();
	write_sctlr((read_sctlr() & ~(uint32_t)SCTLR_AFE) | (wanted->afe ? SCTLR_AFE : 0));
	mode->afe = wanted->afe;
	mode->dacr = wanted->dacr;
	arm_access_init();
	arch_tlb_flush_all();
	arch_irq_restore(irqs);
	return OK;
}

err_t arch_translate(uint64_t va, bool write, bool user, paddr_t *pa, uint64_t *why)
{
	static void (*const translate[2][2])(uint32_t va) = { { ats1cpr, ats1cpw }, { ats1cur, ats1cuw } };
	irq_state_t irqs = arch_irq_save();

	/* Translates with user access enabled, as in user mode or a copy: otherwise every user address would fail. */
	if (arm_long_format())
		write_ttbcr(arm_access.open);
	else
		write_dacr(arm_access.open);
	isb();
	translate[user][write]((uint32_t)va);
	isb();        /* PAR is filled before it is read (B3.12.5) */
	*why = arm_long_format() ? read_par_64() : read_par();
	arm_access_init();
	arch_irq_restore(irqs);
	if (*why & PAR_F)
		return ERR_NOT_FOUND;
	*pa = par_address(*why, va);
	return OK;
}
