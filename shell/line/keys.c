/* shell/line/keys.c - bytes of a terminal to keys, one byte at a time.
 * SPDX-License-Identifier: MIT
 *
 * The states follow ECMA-48 5.4 and 5.6: control sequences and control strings. Control keys are
 * those of Emacs, as in most line editors.
 */
#include "shell/line/keys.h"
#include "lib/addr.h"

#define ESC 0x1B
#define CAN 0x18
#define SUB 0x1A
#define BEL 0x07
#define DEL 0x7F
#define CTRL(letter) ((letter) & 0x1F)

enum state {
	GROUND,
	ESCAPE,          /* ESC */
	INTERMEDIATE,    /* ESC and a byte of 20 to 2F: one final byte ends it */
	CSI,             /* ESC [, parameters, then a byte of 40 to 7E */
	SS3,             /* ESC O, then the same */
	LINUX_FUNCTION,  /* ESC [ [, one byte more: the function keys of Linux' console */
	STRING,          /* ESC ] P X ^ _: up to BEL or ESC \ */
};

/* By control character. Those that are not here are ignored. */
static const unsigned short control_key[32] = {
	[CTRL('A')] = KEY_HOME,        [CTRL('B')] = KEY_LEFT,          [CTRL('C')] = KEY_CANCEL,
	[CTRL('D')] = KEY_DELETE,      [CTRL('E')] = KEY_END,           [CTRL('F')] = KEY_RIGHT,
	[CTRL('H')] = KEY_BACKSPACE,   [CTRL('I')] = KEY_TAB,           [CTRL('J')] = KEY_ENTER,
	[CTRL('K')] = KEY_KILL_TO_END, [CTRL('L')] = KEY_CLEAR,         [CTRL('M')] = KEY_ENTER,
	[CTRL('N')] = KEY_NEXT,        [CTRL('P')] = KEY_PREVIOUS,      [CTRL('T')] = KEY_TRANSPOSE,
	[CTRL('U')] = KEY_KILL_TO_START, [CTRL('W')] = KEY_KILL_WORD,
};

/* Final byte, and for ~ the number before it: VT220, xterm, rxvt and Linux spell home and end
 * differently. */
static const struct { char final; unsigned char number; unsigned short key; } sequence_key[] = {
	{ 'A', 0, KEY_PREVIOUS }, { 'B', 0, KEY_NEXT }, { 'C', 0, KEY_RIGHT }, { 'D', 0, KEY_LEFT },
	{ 'H', 0, KEY_HOME },     { 'F', 0, KEY_END },  { '~', 1, KEY_HOME },  { '~', 7, KEY_HOME },
	{ '~', 4, KEY_END },      { '~', 8, KEY_END },  { '~', 3, KEY_DELETE },
};

/* Returns the key of a finished sequence. KEY_NONE: unknown or private. */
static int final_key(const struct key_decoder *k, unsigned char final)
{
	if (k->strange)
		return KEY_NONE;
	if (k->state == SS3 && final == 'M')    /* Enter of the keypad */
		return KEY_ENTER;
	for (unsigned i = 0; i < ARRAY_LEN(sequence_key); i++)
		if (sequence_key[i].final == (char)final && (final != '~' || sequence_key[i].number == k->number))
			return sequence_key[i].key;
	return KEY_NONE;
}

/* Outside escape sequences. LF directly after CR is dropped, so that CR LF is one Enter. */
static int feed_ground(struct key_decoder *k, unsigned char byte)
{
	int key = byte < 32 ? control_key[byte] : byte < DEL ? byte : byte == DEL ? KEY_BACKSPACE : KEY_NONE;

	if (byte == '\n' && k->after_cr)
		key = KEY_NONE;
	k->after_cr = byte == '\r';
	return key;
}

/* The byte after ESC selects the kind of sequence. An ESC with a letter (Alt and a key) is a
 * sequence of its own, without a meaning here. */
static void feed_escape(struct key_decoder *k, unsigned char byte)
{
	k->first = 1;
	k->strange = k->parameters = 0;
	k->number = 0;
	switch (byte) {
	case '[':
		k->state = CSI;
		break;
	case 'O':
		k->state = SS3;
		break;
	case ']': case 'P': case 'X': case '^': case '_':
		k->state = STRING;
		break;
	default:
		k->state = byte >= 0x20 && byte < 0x30 ? INTERMEDIATE : GROUND;
	}
}

/* A byte of a control sequence: digits and separators, then a final byte of 40 to 7E. Only the first
 * parameter counts; modifiers come after it. The number is bounded, so that a long one cannot
 * overflow. */
static int feed_sequence(struct key_decoder *k, unsigned char byte)
{
	bool first = k->first;
	int key;

	k->first = 0;
	if (byte >= '0' && byte <= '9') {
		if (k->parameters == 0 && k->number < 1000)
			k->number = k->number * 10 + (byte - '0');
	} else if (byte == ';' || byte == ':') {
		k->parameters = 1;
	} else if (byte < 0x40) {
		k->strange = 1;
	} else if (first && byte == '[' && k->state == CSI) {
		k->state = LINUX_FUNCTION;
	} else {
		key = final_key(k, byte);
		k->state = GROUND;
		return key;
	}
	return KEY_NONE;
}

/* Inside an escape sequence: bytes that end any sequence. True: the byte was consumed. */
static bool is_interrupted(struct key_decoder *k, unsigned char byte, int *key)
{
	*key = KEY_NONE;
	if (byte == ESC) {
		k->state = ESCAPE;      /* in a string the first half of its end; \ then is an unknown escape */
		return true;
	}
	if (byte >= 0x20 && byte <= DEL - 1)
		return false;
	/* A string may hold anything but a line end or an interrupt, which the user has typed. */
	if (k->state == STRING && byte != CAN && byte != SUB && byte != BEL && byte != '\r' && byte != '\n' &&
	    byte != CTRL('C'))
		return true;
	k->state = GROUND;
	if (byte != CAN && byte != SUB && byte != BEL)
		*key = feed_ground(k, byte);
	return true;
}

/* A NUL is ignored everywhere. An unfinished sequence ends at the next Enter or Ctrl-C at the
 * latest, so no line is lost in one. */
int key_feed(struct key_decoder *k, unsigned char byte)
{
	int key;

	if (byte == 0)      /* padding, wherever it stands */
		return KEY_NONE;
	if (k->state == GROUND && byte != ESC)
		return feed_ground(k, byte);
	if (is_interrupted(k, byte, &key))
		return key;
	switch (k->state) {
	case ESCAPE:
		feed_escape(k, byte);
		return KEY_NONE;
	case CSI: case SS3:
		return feed_sequence(k, byte);
	case INTERMEDIATE:
		if (byte < 0x30)
			return KEY_NONE;
		break;
	case STRING:
		return KEY_NONE;
	}
	k->state = GROUND;
	return KEY_NONE;
}
