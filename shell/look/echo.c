/* shell/look/echo.c - echo: a text, to the screen or to the page-walk driver.
 * SPDX-License-Identifier: MIT
 *
 * A Linux module that walks the page tables of a process is asked through a character device: the
 * process number in decimal and an address, echoed to /dev/test_driver. It logs each step.
 * `walk PID VA` prints the steps alone.
 * WinDbg: .echo. Linux: echo.
 */
#include "inspect/linux.h"
#include "lib/string.h"
#include "shell/command.h"

/* The name that the example of a driver registers. */
#define DEVICE "/dev/test_driver"

/* Two numbers of a text: decimal, then hexadecimal. False: there are no two. */
static bool numbers(const char *text, uint64_t *pid, uint64_t *va, const char **second)
{
	const char *s = text;
	unsigned n = 0;

	*pid = *va = 0;
	for (; *s >= '0' && *s <= '9'; s++, n++)
		*pid = *pid * 10 + (uint64_t)(*s - '0');
	while (*s == ' ')
		s++;
	*second = s;
	if (!n || n > 9 || !*s)
		return false;
	for (n = 0; *s && *s != ' '; s++, n++) {
		char low = (char)(*s | 0x20);

		if (!(*s >= '0' && *s <= '9') && !(low >= 'a' && low <= 'f'))
			return false;
		*va = *va << 4 | (uint64_t)(*s <= '9' ? *s - '0' : low - 'a' + 10);
	}
	while (*s == ' ')
		s++;
	return !*s && n <= 16;
}

/* What the driver logs of a write: the text, its two words, the walk. */
static void driver(struct call *c, const char *text)
{
	struct linux_log log = linux_log(c->out, c->target);
	struct target t = *c->target;
	const char *second;
	uint64_t pid, va;
	struct system_process p;
	bool good = numbers(text, &pid, &va, &second);

	if (good && !(t.system && t.system->process)) {
		call_lacks(c, "processes");
		return;
	}
	linux_log_line(&log, "test driver device opened");
	linux_log_line(&log, "test driver device write ");
	linux_log_line(&log, "user writes : %s", text);
	/* The text of echo ends with a newline, and the message has one of its own. */
	linux_log_line(&log, "%s", "");
	if (good) {
		linux_log_line(&log, "user 1st write %llu", (unsigned long long)pid);
		linux_log_line(&log, "user 2nd write %.*s", (int)(strchr(second, ' ') ? strchr(second, ' ') - second :
		               (ptrdiff_t)strlen(second)), second);
	}
	if (!good || !t.system->process(t.system_ctx, pid, &p) || p.ended) {
		linux_log_line(&log, good ? "no task with this pid" : "a pid and an address are expected");
		c->no_answer = true;
	} else {
		t.root = p.root;
		t.decode = DECODE_ALL;
		linux_walk_log(c->out, &t, (int)pid, va, t.system->now, t.system_ctx);
	}
	linux_log_line(&log, "test driver device closed / released");
}

/* TEXT, "TEXT", and > PATH after it. Without quotes the text is all of the rest, so that a > in it is a character. A command that
 * was refused has printed nothing: the device is looked up before the driver logs. */
static void echo(struct call *c)
{
	const char *word, *text = "", *where;
	size_t at;

	if (*c->rest == '"') {
		if (!call_next_word(c, &text, &at))
			return;
		while (*c->rest == ' ')
			c->rest++;
		where = c->rest;
		if (!*where) {
			out_printf(c->out, "%s\n", text);
			return;
		}
		if (*where != '>') {
			call_fail_at(c, where, "expected > DEVICE");
			return;
		}
		c->rest++;
		if (!call_next_word(c, &word, &at) || strcmp(word, DEVICE) || !call_end(c))
			call_fail_at(c, where, "no such device; use " DEVICE);
		else
			driver(c, text);
		return;
	}
	out_printf(c->out, "%s\n", c->rest);
}
COMMAND(echo) = {
	.name = "echo", .schema = "*", .synopsis = "echo TEXT | echo \"PID VA\" > " DEVICE,
	.flags = CMD_READ_ONLY | CMD_TARGET, .run = echo,
	.what = "a text; written to the page-walk driver it is a walk, as a Linux module logs it",
	.help = "  kd> run vartest &\n  kd> echo \"{program} {stack}\" > " DEVICE "\n"
	        "  The driver takes a process number, decimal, and an address. walk logs the same steps.\n"
	        "  WinDbg: .echo   Linux: echo\n",
};
