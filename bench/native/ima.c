/* Plain IMA ADPCM, as the textbook has it: bit by bit, one branch a comparison. The yardstick of the codec
 * table.
 *
 *   ima PCM_FILE FRAME_SAMPLES SECONDS ADPCM_OUT PCM_OUT
 *
 * PCM_FILE is s16le mono. Encodes and decodes all of it again and again for SECONDS of CPU time each, prints
 * {"encode": …, "decode": …} in million samples per CPU second and leaves both results for comparison.
 * A block: i16 predictor, u8 step index, u8 0 (the state before the first sample), then the nibbles,
 * the earlier sample in the low one.
 * "inline" matters: without it gcc -O2 calls decode_sample, and decodes at 0.7 of the speed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK_HEADER_BYTES = 4 };

static const int16_t STEPS[89] = {
    7,     8,     9,     10,    11,    12,    13,    14,    16,    17,    19,    21,    23,    25,    28,
    31,    34,    37,    41,    45,    50,    55,    60,    66,    73,    80,    88,    97,    107,   118,
    130,   143,   157,   173,   190,   209,   230,   253,   279,   307,   337,   371,   408,   449,   494,
    544,   598,   658,   724,   796,   876,   963,   1060,  1166,  1282,  1411,  1552,  1707,  1878,  2066,
    2272,  2499,  2749,  3024,  3327,  3660,  4026,  4428,  4871,  5358,  5894,  6484,  7132,  7845,  8630,
    9493,  10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767};
static const int8_t INDEX_STEPS[8] = {-1, -1, -1, -1, 2, 4, 6, 8};

struct coder {
  int predictor, step_index;
};

static inline void advance(struct coder *coder, int code, int difference) {
  int predictor = code & 8 ? coder->predictor - difference : coder->predictor + difference;
  if (predictor > 32767) predictor = 32767;
  if (predictor < -32768) predictor = -32768;
  int step_index = coder->step_index + INDEX_STEPS[code & 7];
  if (step_index < 0) step_index = 0;
  if (step_index > 88) step_index = 88;
  coder->predictor = predictor;
  coder->step_index = step_index;
}

static inline int encode_sample(struct coder *coder, int sample) {
  int step = STEPS[coder->step_index];
  int rest = sample - coder->predictor;
  int difference = step >> 3;
  int code = 0;
  if (rest < 0) code = 8, rest = -rest;
  if (rest >= step) code |= 4, rest -= step, difference += step;
  step >>= 1;
  if (rest >= step) code |= 2, rest -= step, difference += step;
  step >>= 1;
  if (rest >= step) code |= 1, difference += step;
  advance(coder, code, difference);
  return code;
}

static inline int decode_sample(struct coder *coder, int code) {
  int step = STEPS[coder->step_index];
  int difference = step >> 3;
  if (code & 4) difference += step;
  if (code & 2) difference += step >> 1;
  if (code & 1) difference += step >> 2;
  advance(coder, code, difference);
  return coder->predictor;
}

static void encode_all(const int16_t *pcm, long frames, int frame_samples, uint8_t *out) {
  struct coder coder = {0, 0};
  for (long frame = 0; frame < frames; frame++) {
    *out++ = (uint8_t)coder.predictor;
    *out++ = (uint8_t)(coder.predictor >> 8);
    *out++ = (uint8_t)coder.step_index;
    *out++ = 0;
    for (int i = 0; i < frame_samples; i += 2, pcm += 2) {
      int low = encode_sample(&coder, pcm[0]);
      *out++ = (uint8_t)(low | encode_sample(&coder, pcm[1]) << 4);
    }
  }
}

static void decode_all(const uint8_t *blocks, long frames, int frame_samples, int16_t *out) {
  for (long frame = 0; frame < frames; frame++) {
    struct coder coder = {(int16_t)(blocks[0] | blocks[1] << 8), blocks[2]};
    blocks += BLOCK_HEADER_BYTES;
    for (int i = 0; i < frame_samples; i += 2, blocks++) {
      *out++ = (int16_t)decode_sample(&coder, *blocks & 15);
      *out++ = (int16_t)decode_sample(&coder, *blocks >> 4);
    }
  }
}

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void save(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(bytes, 1, size, file) != size || fclose(file)) fail(path);
}

int main(int argc, char **argv) {
  if (argc != 6) return fprintf(stderr, "ima PCM_FILE FRAME_SAMPLES SECONDS ADPCM_OUT PCM_OUT\n"), 2;
  int frame_samples = atoi(argv[2]);
  double seconds = atof(argv[3]);
  FILE *file = fopen(argv[1], "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail(argv[1]);
  long frames = ftell(file) / 2 / frame_samples, samples = frames * frame_samples;
  size_t block_bytes = (size_t)frames * (BLOCK_HEADER_BYTES + frame_samples / 2);
  rewind(file);
  int16_t *pcm = malloc(samples * 2), *decoded = malloc(samples * 2);
  uint8_t *blocks = malloc(block_bytes);
  if (!pcm || !decoded || !blocks || fread(pcm, 2, samples, file) != (size_t)samples) fail(argv[1]);

  double started, encode_passes = 0, decode_passes = 0, encode_seconds, decode_seconds;
  encode_all(pcm, frames, frame_samples, blocks); /* touches the memory before the clock runs */
  for (started = cpu_seconds(); (encode_seconds = cpu_seconds() - started) < seconds; encode_passes++)
    encode_all(pcm, frames, frame_samples, blocks);
  decode_all(blocks, frames, frame_samples, decoded);
  for (started = cpu_seconds(); (decode_seconds = cpu_seconds() - started) < seconds; decode_passes++)
    decode_all(blocks, frames, frame_samples, decoded);

  save(argv[4], blocks, block_bytes);
  save(argv[5], decoded, samples * 2);
  printf("{\"encode\": %.3f, \"decode\": %.3f}\n", encode_passes * samples / encode_seconds / 1e6,
         decode_passes * samples / decode_seconds / 1e6);
  return 0;
}
