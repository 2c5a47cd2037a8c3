/* shell/command.h - shell commands: each is one struct command in a linker section. There is no other list of commands.
 * SPDX-License-Identifier: MIT
 *
 *     static void pte(struct call *c) { windbg_pte(c->out, c->target, c->arg[0].value); }
 *     COMMAND(pte) = {
 *             .name = "pte", .schema = "a", .synopsis = "pte VA", .flags = CMD_READ_ONLY, .run = pte,
 *             .what = "the entries that translate VA, level by level",
 *             .help = "  kd> pte kmain\n"
 *                     "  WinDbg: !pte\n",
 *     };
 *
 * A new command is one new file and no other edit. The schema describes the arguments, one letter each:
 *
 *     e  an expression                       E  the same, optional
 *     a  a virtual address                   A  the same, optional
 *     u  a physical address, entry, frame    U  the same, optional
 *        or count: not sign-extended
 *     b  a word in brackets, optional: [uc]
 *     w  a word, up to the next space,       W  the same, optional
 *        or a text in quotes
 *     o  an option, `-r` or --word; optional  R  `L COUNT` or the end of a range; optional
 *     *  the rest of the line, possibly empty; parse it with call_next()
 *
 * parse.c and command_name.c print only to c->out, so they are also built for the host. shell.c connects c->out to the console.
 */
#pragma once
#include "lib/err.h"
#include "lib/out.h"
#include "shell/line/history.h"
#include <stdbool.h>
#include <stdint.h>

struct target;

#define COMMAND_ARGS 5
#define COMMAND_OPTIONS 10

struct arg {
	bool given;
	uint64_t value;       /* expression; an address (a) is cut to the target's width */
	uint64_t number;      /* the same expression without sign extension: the value of a `u` */
	const char *text;     /* word or option, ends with NUL; "" when not given */
	size_t at;            /* column in the command, for call_fail() */
};

/* Stands between the words of call_parse_words(). */
#define CALL_GAP '\x1f'

struct command;

/* One command being run. */
struct call {
	struct out *out;
	const struct command *command;
	const struct target *target;   /* what is looked at; expressions read it too */
	struct arg arg[COMMAND_ARGS];  /* by position in the schema */
	struct arg option[COMMAND_OPTIONS]; /* by position in the command's table; text: the value; value: where the name is */
	bool has_length;               /* R was `L COUNT`; length is COUNT */
	uint64_t length;
	bool unlimited;                /* R was `L? COUNT` */
	const char *rest;              /* for *: the unparsed rest; call_next() advances it */
	bool failed;                   /* call_fail() was called, or the command did not do its work */
	bool no_answer;                /* nothing is translated there, or a table could not be read: a program's exit status */
	bool read_only;               /* run by `more`: it must change nothing */

	/* For parse.c only. */
	struct out *errors;            /* where mistakes are named; NULL: out */
	char text[LINE_BYTES];         /* the command alone, as typed */
	char words[LINE_BYTES];        /* buffer for words */
	size_t words_used, column;     /* column: of text in the line, its prompt included; SIZE_MAX: it is not on
	                                  the screen */
	bool echo;                     /* the caret needs the text above it once more: it was typed elsewhere */
};

enum command_flags {
	CMD_READ_ONLY = 1u << 0,           /* read-only: allowed after a bugcheck. A command that changes something with
	                                  some arguments calls call_may_change() */
	CMD_EXAMPLE = 1u << 1,         /* `help` runs its examples: one command per line */
	CMD_TARGET = 1u << 3,          /* it reads c->target alone, or needs no machine: it runs for a scenario, too */
	CMD_PROCESSES = 1u << 4,       /* it needs a target that knows its processes; without them no argument is looked at */
	CMD_ABSENT = 1u << 2,          /* it needs the live machine, and this program is not part of one */
};

/* --NAME or --NAME VALUE, allowed at any position of a command. */
struct command_option {
	const char *name;              /* "--rights"; NULL at the end of a table */
	const char *value;             /* its name in the usage; NULL: none */
	const char *what;
};

struct command {
	const char *name;
	const char *aliases;           /* other names, separated by spaces; NULL: none. The lookup ignores a leading ! or . unless
	                                  a command has exactly that name */
	const char *schema, *synopsis, *what;
	const char *help;              /* example, description, equivalent commands of other tools; each line ends with \n. An
	                                  example begins with "  kd> " and must work on every machine: use symbols (kmain) or
	                                  a placeholder {name}, which help_fill.c replaces. A line is not printed if its
	                                  placeholder has no value on this machine */
	const struct command_option *options; /* at most COMMAND_OPTIONS; NULL: none */
	unsigned flags;
	void (*run)(struct call *c);
};

/* Alignment set explicitly: a larger one, chosen by the compiler, would leave gaps in the array that the linker builds. */
#define COMMAND(id) \
	static const struct command command_##id \
	__attribute__((used, aligned(sizeof(void *)), section(".commands." #id)))
extern const struct command commands_start[], commands_end[];

/* The default radix of expressions: `n`. */
extern unsigned shell_radix;
/* True if Ctrl-C was typed since the command began; clears the flag. For commands that install their own Ctrl-C handler. */
bool shell_take_break(void);
/* The IRQL of commands, set by `raise`. The rest of the shell runs at PASSIVE_LEVEL. */
extern unsigned shell_irql;

/* ---- for commands ---- */

/* Prints the error, with a caret under argument `i` (COMMAND_ARGS: at the end of the command), and the usage. The command must
 * then return without changing anything. */
void call_fail(struct call *c, unsigned i, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* As call_fail(), at a position in c->rest. */
void call_fail_at(struct call *c, const char *where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Prints in one line that the target lacks something that the command needs: "x needs symbols; this is an image". */
void call_lacks(struct call *c, const char *what);
/* The error for a number that belongs to no process, at argument `i`, or at a position in c->rest. */
void call_no_process(struct call *c, unsigned i);
void call_no_process_at(struct call *c, const char *where);
/* Evaluates the next expression of c->rest. False: at the end, or after an error, which was printed. */
bool call_next(struct call *c, uint64_t *value);
/* As call_next(), without sign extension (u of the schema). */
bool call_next_number(struct call *c, uint64_t *number);
/* Returns the next word of c->rest, valid for the duration of the call. False: at the end. */
bool call_next_word(struct call *c, const char **word, size_t *at);
/* True if c->rest has no further argument. False: an error was printed. A command with * in its schema that does not use all of
 * the rest must call it. */
bool call_end(struct call *c);
/* False, with a message, after a bugcheck and under `more`: only read-only commands run then. */
bool call_may_change(struct call *c);
/* Cancellation point for long loops without output. After Ctrl-C it does not return: it jumps out of the command. */
static inline void call_pause(struct call *c) { c->out->put(c->out, "", 0); }
/* Sets *count to the number of items of `item` bytes in the range that starts at arg[i]; the R argument after it gives the end.
 * Without R: `otherwise`. More than CALL_RANGE_MOST bytes need L?. False: an error was printed. */
#define CALL_RANGE_MOST 0x10000000u
bool call_range(struct call *c, unsigned i, uint64_t item, uint64_t otherwise, uint64_t *count);

/* Evaluates the value of option `i` as an address. False: an error was printed. */
bool call_option_address(struct call *c, unsigned i, uint64_t *va);
/* The same for a range, "A-B", both included: the first - outside parentheses divides it. With `number` A and B are physical. */
bool call_option_range(struct call *c, unsigned i, bool number, uint64_t *first, uint64_t *last);
/* As call_fail(), at the value of option `i`. */
void call_fail_option(struct call *c, unsigned i, const char *what);

/* ---- for shell.c, look/help.c and lessons ---- */

#define SHELL_PROMPT "kd> "
/* The prompt. Tools expect it to begin with "kd" and to end with "> ". */
extern const char *shell_prompt;
/* What commands look at: another target than the live machine (NULL), and its prompt (NULL: the shell's). */
void shell_look_at(struct target *t, const char *prompt);
/* False, with a message: the command needs the live machine, and another target is selected. */
bool call_fits_target(struct call *c);
/* True for a command that does not run now, because it would give the answer of a task away. NULL: every command runs. */
extern bool (*shell_is_closed)(const struct command *command);

/* Finds the command with this name of n characters. NULL: none. */
const struct command *command_find(const char *name, size_t n);
/* Length of the command name at the start of s. */
size_t command_name_length(const char *s);
/* Parses `text` into c->command and c->arg. The caller sets c->out, c->target and c->column before. False: an error was printed on
 * c->out. Empty text: true, with c->command NULL. */
bool call_parse(struct call *c, const char *text, size_t n);
/* The same of words that are separate arguments whatever is in them, as another shell hands them over. Mistakes are named on
 * errors, below the text, which is not on the screen. */
bool call_parse_words(struct call *c, struct out *errors, const char *const *words, unsigned count);
/* Returns the first ; outside quotes, or the end of the line. */
const char *command_end(const char *line);
