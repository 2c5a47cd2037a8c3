/* arch/arm/user_state.c - registers that reset, firmware or a loader may leave in a state that helps a hostile program.
 * SPDX-License-Identifier: MIT
 *
 * docs/security.md has the whole list, with the registers that need no store here and why. After reset most of these
 * are UNKNOWN (DDI 0406C B1.9.2).
 */
#include "arch/cpu.h"
#include "hw/arm/cp15.h"

static void close_debug(uint32_t dfr0)
{
	if (DFR0_COPDBG(dfr0) < DFR0_CP14_DEBUG)
		return;
	write_dbgdscrext((read_dbgdscrext() & ~(uint32_t)(DBGDSCR_MDBGEN | DBGDSCR_HDBGEN)) | DBGDSCR_UDCCDIS);
}

static void close_monitors(uint32_t dfr0)
{
	if (DFR0_PERFMON(dfr0) && DFR0_PERFMON(dfr0) != DFR0_NO_PERFMON)
		write_pmuserenr(0);
}

void arch_user_state_init(void)
{
	write_cpacr(CPACR_TRCDIS);      /* no floating point: its registers are saved nowhere */
	write_cntkctl(CNTKCTL_PL0VCTEN);
	write_tpidrurw(0);
	write_tpidruro(0);
	if (PFR0_STATE3(read_pfr0()))
		write_teecr(TEECR_XED); /* TEEHBR would be a register that leaks between programs */
	close_monitors(read_dfr0());
	close_debug(read_dfr0());
	isb();
}
