/* isa/creg.h - macros for the tables of control registers; for the files of isa/ only.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "isa/isa.h"

#define FLAG(name, bit) { name, bit, 1, CREG_FLAG, NULL }
#define NUMBER(name, bit, width) { name, bit, width, CREG_NUMBER, NULL }
#define ADDRESS(name, bit, width) { name, bit, width, CREG_ADDRESS, NULL }
#define WORD(name, bit, width, words) { name, bit, width, CREG_WORD, words }
#define REG(name, digits, bits) { name, digits, ARRAY_LEN(bits), bits }
