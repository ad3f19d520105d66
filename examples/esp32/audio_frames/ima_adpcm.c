#include "ima_adpcm.h"

#define LAST_STEP 88

static const int16_t STEPS[LAST_STEP + 1] = {
    7,     8,     9,     10,    11,    12,    13,    14,    16,    17,    19,    21,    23,    25,   28,
    31,    34,    37,    41,    45,    50,    55,    60,    66,    73,    80,    88,    97,    107,  118,
    130,   143,   157,   173,   190,   209,   230,   253,   279,   307,   337,   371,   408,   449,  494,
    544,   598,   658,   724,   796,   876,   963,   1060,  1166,  1282,  1411,  1552,  1707,  1878, 2066,
    2272,  2499,  2749,  3024,  3327,  3660,  4026,  4428,  4871,  5358,  5894,  6484,  7132,  7845, 8630,
    9493,  10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767};

// By the three bits of the magnitude.
static const int8_t STEP_CHANGES[8] = {-1, -1, -1, -1, 2, 4, 6, 8};

static int32_t clamped(int32_t value, int32_t least, int32_t most) {
  return value < least ? least : value > most ? most : value;
}

// What every decoder does with a nibble; the encoder does it too, to know what will be heard.
static void follow(ima_state *state, uint8_t nibble) {
  const int32_t step = STEPS[state->step_index];
  int32_t difference = step >> 3;
  if (nibble & 4) difference += step;
  if (nibble & 2) difference += step >> 1;
  if (nibble & 1) difference += step >> 2;
  const int32_t predictor = state->predictor + (nibble & 8 ? -difference : difference);
  state->predictor = clamped(predictor, INT16_MIN, INT16_MAX);
  state->step_index = clamped(state->step_index + STEP_CHANGES[nibble & 7], 0, LAST_STEP);
}

static uint8_t encode_sample(ima_state *state, int16_t sample) {
  int32_t step = STEPS[state->step_index];
  int32_t distance = sample - state->predictor;
  uint8_t nibble = 0;
  if (distance < 0) {
    nibble = 8;
    distance = -distance;
  }
  for (uint8_t bit = 4; bit > 0; bit >>= 1, step >>= 1) {
    if (distance < step) continue;
    nibble |= bit;
    distance -= step;
  }
  follow(state, nibble);
  return nibble;
}

size_t ima_encode(ima_state *state, const int16_t *samples, size_t count, uint8_t *block) {
  block[0] = (uint8_t)(state->predictor & 0xff);
  block[1] = (uint8_t)((state->predictor >> 8) & 0xff);
  block[2] = (uint8_t)state->step_index;
  block[3] = 0;
  uint8_t *out = block + 4;
  for (size_t i = 0; i < count; i += 2) { // the earlier sample in the low nibble
    const uint8_t low = encode_sample(state, samples[i]);
    const uint8_t high = i + 1 < count ? encode_sample(state, samples[i + 1]) : 0;
    *out++ = (uint8_t)(low | high << 4);
  }
  return (size_t)(out - block);
}

size_t ima_decode(const uint8_t *block, size_t bytes, int16_t *samples, size_t most) {
  if (bytes <= 4 || block[2] > LAST_STEP) return 0;
  ima_state state = {(int16_t)(block[0] | block[1] << 8), block[2]};
  size_t count = 0;
  for (size_t i = 4; i < bytes; i++) {
    for (int shift = 0; shift <= 4 && count < most; shift += 4) {
      follow(&state, block[i] >> shift & 15);
      samples[count++] = (int16_t)state.predictor;
    }
  }
  return count;
}
