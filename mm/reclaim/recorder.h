/* mm/reclaim/recorder.h - records the reference string of an address space.
 * SPDX-License-Identifier: MIT
 *
 *   by faults   The pages are closed (mm/space/recording.h). A fault opens one page and closes those that earlier instructions
 *               needed. Each page that an instruction needs is a reference, also when the instruction starts again after a fault.
 *               Not seen: uses of the pages that are open, until the next fault.
 *   by bits     A sample reads and clears the accessed bits. Not seen: the order and the number of uses between two samples.
 *
 * By faults, the pages in memory can be limited to a number of frames: the recorder's own instance of a replacement policy sees
 * each reference and chooses victims of this space only (local replacement). So the run can be compared with the simulator.
 *
 * One space is recorded at a time. The string stays until the next one begins.
 */
#pragma once
#include "mm/reclaim/recorded.h"
#include "mm/space/recording.h"

#define RECORDER_REFERENCES   0x10000u
#define RECORDER_PAGES        0x4000u
#define RECORDER_FRAMES_LEAST 8         /* one instruction can need six pages */

struct recorder_request {
	struct aspace *as;
	uint8_t mode;                   /* RECORDED_BITS, RECORDED_FAULTS */
	uint32_t room, pages_room;      /* references and pages */
	uint32_t frames;                /* by faults: most pages in memory; 0: no limit */
	const struct policy *policy;    /* of the limit */
};

enum recorder_end { RECORDER_RUNS, RECORDER_STOPPED, RECORDER_EXITED, RECORDER_FULL };

struct recorder_counts {
	uint64_t faults;            /* by faults: all of the space while it was recorded */
	uint64_t opened;            /* of these, on closed pages: without recording there would be none */
	uint64_t stores;            /* PTEs changed for the recording */
	uint64_t samples, tests;    /* by bits: samples, accessed bits read */
	uint64_t misses;            /* by faults: on pages that were not in memory */
	/* With a limit: victims, victims that could not be evicted, misses of pages that left memory for another reason. */
	uint64_t victims, refused, foreign;
};

struct recorder {
	struct aspace *as;          /* NULL: nothing is recorded */
	uint8_t mode;               /* of the string */
	enum recorder_end end;
	uint32_t frames;
	const struct policy *policy;
	uint32_t programs;          /* calls of exec */
	struct recorded string;
	struct recorder_counts counts;
};
/* For reading. */
extern struct recorder recorder;

/* Begins a new string; the old one is freed first. ERR_NO_MEMORY, ERR_EXISTS: a space is being recorded. */
MUST_USE err_t recorder_start(const struct recorder_request *q);
/* Ends the recording: all pages are open. The string stays. */
void recorder_stop(void);
/* exec: `as` replaces the recorded space, which is about to be destroyed. */
void recorder_follow(struct aspace *as);
/* By bits: one sample. */
void recorder_sample(void);
/* A value that is the same as long as user mode makes no progress: a fault with the same value and the same pc is of the same
 * instruction. NULL: pc decides alone. */
extern uint64_t (*recorder_progress)(const struct vm_fault *f);
