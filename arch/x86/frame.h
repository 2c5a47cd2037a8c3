/* arch/x86/frame.h - struct trap_frame of whichever width is built.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#ifdef __x86_64__
#include "arch/x86/x86_64/frame.h"
#else
#include "arch/x86/i386/frame.h"
#endif
