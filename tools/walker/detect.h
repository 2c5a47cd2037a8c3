/* tools/walker/detect.h - searches an image for page tables.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "tools/walker/session.h"

/* Tries every format at every address that can be a root, and prints the best candidates. The exit status: FAILED if there are
 * none. */
int detect(struct session *s);
