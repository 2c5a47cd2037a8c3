# mk/arch.mk - the table of architectures: compiler, flags, devices, emulator.
# SPDX-License-Identifier: MIT
#
# An architecture is built when linker/<arch>.ld exists. One more costs its block here, nothing else in the build.

ARCHES := $(filter $(basename $(notdir $(wildcard linker/*.ld))),i386 x86_64 armv7)
# What compiles and links and does not run: docs/porting.md. `make ARCH=none port` builds one, `make all` each.
PORTS := none

# The first of some prefixes whose gcc is installed; CROSS names the one for $(ARCH), CROSS_<arch> for any.
prefix_of = $(firstword $(foreach p,$(1),$(if $(shell command -v $(p)gcc),$(p))) $(firstword $(1)))
# CROSS_FOR: the ARCH to which CROSS applies, when other architectures are built too.
export CROSS_FOR ?= $(ARCH)
ifneq ($(origin CROSS),undefined)
CROSS_$(CROSS_FOR) := $(CROSS)
endif
CROSS_i386   ?= $(call prefix_of,i686-elf- i686-linux-gnu-)
CROSS_x86_64 ?= $(call prefix_of,x86_64-elf- x86_64-linux-gnu-)
CROSS_armv7  ?= $(call prefix_of,arm-none-eabi-)
CROSS_none   ?= $(CROSS_x86_64)

# CC=clang, or another name of it, compiles the kernels, boot stages and programs of the architectures that have CLANG
# below. The prefix's gcc still links: for its libgcc and its linker.
CLANG := $(if $(findstring clang,$(notdir $(firstword $(CC)))),$(CC))
# What only gcc has. No program needs one of them: they make it smaller or faster, or silence a warning of gcc.
GCC_ONLY = --param=% -mpreferred-stack-boundary=% -falign-jumps=% -falign-labels=%
# $(call compiler,PREFIX,FLAGS OF CLANG,FLAGS)
compiler = $(if $(and $(CLANG),$(2)),$(CLANG) $(2) $(filter-out $(GCC_ONLY),$(3)),$(1)gcc $(3))

# family     the directories arch/<family> and boot/<family>
# FLAGS      of the kernel          LDFLAGS  what its links need more
# CLANG BOOT_CLANG  what Clang needs instead of a prefix; none: it has no flag for something that the kernel needs
# BOOT_CROSS BOOT_FLAGS BOOT_LDFLAGS  the same for the boot stage, which on x86_64 is a 32-bit program
# FORMATS    the files of paging/ with the formats of its own MMU
# LIBS       what the compiler calls for arithmetic, where it calls
# DEV        drivers of drivers/, % as in patterns of make
# QEMU       the emulator and its machine
# EXIT       what lets the kernel end QEMU with a status other than 0
# DISK       QEMU's device for the page files of `make run`
# IMAGE      what -kernel is given: elf, or bin

i386_FAMILY       := x86
# Arguments and one-member structs in registers, a stack aligned to words: shorter and faster. Not in the boot stage,
# which has libgcc's division. Targets of jumps begin lines of a 486's cache otherwise: on all that came after it the
# padding only costs.
i386_FLAGS         = -m32 -march=i486 -mregparm=3 -freg-struct-return -mpreferred-stack-boundary=2 \
                     -falign-functions=4 -falign-jumps=1 -falign-loops=1 -falign-labels=1
i386_CLANG         = --target=i686-linux-gnu -mstack-alignment=4
i386_USER_FLAGS    = -m32 -march=i486
i386_LDFLAGS       = -m32
i386_BOOT_CLANG    = $(i386_CLANG)
i386_BOOT_CROSS    = $(CROSS_i386)
i386_BOOT_FLAGS    = -m32 -march=i486
i386_BOOT_LDFLAGS  = $(i386_LDFLAGS)
i386_DEV          := uart_16550 block pci disk_virtio disk_virtio_pci disk_virtio_legacy disk_virtio_modern disk_ata
i386_QEMU          = qemu-system-i386 -cpu max
i386_EXIT          = -device isa-debug-exit,iobase=0xf4,iosize=4
i386_DISK          = virtio-blk-pci
i386_GDB           = gdb
i386_PAGING       := pae legacy
i386_FORMATS      := x86_legacy x86_64bit

x86_64_FAMILY     := x86
x86_64_FLAGS       = -m64 -mno-red-zone -mcmodel=kernel -mgeneral-regs-only
x86_64_CLANG       = --target=x86_64-linux-gnu
x86_64_LDFLAGS     = -m64
x86_64_BOOT_CLANG  = $(i386_CLANG)
x86_64_BOOT_CROSS  = $(CROSS_i386)
x86_64_BOOT_FLAGS  = -m32 -march=i486
x86_64_BOOT_LDFLAGS = -m32
x86_64_DEV        := uart_16550 block pci disk_virtio disk_virtio_pci disk_virtio_legacy disk_virtio_modern disk_ata
x86_64_QEMU        = qemu-system-x86_64 -cpu max
x86_64_EXIT        = $(i386_EXIT)
x86_64_DISK        = $(i386_DISK)
x86_64_GDB         = gdb
x86_64_PAGING     := x64 la57
x86_64_FORMATS    := x86_64bit

armv7_FAMILY      := arm
# Back-traces follow the frames of -mapcs-frame, which Clang lacks.
# This compiler makes 32-bit integers of `long`, all others of `int`: one format string must do for all.
armv7_FLAGS        = -marm -march=armv7-a -mgeneral-regs-only -mno-unaligned-access -mapcs-frame \
                     -U__INT32_TYPE__ -D__INT32_TYPE__=int -U__UINT32_TYPE__ '-D__UINT32_TYPE__=unsigned int'
armv7_LIBS         = -lgcc
armv7_LDFLAGS      = -marm -march=armv7-a
armv7_BOOT_CROSS   = $(CROSS_armv7)
armv7_BOOT_FLAGS   = $(armv7_FLAGS)
armv7_BOOT_LDFLAGS = $(armv7_LDFLAGS)
armv7_DEV         := uart_pl011 block disk_virtio disk_virtio_mmio
armv7_QEMU         = qemu-system-arm -M virt -cpu cortex-a15
armv7_EXIT         = -semihosting-config enable=on,target=native
armv7_DISK         = virtio-blk-device
armv7_GDB          = gdb-multiarch
armv7_PAGING      := short lpae
armv7_FORMATS     := armv7_short arm_long
armv7_IMAGE       := bin

# The empty port: any compiler of 64-bit programs will do. Nothing calls most of the kernel here: all of it is linked
# nevertheless, so that what the contract (arch/*.h) asks for and arch/none/ lacks is an error.
none_FAMILY       := none
none_FLAGS         =
none_LDFLAGS       =
none_LIBS          = -Wl,--no-gc-sections
none_BOOT_CROSS    = $(CROSS_none)
none_BOOT_FLAGS    = $(none_FLAGS)
none_BOOT_LDFLAGS  = $(none_LDFLAGS)
none_DEV          := uart_none block
none_FORMATS      := x86_64bit
