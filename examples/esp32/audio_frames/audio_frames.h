// Handshake, frames and acknowledgements of the audio receiver: docs/protocol.md. Plain C99; works on any byte order.
#ifndef AUDIO_FRAMES_H
#define AUDIO_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AUDIO_HANDSHAKE_BYTES 32
#define AUDIO_FRAME_HEADER_BYTES 12
#define AUDIO_ACK_BYTES 16
// To be offered as Sec-WebSocket-Protocol by a device that keeps its audio until it is acknowledged.
#define AUDIO_ACK_SUBPROTOCOL "audio-ack.v1"

typedef enum { AUDIO_PCM16 = 0, AUDIO_IMA_ADPCM = 1 } audio_codec;

typedef struct {
  uint32_t stream_id;
  uint32_t sample_rate;   // Hz, 1000 ... 384000
  uint16_t channels;      // 1; these examples send mono
  audio_codec codec;
  uint16_t frame_samples; // samples of a full frame
  uint64_t timestamp_ms;  // Unix time; names the session. 0 = no clock, and no session that goes on
} audio_handshake;

// The receiver has everything before `next_seq` on its disk.
typedef struct {
  uint32_t next_seq;
  uint64_t session; // the handshake's timestamp_ms
} audio_ack;

void audio_write_handshake(const audio_handshake *handshake, uint8_t out[AUDIO_HANDSHAKE_BYTES]);

// What stands in front of a payload of `payload_bytes` bytes; `seq` begins with 0 and grows by 1.
void audio_write_frame_header(audio_codec codec, uint32_t payload_bytes, uint32_t seq,
                              uint8_t out[AUDIO_FRAME_HEADER_BYTES]);

// False for a message that is no acknowledgement.
bool audio_read_ack(const uint8_t *message, size_t bytes, audio_ack *ack);

#ifdef __cplusplus
}
#endif
#endif
