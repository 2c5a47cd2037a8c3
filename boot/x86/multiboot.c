/* boot/x86/multiboot.c - what the loader left in memory, multiboot 1 or 2, as a struct boot_info.
 * SPDX-License-Identifier: MIT
 *
 * Multiboot 0.6.96 section 3.3, Multiboot 2.0 section 3.6. Offsets are the specifications'.
 */
#include "boot/x86/multiboot.h"
#include "boot/x86/boot.h"
#include "lib/string.h"

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name;
};
struct mb1_mmap { uint32_t size; uint64_t base, len; uint32_t type; } __attribute__((packed));
struct mb1_module { uint32_t start, end, string, reserved; };

struct mb2_tag { uint32_t type, size; };
struct mb2_module { struct mb2_tag tag; uint32_t start, end; char string[]; };
struct mb2_mmap { struct mb2_tag tag; uint32_t entry_size, version; };
struct mb2_range { uint64_t base, len; uint32_t type, zero; };
struct mb2_framebuffer { struct mb2_tag tag; uint64_t addr; uint32_t pitch, width, height; uint8_t bpp, type; };

static const void *at(uint32_t pa) { return (const void *)(uintptr_t)pa; }

void boot_parse_multiboot1(uint32_t pointer, struct boot_info *info)
{
	const struct mb1_info *mb = at(pointer);
	const struct mb1_module *mod = at(mb->mods_addr);

	info->loader = LOADER_MULTIBOOT1;
	if (mb->flags & MB1_INFO_CMDLINE)
		boot_set_cmdline(info, at(mb->cmdline));
	if (mb->flags & MB1_INFO_LOADER)
		str_copy(info->loader_name, at(mb->loader_name), sizeof(info->loader_name));
	/* Multiboot 1 (3.3) leaves open what the command line begins with: QEMU and GRUB Legacy give the file's name. */
	if (!strncmp(info->loader_name, "qemu", 4) || info->cmdline[0] == '/' || info->cmdline[0] == '(')
		info->flags |= BOOT_NAMES_FILE;
	for (uint32_t i = 0; (mb->flags & MB1_INFO_MODULES) && i < mb->mods_count; i++)
		boot_add_module(info, mod[i].start, mod[i].end - mod[i].start, mod[i].string ? at(mod[i].string) : "");
	for (uint32_t p = mb->mmap_addr; (mb->flags & MB1_INFO_MMAP) && p < mb->mmap_addr + mb->mmap_length; ) {
		const struct mb1_mmap *m = at(p);

		boot_add_range(info, m->base, m->len, m->type);
		p += m->size + sizeof(m->size);
	}
}

static void parse_mb2_mmap(const struct mb2_mmap *t, struct boot_info *info)
{
	uint32_t first = (uint32_t)(uintptr_t)(t + 1), end = (uint32_t)(uintptr_t)t + t->tag.size;

	for (uint32_t p = first; p + sizeof(struct mb2_range) <= end; p += t->entry_size) {
		const struct mb2_range *r = at(p);

		boot_add_range(info, r->base, r->len, r->type);
	}
}

static void parse_mb2_tag(const struct mb2_tag *tag, struct boot_info *info)
{
	const struct mb2_module *m = (const void *)tag;
	const struct mb2_framebuffer *fb = (const void *)tag;
	const char *string = (const char *)(tag + 1);

	switch (tag->type) {
	case MB2_TAG_CMDLINE:
		boot_set_cmdline(info, string);
		break;
	case MB2_TAG_LOADER:
		str_copy(info->loader_name, string, sizeof(info->loader_name));
		break;
	case MB2_TAG_MODULE:
		boot_add_module(info, m->start, m->end - m->start, m->string);
		break;
	case MB2_TAG_MMAP:
		parse_mb2_mmap((const void *)tag, info);
		break;
	case MB2_TAG_FRAMEBUFFER:
		info->framebuffer = fb->addr;
		info->fb_width = fb->width;
		info->fb_height = fb->height;
		info->fb_pitch = fb->pitch;
		info->fb_bpp = fb->bpp;
		break;
	case MB2_TAG_RSDP_V1:
	case MB2_TAG_RSDP_V2:
		boot_set_rsdp(info, string);
		break;
	default:
		break;
	}
}

void boot_parse_multiboot2(uint32_t pointer, struct boot_info *info)
{
	const uint32_t *head = at(pointer);   /* total size, reserved, tags */
	const struct mb2_tag *tag;

	info->loader = LOADER_MULTIBOOT2;
	for (uint32_t p = pointer + 8; p < pointer + head[0]; p += ALIGN_UP(tag->size, 8u)) {
		tag = at(p);
		if (tag->type == MB2_TAG_END)
			break;
		parse_mb2_tag(tag, info);
	}
}
