/* shell/command.h - a command is one struct in a linker section: nothing else knows its name.
 * SPDX-License-Identifier: MIT
 *
 *     static void pte(struct call *c) { windbg_pte(c->out, c->target, c->arg[0].value); }
 *     COMMAND(pte) = {
 *             .name = "pte", .schema = "a", .synopsis = "pte VA", .flags = CMD_LOOKS, .run = pte,
 *             .what = "the entries that translate VA, level by level",
 *             .help = "  kd> pte kmain\n"
 *                     "  WinDbg: !pte\n",
 *     };
 *
 * A new command is one new file and no other edit. The schema says what the arguments are, one letter each:
 *
 *     e  an expression                       E  the same, may be missing
 *     a  one that is a virtual address       A  the same, may be missing
 *     u  a physical address, entry, frame    U  the same, may be missing
 *        or count: nothing is sign-extended
 *     b  a word in brackets, may be missing: [uc]
 *     w  a word, up to the next blank        W  the same, may be missing
 *     o  an option, `-r` or --word; may miss  R  `L COUNT` or an expression, the end of a range; may be missing
 *     *  the rest of the line, may be empty; call_next() takes it apart
 *
 * Parsing is pure (parse.c, also built for the host); only shell.c knows a console.
 */
#pragma once
#include "lib/err.h"
#include "lib/out.h"
#include "shell/line/history.h"
#include <stdbool.h>
#include <stdint.h>

struct target;

#define COMMAND_ARGS 5

struct arg {
	bool given;
	uint64_t value;       /* expression; an address (a) is cut to the target's width */
	uint64_t number;      /* the same expression with nothing sign-extended: what value is for u */
	const char *text;     /* word or option, ends with NUL; "" when not given */
	size_t at;            /* its column in the command, for call_fail() */
};

/* Stands between the words of call_parse_words(). */
#define CALL_GAP '\x1f'

struct command;

/* One command being run. */
struct call {
	struct out *out;
	const struct command *command;
	const struct target *target;   /* what is looked at; expressions read it too */
	struct arg arg[COMMAND_ARGS];  /* by place in the schema */
	bool has_length;               /* R was `L COUNT`: */
	uint64_t length;
	bool unlimited;                /* ... and it was L? */
	const char *rest;              /* *: what is left of it; call_next() moves it */
	bool failed;                   /* call_fail() was called, or what the command was for was not done */
	bool no_answer;                /* nothing is translated there, or a table could not be read: a program's exit status */
	bool looks_only;               /* `more` runs it: it must change nothing */

	/* The rest is parse.c's. */
	struct out *errors;            /* where mistakes are named; NULL: out */
	char text[LINE_BYTES];         /* the command alone, as typed */
	char words[LINE_BYTES];        /* where words are kept */
	size_t words_used, column;     /* column: of text in the line, its prompt included; SIZE_MAX: it is not on
	                                  the screen */
	bool echo;                     /* the caret needs the text above it once more: it was typed elsewhere */
};

enum command_flags {
	CMD_LOOKS = 1u << 0,           /* changes nothing: allowed after a bugcheck. One that does more with some
	                                  arguments asks call_may_change() there */
	CMD_EXAMPLE = 1u << 1,         /* `help` runs its examples, for real output: one command a line */
	CMD_ABSENT = 1u << 2,          /* it needs the live machine, and this program is not part of one */
};

struct command {
	const char *name;
	const char *aliases;           /* other names, blanks between; NULL: none. ! and . before any name are ignored, unless a
	                                  name here begins with one */
	const char *schema, *synopsis, *what;
	const char *help;              /* an example, and what others call it; lines end with \n. An example is a line that
	                                  begins with "  kd> " and is true on every machine: it names symbols (kmain), or
	                                  what differs by {name}, which help fills in (the names: help_fill.c). A line
	                                  whose {name} the machine has nothing for is left out */
	unsigned flags;
	void (*run)(struct call *c);
};

/* Aligned as its members are: a compiler that aligned it more would leave gaps between the linker's rows. */
#define COMMAND(id) \
	static const struct command command_##id \
	__attribute__((used, aligned(sizeof(void *)), section(".commands." #id)))
extern const struct command commands_start[], commands_end[];

/* The default radix of expressions: `n`. */
extern unsigned shell_radix;
/* True: Ctrl-C was typed since the command began, and is now the caller's to answer. For those that put a handler of
 * their own in the place of the shell's. */
bool shell_take_break(void);
/* The IRQL that commands run at: `raise`. Everything else of the shell is at PASSIVE_LEVEL. */
extern unsigned shell_irql;

/* ---- for commands ---- */

/* Says what is wrong with argument i (or at the end of the command, for i == COMMAND_ARGS) and how it is used; the
 * command must then return without having changed anything. */
void call_fail(struct call *c, unsigned i, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same at a place in c->rest. */
void call_fail_at(struct call *c, const char *where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Says in one line that the target has not what the command needs: "x needs symbols; this is an image". */
void call_lacks(struct call *c, const char *what);
/* The next expression of c->rest; false at its end, and after an error, which was told. */
bool call_next(struct call *c, uint64_t *value);
/* The same as a u of the schema. */
bool call_next_number(struct call *c, uint64_t *number);
/* The next word of c->rest, kept as long as the call; false at its end. */
bool call_next_word(struct call *c, const char **word, size_t *at);
/* False, with a message, after a bugcheck, when commands only read, and below `more`. */
bool call_may_change(struct call *c);
/* For loops that may say nothing for long: here Ctrl-C is noticed, and ends the command by not returning. */
static inline void call_pause(struct call *c) { c->out->put(c->out, "", 0); }
/* The bytes [arg[i], ...) that an address and an R behind it mean, in items; false after an error.
 * Without R: otherwise. More than CALL_RANGE_MOST bytes are an error unless L? asked for them. */
#define CALL_RANGE_MOST 0x10000000u
bool call_range(struct call *c, unsigned i, uint64_t item, uint64_t otherwise, uint64_t *count);

/* ---- for shell.c and look/help.c ---- */

/* The command of this name, which ends after n characters; NULL. */
const struct command *command_find(const char *name, size_t n);
/* How many characters of s are a command's name. */
size_t command_name_length(const char *s);
/* Splits text into command and arguments; false: told on out what is wrong. c->out, target and column are set. An empty
 * text has no command and is no error. */
bool call_parse(struct call *c, const char *text, size_t n);
/* The same of words that are separate arguments whatever is in them, as another shell hands them over. Mistakes are named on
 * errors, below the text, which is not on the screen. */
bool call_parse_words(struct call *c, struct out *errors, const char *const *words, unsigned count);
/* The first ; outside quotes, or the end. */
const char *command_end(const char *line);
