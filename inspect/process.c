/* inspect/process.c - !process and !vad: values in WinDbg's layout.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/process.h"

#define PAGE_KB (PAGE_SIZE >> 10)
#define MB_SHIFT 20

static bool is_wide(const struct target *t)
{
	return target_va_digits(t) == 16;
}

void windbg_address(struct out *out, const struct target *t, uint64_t va)
{
	if (is_wide(t))
		out_printf(out, "%08x`%08x", (unsigned)(va >> 32), (unsigned)va);
	else
		out_printf(out, "%08x", (unsigned)va);
}

static void put_session(struct out *out, const struct process_view *p)
{
	if (p->session)
		out_printf(out, "SessionId: %u", p->other_session ? p->other_session - 1 : 1);
	else
		out_puts(out, "SessionId: none");
	out_printf(out, "  Cid: %04llx    Peb: %08llx  ParentCid: %04llx\n", (unsigned long long)p->cid,
	           (unsigned long long)p->peb, (unsigned long long)p->parent_cid);
}

static void put_process(struct out *out, const struct target *t, const struct process_view *p)
{
	int digits = (int)target_va_digits(t);

	out_printf(out, "PROCESS %0*llx%s", digits, (unsigned long long)p->address, is_wide(t) ? "\n    " : "  ");
	put_session(out, p);
	out_printf(out, "    DirBase: %08llx  ObjectTable: %0*llx  HandleCount: ", (unsigned long long)p->dirbase,
	           digits, (unsigned long long)p->object_table);
	if (p->handles == WINDBG_NO_HANDLES)
		out_puts(out, "<Data Not Accessible>\n");
	else
		out_printf(out, "%3u.\n", p->handles);
	out_printf(out, "    Image: %s\n", p->image);
}

void windbg_process(struct out *out, const struct target *t, const struct process_view *p)
{
	put_process(out, t, p);
	out_char(out, '\n');
}

static void put_number(struct out *out, const char *name, uint64_t value, const char *unit)
{
	out_printf(out, "    %-33s %llu%s\n", name, (unsigned long long)value, unit);
}

void windbg_process_long(struct out *out, const struct target *t, const struct process_view *p)
{
	put_process(out, t, p);
	out_printf(out, "    VadRoot %0*llx Vads %u Clone 0 Private %llu. Modified 0. Locked 0.\n",
	           (int)target_va_digits(t), (unsigned long long)p->vad_root, p->vads,
	           (unsigned long long)p->committed);
	/* This kernel has no limits of working sets. */
	out_printf(out, "    Working Set Sizes (now,min,max)    (%llu, 0, 0) (%lluKB, 0KB, 0KB)\n",
	           (unsigned long long)p->resident, (unsigned long long)p->resident * PAGE_KB);
	put_number(out, "VirtualSize", p->virtual_bytes >> MB_SHIFT, " Mb");
	put_number(out, "PageFaultCount", p->faults, "");
	put_number(out, "CommitCharge", p->committed, "");
	put_number(out, "PageTables", p->tables, "");
	put_number(out, "KernelEntriesSynced", p->synced, "");
	put_number(out, "ContextSwitches", p->slices, "");
	out_printf(out, "    %-33s %s\n\n", "State", p->state);
}

void windbg_no_process(struct out *out, const struct target *t, uint64_t value)
{
	out_printf(out, "Searching for Process with Cid == %llx\n", (unsigned long long)value);
	/* The debugger's handles have 32 bits: it shows only the lower half. */
	out_printf(out, "Invalid Handle: 0x%x\n", (unsigned)value);
	out_puts(out, "***Could not retrieve process handle from the Cid table. Searching...\n");
	if (value <= (uint64_t)UINT32_MAX && !is_wide(t) && value >= t->direct_base)
		out_puts(out, "Hint: no process has this address or number; process 0 0 lists them.\n");
	else if (value >= PAGE_SIZE)
		out_printf(out, "Hint: %llx looks like a user address, not like a process: select its process\n"
		           "with .process /P, then vad %llx 1 shows its VMA.\n", (unsigned long long)value,
		           (unsigned long long)value);
	else
		out_puts(out, "Hint: no process has this number; process 0 0 lists them.\n");
}

/* ---- !vad ---- */

/* Indexed by execute, then by read-only, writable, copy-on-write. */
const char *windbg_protection(const struct vad_view *v)
{
	static const char *const name[2][3] = {
		{ "READONLY", "READWRITE", "WRITECOPY" },
		{ "EXECUTE_READ", "EXECUTE_READWRITE", "EXECUTE_WRITECOPY" },
	};
	bool copies = v->control_area && !v->shared;
	prot_t prot = v->prot & (PROT_R | PROT_W | PROT_X);

	if (v->guard || !prot)
		return "NO_ACCESS";
	if (prot == PROT_X)
		return "EXECUTE";
	return name[!!(prot & PROT_X)][prot & PROT_W ? 1 + copies : 0];
}

void windbg_vad_head(struct out *out)
{
	out_puts(out, "VAD     level      start      end    commit\n");
}

static uint64_t vpn(uint64_t va)
{
	return va >> PAGE_SHIFT;
}

void windbg_vad_row(struct out *out, const struct target *t, const struct vad_view *v)
{
	out_printf(out, "%0*llx (%2d) %10llx %8llx %9llu %-7s %-4s %s%s%s%s\n", (int)target_va_digits(t),
	           (unsigned long long)v->address, v->level, (unsigned long long)vpn(v->first),
	           (unsigned long long)vpn(v->last), (unsigned long long)v->committed,
	           v->control_area ? "Mapped" : "Private", v->image ? "Exe" : "", windbg_protection(v),
	           *v->name ? "  " : "", v->name, v->locked ? "  locked" : "");
}

void windbg_vad_count(struct vad_levels *levels, const struct vad_view *v)
{
	unsigned level = v->level > 0 ? (unsigned)v->level : 0;

	levels->vads++;
	levels->sum += level;
	if (level > levels->deepest)
		levels->deepest = level;
}

/* WinDbg rounds the average up: levels 1, 2, 0, 2 and 1 are "average level: 2" in Microsoft's documentation. */
void windbg_vad_foot(struct out *out, const struct vad_levels *levels)
{
	unsigned n = levels->vads;

	out_printf(out, "\nTotal VADs: %5u  average level: %4u  maximum depth: %2u\n", n, n ? (levels->sum + n - 1) / n : 0,
	           levels->deepest);
}

void windbg_vad(struct out *out, const struct target *t, const struct vad_view *v)
{
	int digits = (int)target_va_digits(t);

	out_printf(out, "VAD # %0*llx\n", digits, (unsigned long long)v->address);
	out_printf(out, "  Start VPN      %10llx  End VPN      %10llx  Control Area  %0*llx\n",
	           (unsigned long long)vpn(v->first), (unsigned long long)vpn(v->last), digits,
	           (unsigned long long)v->control_area);
	out_printf(out, "  FirstProtoPte  %0*llx  LastPte %0*llx  Commit Charge  %llx (0n%llu)\n", digits,
	           (unsigned long long)v->first_proto, digits, (unsigned long long)v->last_proto,
	           (unsigned long long)v->committed, (unsigned long long)v->committed);
	out_puts(out, "  Secured.Flink           0  Blink                0  Banked/Extend         0\n");
	out_printf(out, "  File Offset    %llx\n", (unsigned long long)v->offset);
	out_printf(out, "      %s%s%s%s%s%s%s\n", v->shared ? "ViewShare " : "ViewUnmap ",
	           v->no_change ? "NoChange " : "", v->image ? "Image " : "", v->control_area ? "" :
	           "PrivateMemory ", windbg_protection(v), v->guard ? " (guard)" : "",
	           v->locked ? " (locked)" : "");
}
