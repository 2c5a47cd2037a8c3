/* inspect/picture.h - a walk as a picture of characters: a box for each table, an arrow from each entry to what it points to.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "inspect/target.h"

/* Draws the recorded steps of a walk, with the page at its end. */
void picture_walk(struct out *out, const struct target *t, const struct pt_walk *w);
