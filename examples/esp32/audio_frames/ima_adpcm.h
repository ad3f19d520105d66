// IMA ADPCM, mono: 16 bits become 4. Plain C99, no allocation, no floating point.
#ifndef IMA_ADPCM_H
#define IMA_ADPCM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What the coder carries from one block to the next; all zero at the start of a stream.
typedef struct {
  int32_t predictor;  // -32768 ... 32767
  int32_t step_index; // 0 ... 88
} ima_state;

// Bytes of the block of so many samples: a header of 4, then two samples a byte.
#define IMA_BLOCK_BYTES(samples) (4 + ((samples) + 1) / 2)

// Encodes `count` samples into a block; `state` goes on to the next one. Returns the bytes written.
size_t ima_encode(ima_state *state, const int16_t *samples, size_t count, uint8_t *block);

// Decodes a block of `bytes` bytes. Returns the samples written, at most `most`; 0 for what is no block.
size_t ima_decode(const uint8_t *block, size_t bytes, int16_t *samples, size_t most);

#ifdef __cplusplus
}
#endif
#endif
