// The device's part of the protocol on a computer: sends 16-bit mono samples over framed TCP, or writes what it would
// send. cc -I ../audio_frames stream_file.c ../audio_frames/*.c -o stream_file
//
//   stream_file FRAMES.bin < samples.s16le            handshake and frames into a file
//   stream_file ADDRESS PORT < samples.s16le          the same to a receiver
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "audio_frames.h"
#include "ima_adpcm.h"

enum { SAMPLE_RATE = 16000, FRAME_SAMPLES = 320 };
enum { FRAME_BYTES = AUDIO_FRAME_HEADER_BYTES + IMA_BLOCK_BYTES(FRAME_SAMPLES) };

static FILE *open_socket(const char *address, const char *port) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET, address, &there.sin_addr) != 1) return NULL;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&there, sizeof there) != 0) return NULL;
  return fdopen(fd, "wb");
}

static int stream(FILE *in, FILE *out) {
  const audio_handshake hello = {7, SAMPLE_RATE, 1, AUDIO_IMA_ADPCM, FRAME_SAMPLES, 1767225600123};
  uint8_t bytes[FRAME_BYTES];
  audio_write_handshake(&hello, bytes);
  fwrite(bytes, 1, AUDIO_HANDSHAKE_BYTES, out);
  int16_t samples[FRAME_SAMPLES];
  ima_state coder = {0, 0};
  size_t count;
  for (uint32_t seq = 0; (count = fread(samples, 2, FRAME_SAMPLES, in)) > 0; seq++) {
    const size_t payload = ima_encode(&coder, samples, count, bytes + AUDIO_FRAME_HEADER_BYTES);
    audio_write_frame_header(AUDIO_IMA_ADPCM, (uint32_t)payload, seq, bytes);
    fwrite(bytes, 1, AUDIO_FRAME_HEADER_BYTES + payload, out);
  }
  const int failed = ferror(in) | ferror(out);
  return fclose(out) != 0 || failed;
}

int main(int count, char **words) {
  if (count != 2 && count != 3) {
    fputs("usage: stream_file FILE | ADDRESS PORT < samples.s16le\n", stderr);
    return 2;
  }
  FILE *out = count == 2 ? fopen(words[1], "wb") : open_socket(words[1], words[2]);
  if (out == NULL) {
    perror(words[1]);
    return 1;
  }
  return stream(stdin, out);
}
