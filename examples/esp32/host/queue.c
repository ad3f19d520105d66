// The frame queue, told by lines what to do ("add", "send", "ack 7", "resume 7"); answers each with where it stands.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame_queue.h"

enum { SLOT_BYTES = 4, CAPACITY = 4 };

static void add(frame_queue *queue) {
  memcpy(frame_queue_place(queue), &queue->next_seq, SLOT_BYTES);
  frame_queue_added(queue);
}

// What is sent is what was put there under this number.
static int send_next(frame_queue *queue) {
  const uint8_t *frame = frame_queue_to_send(queue);
  if (frame == NULL) return 1;
  const int is_right = memcmp(frame, &queue->send_seq, SLOT_BYTES) == 0;
  frame_queue_sent(queue);
  return is_right;
}

int main(int count, char **words) {
  uint8_t memory[SLOT_BYTES * CAPACITY];
  frame_queue queue;
  frame_queue_init(&queue, memory, SLOT_BYTES, CAPACITY);
  if (count > 1) queue.first_seq = queue.next_seq = queue.send_seq = (uint32_t)strtoul(words[1], NULL, 10);
  char what[16];
  uint32_t seq = 0;
  for (char line[64]; fgets(line, sizeof line, stdin) != NULL;) {
    if (sscanf(line, "%15s %u", what, &seq) < 1) continue;
    int is_right = 1;
    if (strcmp(what, "add") == 0) add(&queue);
    if (strcmp(what, "send") == 0) is_right = send_next(&queue);
    if (strcmp(what, "ack") == 0) frame_queue_acknowledged(&queue, seq);
    if (strcmp(what, "resume") == 0) frame_queue_resume(&queue, seq);
    printf("%u %u %u %u %s\n", queue.first_seq, queue.send_seq, queue.next_seq, queue.dropped, is_right ? "ok" : "wrong");
  }
  return 0;
}
