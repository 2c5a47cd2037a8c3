/* shell/live/watch.c - a picture of cells, printed once or redrawn while programs run.
 * SPDX-License-Identifier: MIT
 *
 * The terminal gets a scrolling region (DEC: DECSTBM) of the rows above the picture, so what programs and the kernel print
 * scrolls there, byte for byte, and from its top into the terminal's own memory of past lines. The picture is drawn outside the
 * region, with the cursor saved before and restored after. The kernel is not preemptible, so no other output comes between.
 */
#include "shell/live/watch.h"
#include "kernel/bugcheck.h"
#include "kernel/console.h"
#include "kernel/proc.h"
#include "kernel/terminal.h"
#include "lib/string.h"
#include "shell/line/keys.h"
#include "shell/live/sleep_until.h"

/* Ten redraws in a second at most. Without a terminal the picture has the size of a VT100. LEAST_COLUMNS: four columns of a
 * legend with counts, 19 characters each (picture_legend()). */
#define REDRAW_TICKS   (SCHED_HZ / 10)
#define USUAL_ROWS     24
#define USUAL_COLUMNS  80
#define LEAST_ROWS     12
#define LEAST_COLUMNS  76
/* Rows that a printed picture leaves: the command, and the next prompt. */
#define PROMPT_ROWS    2
#define LEAST_REGION   2

static struct screen picture_screen;
static struct cells picture_cells;
static volatile bool watch_broken;

/* For console_break(), in interrupt context. The command goes on until read_keys() sees the flag, and restores the terminal. */
static void watch_break(void)
{
	watch_broken = true;
}

/* Only with `clear` are there ages: an accessed bit that is never cleared does not show when the page was used. */
static void draw_picture(struct call *c, draw_fn draw, unsigned rows, unsigned columns, bool clear)
{
	screen_begin(&picture_screen, rows, columns);
	picture_cells.screen = &picture_screen;
	cells_begin(&picture_cells);
	draw(c, &picture_cells, clear);
	cells_mark(&picture_cells, clear ? (uint32_t)sched_ticks() : 0, SCHED_HZ);
}

/* On a terminal that is smaller than the minimum, long rows wrap. */
void picture_print(struct call *c, draw_fn draw)
{
	unsigned rows = USUAL_ROWS, columns = USUAL_COLUMNS;
	bool in_colour = terminal_answers();

	if (in_colour)
		(void)terminal_size(&rows, &columns);
	if (rows < LEAST_ROWS)
		rows = LEAST_ROWS;
	if (columns < LEAST_COLUMNS)
		columns = LEAST_COLUMNS;
	draw_picture(c, draw, rows - PROMPT_ROWS, columns, false);
	screen_print(&picture_screen, c->out, in_colour);
}

/* ---- watching ---- */

/* A part of the terminal: rows [1, region] scroll, the picture is below. */
struct window { unsigned rows, columns, region; };

/* fmt has at most two %u; C ignores arguments in excess (C11, 7.21.6.1). out->column is not updated. */
static void send_control(struct out *out, const char *fmt, unsigned a, unsigned b)
{
	char text[32];

	str_printf(text, sizeof(text), fmt, a, b);
	out->put(out, text, strlen(text));
}

/* Makes room by line feeds, so that lines which are on the terminal scroll up and stay. CUU (ECMA-48, 8.3.22) then moves the cursor
 * into the region. DECSTBM moves it to row 1, so ESC 7 and ESC 8 are around it. ED (8.3.39) erases what is below the region. */
static void open_window(struct out *out, const struct window *w)
{
	for (unsigned i = w->region; i < w->rows; i++)
		out->put(out, "\n", 1);
	send_control(out, "\033[%uA\0337\033[1;%ur", w->rows - w->region, w->region);
	send_control(out, "\033[%u;1H\033[J\0338", w->region + 1, 0);
	screen_is_blank(&picture_screen);
}

/* The picture stays; the prompt comes below it. ESC[r: the region is the whole terminal again. It moves the cursor to row 1, so CUP
 * comes after it. */
static void close_window(struct out *out, const struct window *w)
{
	send_control(out, "\033[r\033[%u;1H\n", w->rows, 0);
	out->column = 0;
}

/* False, with an error: there is no terminal of a known size. The region has at least a twelfth of the rows, LEAST_REGION, and what
 * a picture of SCREEN_ROWS leaves. */
static bool find_window(struct call *c, unsigned i, struct window *w)
{
	if (!terminal_answers())
		call_fail(c, i, "the console is not a terminal: it did not answer ESC[6n");
	else if (!terminal_size(&w->rows, &w->columns))
		call_fail(c, i, "the terminal did not report its size");
	else if (w->rows < LEAST_ROWS || w->columns < LEAST_COLUMNS)
		call_fail(c, i, "the terminal has %u rows of %u columns; at least %u of %u are needed", w->rows, w->columns,
		          LEAST_ROWS, LEAST_COLUMNS);
	else
		w->region = w->rows / 12 > LEAST_REGION ? w->rows / 12 : LEAST_REGION;
	if (!c->failed && w->rows - w->region > SCREEN_ROWS)
		w->region = w->rows - SCREEN_ROWS;
	return !c->failed;
}

/* WISH_NEW_WINDOW: the terminal may have another size now. */
enum wish { WISH_GO_ON, WISH_NEW_WINDOW, WISH_END };

/* Reads what was typed meanwhile. Other keys have no meaning. The decoder is static: the bytes of a key can arrive in different
 * redraws. */
static enum wish read_keys(void)
{
	static struct key_decoder keys;
	int byte;

	while (!watch_broken && (byte = console_try_get()) >= 0) {
		int key = key_feed(&keys, (unsigned char)byte);

		if (key == 'q' || key == KEY_CANCEL)
			return WISH_END;
		if (key == KEY_CLEAR)
			return WISH_NEW_WINDOW;
	}
	return watch_broken ? WISH_END : WISH_GO_ON;
}

/* A picture that takes long to draw is drawn less often: programs run at least half of the time. */
static enum wish redraw_until_key(struct call *c, draw_fn draw, const struct window *w)
{
	enum wish wish;

	do {
		uint64_t began = sched_ticks(), took;

		draw_picture(c, draw, w->rows - w->region, w->columns, true);
		screen_update(&picture_screen, c->out, w->region + 1);
		took = sched_ticks() - began;
		sleep_until(began + (took * 2 > REDRAW_TICKS ? took * 2 : REDRAW_TICKS));
		wish = read_keys();
	} while (wish == WISH_GO_ON);
	return wish;
}

/* Ctrl-C is a key here: the terminal must be left as it was. One that came before console_break() ends the picture, too. From
 * there on watch_broken is only set, never computed from itself: watch_break() can run between the load and the store. */
void picture_watch(struct call *c, unsigned i, draw_fn draw)
{
	enum wish wish = WISH_NEW_WINDOW;
	struct window w = { 0 };

	watch_broken = false;
	picture_cells.fingerprint = 0;
	while (wish == WISH_NEW_WINDOW && find_window(c, i, &w)) {
		console_break(watch_break);
		if (shell_take_break())
			watch_broken = true;
		open_window(c->out, &w);
		wish = redraw_until_key(c, draw, &w);
		close_window(c->out, &w);
		console_break(NULL);
	}
}

void picture_run(struct call *c, unsigned i, draw_fn draw)
{
	if (!c->arg[i].given)
		picture_print(c, draw);
	else if (strcmp(c->arg[i].text, "-w"))
		call_fail(c, i, "the option is -w");
	else if (call_may_change(c))
		picture_watch(c, i, draw);
	else
		c->failed = true;
}

void picture_legend(struct cells *cells, unsigned row, const uint8_t *kinds, unsigned n, bool counted)
{
	unsigned width = counted ? 19 : 13, columns = cells->screen->columns / width;

	for (unsigned i = 0; i < n; i++) {
		const struct cell_kind *kind = &cells->kinds[kinds[i]];
		unsigned at = i % columns * width;

		screen_put(cells->screen, row + i / columns, at, kind->letter, (enum ink)kind->ink);
		at = screen_printf(cells->screen, row + i / columns, at + 2, INK_PLAIN, counted ? "%-8s" : "%s", kind->name);
		if (counted)
			screen_printf(cells->screen, row + i / columns, at, INK_PLAIN, "%7llu",
			              (unsigned long long)cells->total[kinds[i]]);
	}
}
