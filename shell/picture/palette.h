/* shell/picture/palette.h - the colours of a picture, as indices of a terminal's 256 colours.
 * SPDX-License-Identifier: MIT
 *
 * The colours are those of Okabe and Ito (Color Universal Design, 2008), at the nearest index whose distance from the others is
 * large. tests/host/shell/test_palette.c simulates the three kinds of dichromatic vision and measures every pair.
 */
#pragma once
#include <stdint.h>

/* INK_PLAIN: the terminal's own two colours. */
enum ink { INK_PLAIN, INK_BLUE, INK_PURPLE, INK_ORANGE, INK_YELLOW, INK_GREEN, INK_SKY, INK_VERMILLION, INK_GREY, INKS };

/* Indices of xterm's table: 16 to 231 a cube of 6 x 6 x 6, 232 to 255 greys. */
struct ink_colour { uint8_t background, foreground; };
extern const struct ink_colour ink_colours[INKS];
