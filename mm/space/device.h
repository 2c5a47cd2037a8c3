/* mm/space/device.h - permanent kernel addresses of device registers.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "lib/addr.h"
#include "lib/err.h"
#include <stddef.h>

/* Maps physical bytes uncached in the device windows, for the life of the kernel; every root has the mapping. ERR_RANGE: an entry
 * of this format cannot hold the address; ERR_NO_MEMORY: no table, or the windows are full. */
MUST_USE err_t device_map(paddr_t pa, size_t bytes, void **out);
