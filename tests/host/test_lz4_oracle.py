# tests/host/test_lz4_oracle.py - the lz4 program reads what lib/lz4.c writes, and lib/lz4.c reads what the program writes.
# SPDX-License-Identifier: MIT
"""The program's files are frames (lz4_Frame_format.md): magic number, descriptor with its checksum, blocks, an end mark."""
import random
import shutil
import struct
import subprocess

import pytest
from test_host import HOST

MAGIC = 0x184D2204
WHOLE = 1 << 31         # of a block's size: it is not compressed
PRIMES = (2654435761, 2246822519, 3266489917, 668265263, 374761393)


def xxh32(data):
    """Of fewer than 16 bytes, seed 0 (xxhash_spec.md): the descriptor's checksum is its second byte."""
    h = PRIMES[4] + len(data)
    for i in range(0, len(data) - 3, 4):
        h = (h + struct.unpack_from("<I", data, i)[0] * PRIMES[2]) & 0xffffffff
        h = ((h << 17 | h >> 15) & 0xffffffff) * PRIMES[3] & 0xffffffff
    for byte in data[len(data) // 4 * 4:]:
        h = (h + byte * PRIMES[4]) & 0xffffffff
        h = ((h << 11 | h >> 21) & 0xffffffff) * PRIMES[0] & 0xffffffff
    for shift, prime in ((15, PRIMES[1]), (13, PRIMES[2]), (16, 1)):
        h = (h ^ h >> shift) * prime & 0xffffffff
    return h


def frame(block):
    descriptor = bytes([0x60, 0x40])        # version 1, independent blocks, no checksums; blocks up to 64 KiB
    head = struct.pack("<I", MAGIC) + descriptor + bytes([xxh32(descriptor) >> 8 & 0xff])
    return head + struct.pack("<I", len(block)) + block + bytes(4)


def blocks(data):
    """[(is it compressed, block)] of a frame without a content size."""
    magic, flags = struct.unpack_from("<IB", data)
    assert magic == MAGIC and not flags & 0x08
    at, found = 7, []
    while True:
        size = struct.unpack_from("<I", data, at)[0]
        if size == 0:
            return found
        length = size & ~WHOLE
        found.append((not size & WHOLE, data[at + 4:at + 4 + length]))
        at += 4 + length + (4 if flags & 0x10 else 0)


def run(arguments, data):
    return subprocess.run(arguments, input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout


def contents(rng):
    n = rng.choice((1, 12, 13, 100, 4095, 4096, 4096, 4096, 20000, 65000))
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randbytes(n)
    if kind == 1:
        return bytes(n)
    if kind == 2:
        return (rng.randbytes(rng.randint(1, 300)) * n)[:n]
    if kind == 3:
        return b"".join(struct.pack("<I", 0xc0100000 + rng.randrange(64) * 16) for _ in range(n // 4 + 1))[:n]
    return bytes(rng.choice(b"the page table entry") for _ in range(n))


@pytest.mark.parametrize("seed", range(40))
def test_both_ways(seed):
    lz4 = shutil.which("lz4")
    assert lz4, "tools/setup installs lz4"
    rng = random.Random(seed)
    data = contents(rng)
    block = run([HOST / "lib_lz4", "compress"], data)
    assert run([lz4, "-d", "-c"], frame(block)) == data
    made = blocks(run([lz4, f"-{rng.choice((1, 1, 9, 12))}", "-B4", "-BI", "--no-frame-crc", "-c"], data))
    assert len(made) == 1
    packed, part = made[0]
    assert (run([HOST / "lib_lz4", "decompress", str(len(data))], part) if packed else part) == data
