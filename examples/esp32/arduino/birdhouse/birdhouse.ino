// A microphone in a birdhouse: I2S (INMP441, SPH0645, ICS-43434) -> IMA ADPCM -> WebSocket, acknowledged.
// What the receiver has not on its disk is kept and sent again: a Wi-Fi that is away for a while loses nothing.
//
// Arduino core for ESP32 3.x; library "WebSockets" by Markus Sattler (links2004). Copy the files of audio_frames/
// beside this one. Wiring: docs/devices.md.
#include <ESP_I2S.h>
#include <WebSocketsClient.h>
#include <WiFi.h>
#include <sys/time.h>

#include "audio_frames.h"
#include "frame_queue.h"
#include "ima_adpcm.h"

static const char *WIFI_NAME = "your network";
static const char *WIFI_PASSWORD = "its password";
static const char *RECEIVER = "192.168.1.10"; // where audio-receiver serve runs
static const uint16_t PORT = 5096;
static const char *PATH = "/ws/birdhouse"; // the name under which it is recorded
static const char *TOKEN = "";             // of audio-receiver token add; empty where none is needed

static const int PIN_CLOCK = 14, PIN_WORD = 15, PIN_DATA = 32;

enum { SAMPLE_RATE = 16000, FRAME_SAMPLES = 320 }; // 20 ms
enum { FRAME_BYTES = AUDIO_FRAME_HEADER_BYTES + IMA_BLOCK_BYTES(FRAME_SAMPLES) };
// With PSRAM 80 s are kept while the network is away, without it 5 s.
enum { FRAMES_WITH_PSRAM = 4096, FRAMES_WITHOUT = 256 };
enum { SENT_AT_ONCE = 16 }; // after an absence: faster than real time, and the loop still turns

static I2SClass microphone;
static WebSocketsClient webSocket;
static frame_queue queue;
static SemaphoreHandle_t queueLock;
static uint64_t sessionMs; // names the recording; chosen once
static bool maySend;   // the receiver has said where to go on

// Its own task, so that no slow network keeps the microphone waiting.
static void record(void *) {
  static int32_t raw[FRAME_SAMPLES];
  static int16_t samples[FRAME_SAMPLES];
  static ima_state coder;
  for (;;) {
    if (microphone.readBytes((char *)raw, sizeof raw) != sizeof raw) continue;
    for (int i = 0; i < FRAME_SAMPLES; i++) samples[i] = (int16_t)(raw[i] >> 14); // 24 bits, 12 dB louder
    xSemaphoreTake(queueLock, portMAX_DELAY);
    uint8_t *frame = frame_queue_place(&queue);
    const size_t bytes = ima_encode(&coder, samples, FRAME_SAMPLES, frame + AUDIO_FRAME_HEADER_BYTES);
    audio_write_frame_header(AUDIO_IMA_ADPCM, bytes, queue.next_seq, frame);
    frame_queue_added(&queue);
    xSemaphoreGive(queueLock);
  }
}

static void sayHello() {
  const audio_handshake hello = {
      .stream_id = 1,
      .sample_rate = SAMPLE_RATE,
      .channels = 1,
      .codec = AUDIO_IMA_ADPCM,
      .frame_samples = FRAME_SAMPLES,
      .timestamp_ms = sessionMs,
  };
  uint8_t bytes[AUDIO_HANDSHAKE_BYTES];
  audio_write_handshake(&hello, bytes);
  webSocket.sendBIN(bytes, sizeof bytes);
}

static void onEvent(WStype_t type, uint8_t *payload, size_t length) {
  audio_ack ack;
  if (type == WStype_CONNECTED) sayHello();
  if (type == WStype_DISCONNECTED) maySend = false;
  if (type != WStype_BIN || !audio_read_ack(payload, length, &ack)) return;
  xSemaphoreTake(queueLock, portMAX_DELAY);
  if (maySend) frame_queue_acknowledged(&queue, ack.next_seq);
  else frame_queue_resume(&queue, ack.next_seq);
  xSemaphoreGive(queueLock);
  maySend = true;
}

static void sendFrames() {
  for (int i = 0; i < SENT_AT_ONCE && maySend; i++) {
    static uint8_t frame[FRAME_BYTES];
    xSemaphoreTake(queueLock, portMAX_DELAY);
    const uint8_t *next = frame_queue_to_send(&queue);
    if (next != nullptr) memcpy(frame, next, sizeof frame);
    if (next != nullptr) frame_queue_sent(&queue);
    xSemaphoreGive(queueLock);
    if (next == nullptr) return;
    if (!webSocket.sendBIN(frame, sizeof frame)) webSocket.disconnect(); // it is sent again after the next hello
  }
}

// A clock gives the session its name; without one a random name does as well, as long as it is not 0.
static uint64_t nameSession() {
  configTime(0, 0, "pool.ntp.org");
  struct tm now;
  if (!getLocalTime(&now, 10000)) return ((uint64_t)esp_random() << 16) | 1;
  struct timeval time;
  gettimeofday(&time, nullptr);
  return (uint64_t)time.tv_sec * 1000 + time.tv_usec / 1000;
}

void setup() {
  Serial.begin(115200);
  WiFi.setSleep(false); // modem sleep delays every packet by up to 300 ms
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(250);
  sessionMs = nameSession();

  const uint32_t frames = psramFound() ? FRAMES_WITH_PSRAM : FRAMES_WITHOUT;
  uint8_t *memory = (uint8_t *)(psramFound() ? ps_malloc(frames * FRAME_BYTES) : malloc(frames * FRAME_BYTES));
  if (memory == nullptr) {
    Serial.println("no memory for the queue");
    return;
  }
  frame_queue_init(&queue, memory, FRAME_BYTES, frames);
  queueLock = xSemaphoreCreateMutex();

  microphone.setPins(PIN_CLOCK, PIN_WORD, -1, PIN_DATA);
  microphone.begin(I2S_MODE_STD, SAMPLE_RATE, I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_MONO, I2S_STD_SLOT_LEFT);
  xTaskCreatePinnedToCore(record, "record", 8192, nullptr, 5, nullptr, 0);

  webSocket.begin(RECEIVER, PORT, PATH, AUDIO_ACK_SUBPROTOCOL);
  static String header = String("Authorization: Bearer ") + TOKEN;
  if (TOKEN[0] != 0) webSocket.setExtraHeaders(header.c_str());
  webSocket.setReconnectInterval(2000);
  webSocket.onEvent(onEvent);
}

void loop() {
  webSocket.loop();
  sendFrames();
}
