#include "frame_queue.h"

// Numbers go round at 2^32: what is ahead is so by less than half of that.
static bool is_before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }

static uint8_t *slot(const frame_queue *queue, uint32_t seq) {
  return queue->slots + (size_t)(seq % queue->capacity) * queue->slot_bytes;
}

void frame_queue_init(frame_queue *queue, uint8_t *memory, size_t slot_bytes, uint32_t capacity) {
  *queue = (frame_queue){.slots = memory, .slot_bytes = slot_bytes, .capacity = capacity};
}

uint8_t *frame_queue_place(frame_queue *queue) {
  if (queue->next_seq - queue->first_seq == queue->capacity) {
    if (queue->send_seq == queue->first_seq) queue->send_seq++;
    queue->first_seq++;
    queue->dropped++;
  }
  return slot(queue, queue->next_seq);
}

void frame_queue_added(frame_queue *queue) { queue->next_seq++; }

const uint8_t *frame_queue_to_send(const frame_queue *queue) {
  return queue->send_seq == queue->next_seq ? NULL : slot(queue, queue->send_seq);
}

void frame_queue_sent(frame_queue *queue) { queue->send_seq++; }

void frame_queue_acknowledged(frame_queue *queue, uint32_t seq) {
  if (is_before(queue->next_seq, seq)) seq = queue->next_seq; // it cannot have what we have not made
  if (is_before(queue->first_seq, seq)) queue->first_seq = seq;
  if (is_before(queue->send_seq, queue->first_seq)) queue->send_seq = queue->first_seq;
}

void frame_queue_resume(frame_queue *queue, uint32_t seq) {
  frame_queue_acknowledged(queue, seq);
  queue->send_seq = queue->first_seq;
}
