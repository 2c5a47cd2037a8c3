/* lib/version.h - the version: `mmu` and `help` print it, and the ISO's volume name has it. CHANGELOG.md explains it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#define VERSION "0.9"
