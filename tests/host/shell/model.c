/* tests/host/shell/model.c - what a line editor means: text, a cursor, lines entered before.
 * SPDX-License-Identifier: MIT
 */
#include "tests/host/shell/model.h"
#include <stdio.h>
#include <string.h>

const char *const model_names[] = { "pte", "pfn", "ptdump", "protect", "poweroff", "a", "abcdefgh", "abcxyz", "zz",
	"zz", NULL };

/* text = text[0..from) + middle + text[to..]; the cursor goes behind middle. False: it would be too long. */
static bool splice(struct model *m, size_t from, size_t to, const char *middle)
{
	char made[3 * MODEL_MAX + 3];

	snprintf(made, sizeof(made), "%.*s%s%s", (int)from, m->text, middle, m->text + to);
	if (strlen(made) > MODEL_MAX)
		return false;
	strcpy(m->text, made);
	m->at = from + strlen(middle);
	if (!*m->text && from != to)
		m->dropped = false;
	return true;
}

static void kill_word(struct model *m)
{
	size_t from = m->at;

	while (from && m->text[from - 1] == ' ')
		from--;
	while (from && m->text[from - 1] != ' ')
		from--;
	splice(m, from, m->at, "");
}

static void transpose(struct model *m)
{
	size_t right = m->text[m->at] ? m->at : m->at - 1;
	char two[3] = { 0 };

	if (m->at == 0 || strlen(m->text) < 2)
		return;
	two[0] = m->text[right];
	two[1] = m->text[right - 1];
	splice(m, right - 1, right + 1, two);
}

static void history(struct model *m, unsigned up)
{
	if (up > m->lines)
		return;
	if (m->up == 0) {
		strcpy(m->own, m->text);
		m->own_dropped = m->dropped;
	}
	m->up = up;
	strcpy(m->text, up ? m->line[up - 1] : m->own);
	m->dropped = up ? false : m->own_dropped;
	m->at = strlen(m->text);
}

static void enter(struct model *m)
{
	if (strspn(m->text, " ") == strlen(m->text) || (m->lines && !strcmp(m->line[0], m->text)))
		return;
	memmove(m->line[1], m->line[0], sizeof(m->line) - sizeof(m->line[0]));
	strcpy(m->line[0], m->text);
	if (m->lines < MODEL_LINES)
		m->lines++;
}

static void tab(struct model *m)
{
	char word[MODEL_MAX + 1], best[100] = "", add[102];
	size_t from = m->at;
	unsigned found = 0, different = 0;
	bool blank = m->text[m->at] == ' ';

	while (from && !strchr(" ;,()+-*/%&|^~<>=@\"", m->text[from - 1]))
		from--;
	snprintf(word, sizeof(word), "%.*s", (int)(m->at - from), m->text + from);
	for (unsigned i = 0; model_names[i]; i++) {
		if (strncmp(model_names[i], word, strlen(word)))
			continue;
		if (!found++)
			strcpy(best, model_names[i]);
		if (strcmp(best, model_names[i]))
			different++;
		while (strncmp(best, model_names[i], strlen(best)))
			best[strlen(best) - 1] = 0;
	}
	m->listed = different && strlen(best) == strlen(word);
	if (m->listed)
		return;
	snprintf(add, sizeof(add), "%s%s", found ? best + strlen(word) : "", found && !different && !blank ? " " : "");
	if (!found || !splice(m, m->at, m->at, add))
		m->bells++;
	else if (!different && blank)
		m->at++;
}

void model_do(struct model *m, enum op op, char c)
{
	size_t len = strlen(m->text);
	char one[2] = { c, 0 };

	m->listed = false;
	switch (op) {
	case OP_CHAR:
		if (!splice(m, m->at, m->at, one)) {
			m->bells++;
			m->dropped = true;
		}
		break;
	case OP_LEFT:       m->at -= m->at > 0; break;
	case OP_RIGHT:      m->at += m->at < len; break;
	case OP_HOME:       m->at = 0; break;
	case OP_END:        m->at = len; break;
	case OP_BACKSPACE:  if (m->at) splice(m, m->at - 1, m->at, ""); break;
	case OP_DELETE:     if (m->at < len) splice(m, m->at, m->at + 1, ""); break;
	case OP_KILL_END:   splice(m, m->at, len, ""); break;
	case OP_KILL_START: splice(m, 0, m->at, ""); break;
	case OP_KILL_WORD:  kill_word(m); break;
	case OP_TRANSPOSE:  transpose(m); break;
	case OP_UP:         history(m, m->up + 1); break;
	case OP_DOWN:       if (m->up) history(m, m->up - 1); break;
	case OP_TAB:        tab(m); break;
	case OP_ENTER:      enter(m); break;
	case OP_CANCEL: case OP_CLEAR: case OP_NOTHING: case OP_COUNT: break;
	}
}
