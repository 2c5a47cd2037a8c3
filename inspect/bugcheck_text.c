/* inspect/bugcheck_text.c - bugcheck codes, with WinDbg's names and words.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/bugcheck_text.h"
#include "lib/addr.h"

/* Codes with the names of WinDbg (bugcodes.h); the last two rows are this kernel's own. A new code
 * needs a row here and a constant in inspect/bugcheck_text.h. */
static const struct { uint32_t code; const char *name; const char *why; } codes[] = {
	{ BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, "IRQL_NOT_LESS_OR_EQUAL",
	  "A page fault at DISPATCH_LEVEL or above (or in an interrupt handler) could not be resolved." },
	{ BUGCHECK_KERNEL_TRAP, "KERNEL_MODE_EXCEPTION_NOT_HANDLED", "Unhandled exception in kernel mode; no recovery point." },
	{ BUGCHECK_OOPS_IN_OOPS, "RECURSIVE_FAULT", "A fault occurred while an oops was printed." },
	{ BUGCHECK_ASSERT, "ASSERTION_FAILED", "A kernel assertion failed." },
};

const char *bugcheck_name(uint32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "UNKNOWN";
}

const char *bugcheck_why(uint32_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].why;
	return "";
}

/* What the four parameters of a code mean; a code without a row has parameters without names. The
 * words of code A are those of WinDbg. */
static const struct { uint32_t code; const char *arg[4]; } arguments[] = {
	{ BUGCHECK_IRQL_NOT_LESS_OR_EQUAL,
	  { "memory referenced", "IRQL", "value 0 = read operation, 1 = write operation",
	    "address which referenced memory" } },
	{ BUGCHECK_KERNEL_TRAP, { "exception code", "memory referenced", "", "address of the instruction" } },
	{ BUGCHECK_ASSERT, { "the condition", "the file", "the line", "address of the call" } },
};

/* Returns the meaning of argument i (0 to 3) of a bugcheck code; "" if it has none. */
const char *bugcheck_argument(uint32_t code, unsigned i)
{
	for (size_t k = 0; k < ARRAY_LEN(arguments); k++)
		if (arguments[k].code == code)
			return arguments[k].arg[i];
	return "";
}
