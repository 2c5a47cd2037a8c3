/* shell/live/pagein.c - pagein: brings a page of a process into memory.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/target.h"
#include "lib/string.h"
#include "mm/space/remote.h"
#include "shell/command.h"
#include "shell/live/implicit_process.h"

/* Removes /p and /f from the beginning of the rest. WinDbg: /p is followed by the process, /f forces the read, which is done
 * anyway. *named: /p was there. False: an error was printed. */
static bool take_options(struct call *c, bool *named)
{
	while (*c->rest == '/') {
		const char *where = c->rest, *word;
		size_t at;

		(void)call_next_word(c, &word, &at);
		if (strcmp(word, "/p") && strcmp(word, "/f")) {
			call_fail_at(c, where, "no such option");
			return false;
		}
		*named |= word[1] == 'p';
		while (*c->rest == ' ')
			c->rest++;
	}
	return true;
}

/* PID VA, or VA alone for the process that .process selected. NULL: an error was printed. */
static struct proc *arguments(struct call *c, uint64_t *va)
{
	const char *where;
	struct proc *p;
	uint64_t first;
	bool named = false;

	if (!take_options(c, &named))
		return NULL;
	where = c->rest;
	if (!*where)
		call_fail_at(c, where, "missing argument");
	if (!*where || !call_next(c, &first))
		return NULL;
	if (!*c->rest && !named) {
		*va = target_address(c->target, first);
		return implicit_process(c->target);
	}
	p = proc_by_any(first);
	if (!p || !p->as)
		call_fail_at(c, where, p ? "it has ended" : "no process has this number or address; ps lists them");
	else if (!*c->rest)
		call_fail_at(c, c->rest, "missing argument");
	else if (call_next(c, va) && call_end(c)) {
		*va = target_address(c->target, *va);
		return p;
	}
	return NULL;
}

static void pagein(struct call *c)
{
	uint64_t va;
	struct proc *p = arguments(c, &va);
	pfn_t pfn;
	err_t err;

	if (!p)
		return;
	err = aspace_fault_in(p->as, va, false, &pfn);
	if (err != OK)
		call_fail_at(c, c->rest, "cannot page it in: %s", err_text(err));
	else
		out_printf(c->out, "%llx is mapped, frame %llx\n", (unsigned long long)va, (unsigned long long)pfn.v);
}
COMMAND(pagein) = {
	.name = "pagein", .schema = "*", .synopsis = "pagein [/p] [PID] VA", .run = pagein,
	.what = "bring a page of a process into memory",
	.help = "  kd> pagein {program} 10001000\n"
	        "  The same as a read of the page by the process. Without PID: in the process that .process selected. /p is\n"
	        "  WinDbg's spelling: .pagein /p {program} 10001000. WinDbg sends the request to the target and needs g; here the\n"
	        "  page is there when the command ends.\n"
	        "  WinDbg: .pagein /p   Linux: madvise(MADV_WILLNEED)\n",
};
