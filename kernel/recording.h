/* kernel/recording.h - which process is recorded (mm/reclaim/recorder.h), and the task that takes samples.
 * SPDX-License-Identifier: MIT
 */
#pragma once
#include "kernel/proc.h"
#include "mm/reclaim/recorder.h"

struct recording_order {
	uint8_t mode;               /* RECORDED_BITS, RECORDED_FAULTS */
	uint32_t frames;            /* by faults; 0: no limit */
	const struct policy *policy;    /* of the limit */
	uint32_t period;            /* by bits: timer ticks from sample to sample */
};

/* The process of the string, which may have exited. */
extern struct recorded_process {
	uint32_t pid;               /* 0: none yet */
	char name[16];
	uint32_t period;
	bool waiting;               /* for the next program that starts */
} recorded_process;

/* Records the process from now on. ERR_NO_MEMORY, ERR_EXISTS: another recording runs. */
MUST_USE err_t recording_start(struct proc *p, const struct recording_order *order);
/* The next program that `run` starts is recorded from its first instruction. */
void recording_await(const struct recording_order *order);
/* Ends the recording, or the wait. */
void recording_stop(void);
/* For kernel/proc.c: a program is about to run for the first time; exec replaces the space of a process. */
void recording_program_starts(struct proc *p);
void recording_space_changes(const struct aspace *old, struct proc *p);
