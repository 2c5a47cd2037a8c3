/* arch/x86/x86_64/pvh_note.S - the PVH note with the 32-bit entry point of a 64-bit image, for `qemu -kernel`.
 * SPDX-License-Identifier: MIT
 *
 * An ELF note (Xen's elfnote.h). The loader reads eight bytes of an ELF64 and jumps with paging off.
 */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

	.section .note.pvh, "a", @note
	.balign 4
	.long	1f - 0f			/* bytes of name and of description */
	.long	3f - 2f
	.long	XEN_ELFNOTE_PHYS32_ENTRY
0:	.asciz	"Xen"
1:	.balign 4
2:	.quad	boot_entry_pa
3:
