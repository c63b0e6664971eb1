/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: 2026 The ptcap authors
 *
 * How a fuzzing pipeline uses ptcap/coverage.h: 10,000 small traces of one
 * function, each with its own path, into one map.
 *
 * The traces are made here, so that the sample needs no hardware: a PSB, then
 * a run of the loop `l: dec ecx; jnz l; ret` whose length is the input.
 */
#include <ptcap/coverage.h>
#include <stdio.h>
#include <string.h>

/* At 0x1000: ff c9, 75 fc, c3. */
static const uint8_t kCode[] = {0xff, 0xc9, 0x75, 0xfc, 0xc3};

static size_t make_trace(uint8_t* out, unsigned rounds) {
  static const uint8_t kPsb[16] = {0x02, 0x82, 0x02, 0x82, 0x02, 0x82,
                                   0x02, 0x82, 0x02, 0x82, 0x02, 0x82,
                                   0x02, 0x82, 0x02, 0x82};
  /* MODE.Exec 64, PSBEND; TIP.PGE 0x1000; then the branches. */
  static const uint8_t kStart[] = {0x99, 0x01, 0x02, 0x23, 0x71, 0x00,
                                   0x10, 0x00, 0x00, 0x00, 0x00};
  uint8_t* at = out;
  memcpy(at, kPsb, sizeof(kPsb));
  at += sizeof(kPsb);
  memcpy(at, kStart, sizeof(kStart));
  at += sizeof(kStart);
  for (; rounds > 1; --rounds) *at++ = 0x06; /* TNT: taken */
  *at++ = 0x04;                              /* TNT: not taken */
  *at++ = 0x01;                              /* TIP.PGD: out of the function */
  return (size_t)(at - out);
}

int main(void) {
  const struct ptcap_image image = {0x1000, kCode, sizeof(kCode)};
  static uint8_t map[PTCAP_COVERAGE_MAP_SIZE];
  struct ptcap_coverage* coverage = ptcap_coverage_new(&image, 1, NULL);
  if (coverage == NULL) {
    fprintf(stderr, "many_traces: no memory for a decoder\n");
    return 1;
  }
  uint64_t edges = 0;
  uint64_t gaps = 0;
  for (unsigned i = 0; i < 10000; ++i) {
    uint8_t trace[256];
    struct ptcap_coverage_result result;
    const size_t size = make_trace(trace, 1 + i % 200);
    if (ptcap_coverage_run(coverage, trace, size, map, &result) ==
        PTCAP_COVERAGE_FAILED) {
      fprintf(stderr, "many_traces: trace %u: no memory to decode it\n", i);
      return 1;
    }
    edges += result.edges;
    gaps += result.gaps;
  }
  unsigned hit = 0;
  for (size_t i = 0; i < sizeof(map); ++i) hit += map[i] != 0;
  ptcap_coverage_free(coverage);
  printf("10000 traces, %llu branches, %u map entries, %llu gaps\n",
         (unsigned long long)edges, hit, (unsigned long long)gaps);
  return edges == 1005000 && hit == 2 && gaps == 0 ? 0 : 1;
}
