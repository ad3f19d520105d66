// Frames that the receiver has not on its disk yet: a ring of slots in memory that the device gives. When it is full,
// the oldest frame goes; its number stays unused, so the receiver knows what is missing.
#ifndef FRAME_QUEUE_H
#define FRAME_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint8_t *slots;
  size_t slot_bytes;  // of one frame, header included
  uint32_t capacity;  // frames, a power of two: slots must go on where numbers begin anew
  uint32_t first_seq; // the oldest frame that is kept
  uint32_t next_seq;  // the frame that is to be added
  uint32_t send_seq;  // the frame that is to be sent
  uint32_t dropped;   // frames that went because the ring was full
} frame_queue;

// `memory` holds `capacity` * `slot_bytes` bytes: on an ESP32 best in PSRAM (a minute of 16 kHz ADPCM is 530 kB).
void frame_queue_init(frame_queue *queue, uint8_t *memory, size_t slot_bytes, uint32_t capacity);

// The place of the next frame, to be filled; its number is `next_seq`. Then `frame_queue_added`.
uint8_t *frame_queue_place(frame_queue *queue);
void frame_queue_added(frame_queue *queue);

// The next frame to be sent, or NULL; when it is sent, `frame_queue_sent`.
const uint8_t *frame_queue_to_send(const frame_queue *queue);
void frame_queue_sent(frame_queue *queue);

// Everything before `seq` is on the receiver's disk.
void frame_queue_acknowledged(frame_queue *queue, uint32_t seq);

// A new connection, whose first acknowledgement says `seq`: what was sent from there on is sent again.
void frame_queue_resume(frame_queue *queue, uint32_t seq);

#ifdef __cplusplus
}
#endif
#endif
