/* shell/picture/palette.c - the colours of a picture.
 * SPDX-License-Identifier: MIT
 */
#include "shell/picture/palette.h"

#define BLACK 16
#define WHITE 231

const struct ink_colour ink_colours[INKS] = {
	[INK_BLUE] = { 25, WHITE },         /* 0072B2 */
	[INK_PURPLE] = { 175, BLACK },      /* CC79A7, reddish purple */
	[INK_ORANGE] = { 178, BLACK },      /* E69F00 */
	[INK_YELLOW] = { 227, BLACK },      /* F0E442 */
	[INK_GREEN] = { 29, BLACK },        /* 009E73, bluish green */
	[INK_SKY] = { 117, BLACK },         /* 56B4E9, lighter: farther from green and purple */
	[INK_VERMILLION] = { 166, BLACK },  /* D55E00 */
	[INK_GREY] = { 238, WHITE },        /* in place of black, the background of most terminals */
};
