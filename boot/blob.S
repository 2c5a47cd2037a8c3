/* boot/blob.S - the linked boot stage, byte for byte, at the front of the image.
 * SPDX-License-Identifier: MIT
 */
	.section .boot, "awx"
	.incbin BOOT_BLOB
