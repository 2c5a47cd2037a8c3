/* tools/pagewalk.c - the walker and the renderers as a program of the host: any system's tables, in any format.
 * SPDX-License-Identifier: MIT
 *
 * pagewalk [OPTION]... IMAGE [NAME=VALUE]... [COMMAND [ARGUMENT]...]
 *
 * IMAGE is physical memory in one of the forms of tools/image/, or a scenario (tools/walker/scenario.h). The settings say what the
 * CPU had switched on; a scenario and an image with registers have their own, the command line's replace them. pagewalk makes
 * a struct target as the kernel's shell has one, and runs the shell's commands (shell/look/).
 *
 * Exit status: 0 the question was answered, 1 there is no translation, a table could not be read or the output not be
 * written, 2 wrong use, 3 a damaged image.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/assert.h"
#include "tools/walker/detect.h"

/* Buffered output may fail as late as here: a full disk is no answer. */
static int finish(int status)
{
	if (!ferror(stdout) && !fflush(stdout))
		return status;
	fprintf(stderr, "standard output: %s\n", strerror(errno));
	return status == ANSWERED ? FAILED : status;
}

_Noreturn void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static int run_all(struct session *s)
{
	const struct options *o = &s->options;
	int status = ANSWERED, more;

	if (o->words)
		return run_words(s, o->word, o->words);
	if (o->commands)
		status = run_text(s, o->commands);
	if (o->script && (more = run_script(s, o->script)) > status)
		status = more;
	if (o->commands || o->script)
		return status;
	return o->prompt || isatty(STDIN_FILENO) ? run_prompt(s) : run_addresses(s);
}

int main(int argc, char **argv)
{
	static struct session s;
	int status;

	session_init(&s);
	if (!options_parse(&s, argc, argv, &status))
		return finish(status);
	status = memory_open(&s);
	if (status == ANSWERED) {
		target_make(&s);
		if (!session_new_folds(&s))
			status = WRONG_USE;
		else if (s.options.detect)
			status = detect(&s);
		else
			status = session_complete(&s) ? run_all(&s) : WRONG_USE;
	}
	memory_close(&s);
	return finish(status);
}
