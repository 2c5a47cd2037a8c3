/* kernel/main.c - the kernel's first C at its own address: console, memory map, identity map gone, shell.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/kernel.h"
#include "arch_layout.h"
#include "arch/machine.h"
#include "boot/record.h"
#include "boot/x86/image.h"
#include "kernel/string.h"

STATIC_ASSERT(boot_info_has_the_room_that_assembly_gives_it, sizeof(struct boot_info) <= BOOT_INFO_BYTES);
STATIC_ASSERT(image_magic_is_one, IMAGE_MAGIC_WORD == IMAGE_MAGIC);

struct memmap ram;
static struct pt_mode mode;

static void *direct(paddr_t pa, size_t n)
{
	return pa.v + n <= boot_info.mapped ? (void *)(uintptr_t)(DIRECT_MAP_BASE + pa.v) : NULL;
}

static err_t read_phys(void *ctx, paddr_t pa, void *buf, size_t n)
{
	const void *p = direct(pa, n);

	(void)ctx;
	if (!p)
		return ERR_IO;
	memcpy(buf, p, n);
	return OK;
}

static err_t read_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t *out)
{
	out->v = 0;
	return read_phys(ctx, pa, out, bytes);
}

static void store_entry(void *ctx, paddr_t pa, unsigned bytes, pte_t old, pte_t new, const char *why)
{
	(void)ctx;
	(void)why;
	arch_entry_store(direct(pa, bytes), bytes, old.v, new.v);
}

static err_t no_register(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	return arch_register(name, value) ? OK : ERR_NOT_FOUND;
}

static err_t no_symbol(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	(void)name;
	(void)value;
	return ERR_NOT_FOUND;
}

static err_t no_symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	(void)ctx;
	(void)va;
	(void)name;
	(void)offset;
	return ERR_NOT_FOUND;
}

static const struct pt_env env = { .read = read_entry, .store = store_entry };

struct target live_target = {
	.name = "live", .mode = &mode, .env = &env, .direct_base = DIRECT_MAP_BASE, .direct_size = DIRECT_MAP_SIZE,
	.read_phys = read_phys, .reg = no_register, .symbol = no_symbol, .symbol_at = no_symbol_at,
};

static void describe_machine(void)
{
	bool pae = boot_info.format == BOOT_FORMAT_PAE;

	mode = (struct pt_mode){
		.format = pae ? &pt_pae : &pt_legacy, .levels = pae ? 3 : 2, .pa_bits = boot_info.pa_bits,
		.nx = boot_info.nx, .pse = boot_info.pse, .pge = boot_info.pge, .wp = boot_info.wp,
	};
	live_target.root = live_target.hw_root = PADDR(boot_info.root);
	live_target.selfmap_base = pae ? SELFMAP_PAE : SELFMAP_LEGACY;
}

static void note(uint32_t stage)
{
	struct boot_step *s = &boot_info.step[boot_info.step_count++];

	s->stage = stage;
	s->pc = (uintptr_t)__builtin_return_address(0);
	s->sp = (uintptr_t)__builtin_frame_address(0);
	arch_control_registers(boot_info.cpuid, boot_info.nx, s->ctl);
	boot_record_write(direct(PADDR(BOOT_RECORD_PA), sizeof(struct boot_record)), stage);
}

/* The lower half has served: from here on a null pointer is a fault again. */
static void drop_identity(void)
{
	struct pt_space space = target_space(&live_target);
	uint64_t step = pt_level_size(mode.format, mode.format->sync_level);

	for (uint64_t va = 0; va < boot_info.mapped; va += step) {
		unsigned level = mode.format->sync_level;
		paddr_t at;
		pte_t old;

		if (pt_slot(&space, va, &level, &at, &old) == OK)
			env.store(NULL, at, mode.format->entry_bytes, old, PTE(0), "identity map dropped");
	}
	/* Its pages are not global: loading the root again forgets them all. */
	arch_load_root(boot_info.root);
}

_Noreturn void kmain(struct boot_info *info);
_Noreturn void kmain(struct boot_info *info)
{
	err_t err;

	(void)info;
	arch_init_traps();
	describe_machine();
	note(STAGE_HIGH);
	err = memmap_init(&ram, boot_info.range, boot_info.range_count, mode.pa_bits);
	if (err != OK)
		out_printf(&console, "memory map: %s; %llu bytes left alone\n", err_text(err),
		           (unsigned long long)ram.dropped);
	if (!(boot_info.flags & BOOT_KEEP_IDENTITY)) {
		drop_identity();
		note(STAGE_IDENTITY);
	}
	out_printf(&console, "Pageturner, %s, %llu KiB of RAM. `help` lists the commands, `poweroff` leaves.\n",
	           mode.format->title, (unsigned long long)memmap_bytes(&ram) >> 10);
	boot_record_write(direct(PADDR(BOOT_RECORD_PA), sizeof(struct boot_record)), STAGE_END);
	shell_run();
}
