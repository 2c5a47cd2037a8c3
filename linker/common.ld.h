/* linker/common.ld.h - what every linker script places in the same way.
 * SPDX-License-Identifier: MIT
 *
 * The preprocessor reads a script first, so arch_layout.h can be included and these are macros.
 */
#pragma once

/* A table that files add to by putting structs in sections NAME.something; sorted by that something. */
#define LINKER_TABLE(name)                  \
	. = ALIGN(8);                       \
	name##_start = .;                   \
	KEEP(*(SORT(.name.*)))              \
	name##_end = .;

/* Inside .rodata. */
#define LINKER_TABLES                       \
	LINKER_TABLE(commands)              \
	LINKER_TABLE(kernel_tests)          \
	LINKER_TABLE(disk_drivers)          \
	LINKER_TABLE(lessons)               \
	. = ALIGN(8);                       \
	fixups_start = .;                   \
	KEEP(*(.fixups .fixups.*))          \
	fixups_end = .;

/* The symbol table (tools/symtab) is loaded behind all the rest, so that nothing moves when it is filled in; at a
 * page of its own, else .bss in front of it would become bytes of the file. */
#define SYMBOLS KEEP(*(.symbols))

/* Not loaded, or refused: the build links with --orphan-handling=error. */
#define DEBUG_SECTION(name) .debug_##name 0 : { *(.debug_##name) }
#define NOT_LOADED \
	DEBUG_SECTION(aranges) DEBUG_SECTION(info) DEBUG_SECTION(abbrev) \
	DEBUG_SECTION(line) DEBUG_SECTION(frame) DEBUG_SECTION(str) \
	DEBUG_SECTION(loc) DEBUG_SECTION(loclists) DEBUG_SECTION(rnglists) \
	DEBUG_SECTION(ranges) DEBUG_SECTION(line_str) DEBUG_SECTION(macro) \
	DEBUG_SECTION(pubnames) DEBUG_SECTION(pubtypes) DEBUG_SECTION(types) \
	DEBUG_SECTION(addr) DEBUG_SECTION(str_offsets) \
	.symtab 0 : { *(.symtab) } .strtab 0 : { *(.strtab) } .shstrtab 0 : { *(.shstrtab) } \
	.ARM.attributes 0 : { *(.ARM.attributes) } \
	/DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) *(.gnu.*) *(.ARM.ex*) *(.got*) *(.igot*) *(.plt*) \
		*(.iplt) *(.rel*) *(.vfp11_veneer .v4_bx .glue_7 .glue_7t) }
