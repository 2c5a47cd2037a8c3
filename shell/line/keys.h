/* shell/line/keys.h - bytes of a terminal to keys, one byte at a time.
 * SPDX-License-Identifier: MIT
 *
 * Terminals disagree about home, end and delete; all common spellings are understood. A sequence may
 * arrive in pieces, there is no timer; one that is unknown is swallowed whole (ECMA-48 5.4, 5.6) and a control
 * character ends any unfinished one.
 */
#pragma once

enum key {
	KEY_NONE,            /* nothing yet, or nothing known */
	/* 32 to 126 stand for themselves. */
	KEY_CONTROL = 256,
	KEY_LEFT = KEY_CONTROL, KEY_RIGHT, KEY_HOME, KEY_END, KEY_PREVIOUS, KEY_NEXT,
	KEY_BACKSPACE, KEY_DELETE, KEY_KILL_TO_END, KEY_KILL_TO_START, KEY_KILL_WORD, KEY_TRANSPOSE,
	KEY_TAB, KEY_CLEAR, KEY_ENTER, KEY_CANCEL,
	KEY_LIMIT
};

/* All zero is the start. */
struct key_decoder {
	unsigned char state;
	unsigned char first;     /* no byte of this sequence's parameters was seen yet */
	unsigned char strange;   /* it is a private one */
	unsigned char after_cr;  /* a line feed now belongs to the carriage return before it */
	unsigned number;         /* its first parameter */
	unsigned char parameters;/* separators seen */
};

/* A character, an enum key, or KEY_NONE. */
int key_feed(struct key_decoder *k, unsigned char byte);
