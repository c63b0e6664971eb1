/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: 2026 The ptcap authors
 *
 * Coverage of many short Intel PT traces of one program, for fuzzing
 * pipelines: give the code once, then trace after trace.
 *
 *   struct ptcap_image image = {0x401000, code, code_size};
 *   struct ptcap_coverage* c = ptcap_coverage_new(&image, 1, NULL);
 *   ptcap_coverage_run(c, trace, size, map, &result);
 *   ptcap_coverage_free(c);
 *
 * Plain C. A decoder belongs to one thread at a time; several decoders may run
 * at once. What a decoder has learnt stays from run to run: runs over known
 * ground are hundreds of times faster than first ones, and allocate nothing.
 */
#ifndef PTCAP_COVERAGE_H_
#define PTCAP_COVERAGE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PTCAP_COVERAGE_MAP_SIZE 65536

/* `bytes` stand at `address`. Borrowed as long as the decoder lives. */
struct ptcap_image {
  uint64_t address;
  const uint8_t* bytes;
  size_t size;
};

struct ptcap_coverage_options {
  /* 32 or 64: the mode until the trace says it; 0 is 64. */
  uint32_t mode;
  /* Of the CPU that traced, for its errata; all 0 is none. */
  uint32_t family, model, stepping;
  /* For what is learnt; 0 is 512 MB. Older knowledge goes when it is full. */
  uint64_t limit_bytes;
};

enum ptcap_coverage_status {
  PTCAP_COVERAGE_COMPLETE = 0,
  /* Parts of the trace could not be decoded: see `gaps`. */
  PTCAP_COVERAGE_GAPS = 1,
  /* Nothing was decoded: out of memory, or an argument that is no good. */
  PTCAP_COVERAGE_FAILED = 2,
};

struct ptcap_coverage_result {
  uint64_t gaps;       /* overflows, damage, code that is not there */
  uint64_t edges;      /* executed branches in all */
  uint64_t slow_bytes; /* of trace that libipt had to decode */
};

struct ptcap_coverage;

/* NULL if there is no memory. `options` may be NULL. */
struct ptcap_coverage* ptcap_coverage_new(
    const struct ptcap_image* images, size_t count,
    const struct ptcap_coverage_options* options);
void ptcap_coverage_free(struct ptcap_coverage* coverage);

/* Decodes one trace and adds its edges to `map` (PTCAP_COVERAGE_MAP_SIZE bytes
 * of the caller, cleared by him when he likes): each execution adds one, up to
 * 255, at (mix(to) ^ mix(from) >> 1) & 65535, with
 * mix(v) = (v ^ v >> 31) * 0x7fb5d329728ea185 in 64 bits. `map` and `result`
 * may be NULL. */
enum ptcap_coverage_status ptcap_coverage_run(
    struct ptcap_coverage* coverage, const uint8_t* trace, size_t size,
    uint8_t* map, struct ptcap_coverage_result* result);

/* A branch instruction at `from` that led to `to`, taken or not. */
struct ptcap_edge {
  uint64_t from;
  uint64_t to;
};

/* Where ptcap_coverage_edges() writes: `capacity` (not 0) edges and, unless it
 * is NULL, as many numbers of CPU cycles, all of the caller. `take` is called
 * whenever they are full and once in the end, with how many of them are
 * filled; they are filled anew when it returns. It must not call the decoder
 * nor leave by longjmp or an exception. */
struct ptcap_edge_buffer {
  struct ptcap_edge* edges;
  uint64_t* cycles; /* that CYC packets had counted when the edge was taken */
  size_t capacity;
  void (*take)(void* context, size_t count);
  void* context;
};

/* Decodes one trace and gives every edge, in the order in which they ran. No
 * map. The first trace with `cycles` makes the decoder forget what it learnt
 * without. `result` may be NULL. */
enum ptcap_coverage_status ptcap_coverage_edges(
    struct ptcap_coverage* coverage, const uint8_t* trace, size_t size,
    const struct ptcap_edge_buffer* buffer,
    struct ptcap_coverage_result* result);

#ifdef __cplusplus
}
#endif

#endif /* PTCAP_COVERAGE_H_ */
