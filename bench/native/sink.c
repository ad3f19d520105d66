/* A bare WebSocket sink: one thread, epoll, one file per connection. Wakes for each frame, unmasks its payload
 * into a 128 kB buffer, writes the buffer when it is full. Looks at nothing: what the machine can do.
 *
 *   sink DIR READY_FILE
 *
 * Only for the load generator beside it, which always sends the key of RFC 6455's example: so the answer to it
 * is a constant, and no SHA-1 is needed here. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH_BYTES = 128 * 1024, READ_BYTES = 256 * 1024, MAX_MESSAGE_BYTES = 4096, EVENTS = 512 };
enum { OPCODE_BINARY = 2, OPCODE_CLOSE = 8, OPCODE_PING = 9 };

static const char UPGRADE[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct connection {
  int socket, file, upgraded;
  size_t batched, unparsed;
  uint8_t batch[BATCH_BYTES + MAX_MESSAGE_BYTES];
  uint8_t rest[MAX_MESSAGE_BYTES];
};

static const char *directory;
static uint8_t input[MAX_MESSAGE_BYTES + READ_BYTES + 1];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void flush(struct connection *c) {
  for (size_t done = 0; done < c->batched;) {
    ssize_t written = write(c->file, c->batch + done, c->batched - done);
    if (written < 0) fail("write");
    done += written;
  }
  c->batched = 0;
}

static void finish(struct connection *c) {
  if (c->upgraded) {
    flush(c);
    close(c->file);
  }
  close(c->socket);
  free(c);
}

static void append(struct connection *c, const uint8_t *masked, size_t length, uint32_t mask) {
  uint8_t *out = c->batch + c->batched;
  uint64_t mask64 = mask | (uint64_t)mask << 32, word;
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    memcpy(&word, masked + i, 8);
    word ^= mask64;
    memcpy(out + i, &word, 8);
  }
  for (; i < length; i++) out[i] = masked[i] ^ (uint8_t)(mask >> 8 * (i & 3));
  c->batched += length;
  if (c->batched >= BATCH_BYTES) flush(c);
}

/* Answers a close or ping with its own payload, unmasked. */
static void answer(struct connection *c, int opcode, const uint8_t *masked, size_t length, uint32_t mask) {
  uint8_t reply[2 + 125] = {0x80 | opcode, (uint8_t)length};
  for (size_t i = 0; i < length; i++) reply[2 + i] = masked[i] ^ (uint8_t)(mask >> 8 * (i & 3));
  if (send(c->socket, reply, 2 + length, MSG_NOSIGNAL) < 0) perror("send");
}

/* Takes the whole messages in bytes[0, size); returns how many bytes they were, or -1 after a close. */
static ssize_t take_messages(struct connection *c, const uint8_t *bytes, size_t size) {
  size_t at = 0;
  while (size - at >= 6) {
    int opcode = bytes[at] & 15;
    size_t length = bytes[at + 1] & 127, header = 6;
    if (length == 126) {
      if (size - at < 8) break;
      length = bytes[at + 2] << 8 | bytes[at + 3];
      header = 8;
    }
    if (length + header > MAX_MESSAGE_BYTES) fail("message too long for this sink");
    if (size - at < header + length) break;
    uint32_t mask;
    memcpy(&mask, bytes + at + header - 4, 4);
    if (opcode == OPCODE_BINARY) append(c, bytes + at + header, length, mask);
    else answer(c, opcode == OPCODE_PING ? 10 : opcode, bytes + at + header, length, mask);
    if (opcode == OPCODE_CLOSE) return -1;
    at += header + length;
  }
  return at;
}

/* Answers the HTTP upgrade at the front of text; returns its length, 0 while it is not all there. */
static size_t upgrade(struct connection *c, const char *text) {
  const char *end = strstr(text, "\r\n\r\n");
  char name[128] = "", path[512];
  if (!end) return 0;
  if (sscanf(text, "GET /ws/%100[A-Za-z0-9_-]", name) != 1) fail("request");
  snprintf(path, sizeof path, "%s/%s.bin", directory, name);
  c->file = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
  if (c->file < 0) fail(path);
  if (send(c->socket, UPGRADE, sizeof UPGRADE - 1, MSG_NOSIGNAL) < 0) fail("send");
  c->upgraded = 1;
  return end + 4 - text;
}

static void receive(struct connection *c) {
  memcpy(input, c->rest, c->unparsed);
  ssize_t got = read(c->socket, input + c->unparsed, READ_BYTES);
  if (got <= 0) return finish(c);
  size_t size = c->unparsed + got, taken = 0;
  input[size] = 0;
  if (!c->upgraded) taken = upgrade(c, (char *)input);
  if (c->upgraded) {
    ssize_t used = take_messages(c, input + taken, size - taken);
    if (used < 0) return finish(c);
    taken += used;
  }
  c->unparsed = size - taken;
  if (c->unparsed > MAX_MESSAGE_BYTES) fail("request too long for this sink");
  memcpy(c->rest, input + taken, c->unparsed);
}

static void accept_all(int epoll, int listener) {
  int socket;
  while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct connection *c = malloc(sizeof *c); /* not calloc: untouched pages stay unmapped */
    if (!c) fail("malloc");
    c->socket = socket;
    c->upgraded = 0;
    c->batched = c->unparsed = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  }
}

static int listen_anywhere(const char *ready_file) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  char unfinished[512];
  snprintf(unfinished, sizeof unfinished, "%s.new", ready_file);
  FILE *file = fopen(unfinished, "w");
  if (!file) fail(unfinished);
  fprintf(file, "{\"pid\": %d, \"ws\": \"ws://127.0.0.1:%d/ws\"}", getpid(), ntohs(address.sin_port));
  if (fclose(file) || rename(unfinished, ready_file)) fail(ready_file);
  return listener;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "sink DIR READY_FILE\n"), 2;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  directory = argv[1];
  int epoll = epoll_create1(EPOLL_CLOEXEC), listener = listen_anywhere(argv[2]);
  struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.ptr = NULL}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr) receive(events[i].data.ptr);
      else accept_all(epoll, listener);
    }
  }
}
