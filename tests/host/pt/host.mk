# tests/host/pt/host.mk - the walker's tests: every test under every variant of every format.
# SPDX-License-Identifier: MIT
HOST_TESTS += pt_decode pt_model pt_change pt_vectors
pt_PARTS := tests/host/pt/sim.c tests/host/pt/variants.c tests/host/pt/hw.c tests/host/pt/hw_x86.c tests/host/pt/hw_arm.c \
            $(wildcard mm/pt/*.c) kernel/str.c kernel/err.c
pt_decode_SRCS := tests/host/pt/test_decode.c $(pt_PARTS)
pt_model_SRCS := tests/host/pt/test_model.c $(pt_PARTS)
pt_change_SRCS := tests/host/pt/test_change.c $(pt_PARTS)
pt_vectors_SRCS := tests/host/pt/test_vectors.c $(pt_PARTS)
