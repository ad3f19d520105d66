#include "audio_frames.h"

#define HANDSHAKE_MAGIC 0x41445043u
#define PCM_MAGIC 0x464D4350u
#define ADPCM_MAGIC 0x41445046u
#define ACK_MAGIC 0x464B4341u
#define VERSION 1

// Little-endian, whatever the processor is.
static void write_integer(uint8_t *out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t read_integer(const uint8_t *from, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
  return value;
}

void audio_write_handshake(const audio_handshake *handshake, uint8_t out[AUDIO_HANDSHAKE_BYTES]) {
  write_integer(out, HANDSHAKE_MAGIC, 4);
  write_integer(out + 4, VERSION, 2);
  write_integer(out + 6, AUDIO_HANDSHAKE_BYTES, 2);
  write_integer(out + 8, handshake->stream_id, 4);
  write_integer(out + 12, handshake->sample_rate, 4);
  write_integer(out + 16, handshake->channels, 2);
  write_integer(out + 18, handshake->codec, 2);
  write_integer(out + 20, handshake->frame_samples, 2);
  write_integer(out + 22, 0, 2);
  write_integer(out + 24, handshake->timestamp_ms, 8);
}

void audio_write_frame_header(audio_codec codec, uint32_t payload_bytes, uint32_t seq,
                              uint8_t out[AUDIO_FRAME_HEADER_BYTES]) {
  write_integer(out, codec == AUDIO_IMA_ADPCM ? ADPCM_MAGIC : PCM_MAGIC, 4);
  write_integer(out + 4, payload_bytes, 4);
  write_integer(out + 8, seq, 4);
}

bool audio_read_ack(const uint8_t *message, size_t bytes, audio_ack *ack) {
  if (bytes != AUDIO_ACK_BYTES || read_integer(message, 4) != ACK_MAGIC) return false;
  ack->next_seq = (uint32_t)read_integer(message + 4, 4);
  ack->session = read_integer(message + 8, 8);
  return true;
}
