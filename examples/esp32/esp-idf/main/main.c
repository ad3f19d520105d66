// I2S microphone -> IMA ADPCM -> WebSocket, acknowledged: what the receiver has not on its disk is sent again.
// Network name and password: idf.py menuconfig, "Example Connection Configuration".
#include <string.h>
#include <sys/time.h>

#include "driver/i2s_std.h"
#include "esp_event.h"
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_netif.h"
#include "esp_netif_sntp.h"
#include "esp_random.h"
#include "esp_websocket_client.h"
#include "esp_wifi.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"
#include "nvs_flash.h"
#include "protocol_examples_common.h"

#include "audio_frames.h"
#include "frame_queue.h"
#include "ima_adpcm.h"

#define RECEIVER "ws://192.168.1.10:5096/ws/birdhouse"
#define HEADERS NULL // or "Authorization: Bearer TOKEN\r\n"
#define PIN_CLOCK GPIO_NUM_14
#define PIN_WORD GPIO_NUM_15
#define PIN_DATA GPIO_NUM_32

enum { SAMPLE_RATE = 16000, FRAME_SAMPLES = 320 }; // 20 ms
enum { FRAME_BYTES = AUDIO_FRAME_HEADER_BYTES + IMA_BLOCK_BYTES(FRAME_SAMPLES) };
enum { FRAMES_WITH_PSRAM = 4096, FRAMES_WITHOUT = 256 }; // 80 s, 5 s
enum { SEND_MS = 5000 };

static const char *TAG = "microphone";
static i2s_chan_handle_t microphone;
static esp_websocket_client_handle_t client;
static frame_queue queue;
static SemaphoreHandle_t queue_lock;
static uint64_t session_ms;
static volatile bool may_send; // the receiver has said where to go on

static void record(void *unused) {
  static int32_t raw[FRAME_SAMPLES];
  static int16_t samples[FRAME_SAMPLES];
  static ima_state coder;
  for (;;) {
    size_t read = 0;
    if (i2s_channel_read(microphone, raw, sizeof raw, &read, portMAX_DELAY) != ESP_OK || read != sizeof raw) continue;
    for (int i = 0; i < FRAME_SAMPLES; i++) samples[i] = (int16_t)(raw[i] >> 14); // 24 bits, 12 dB louder
    xSemaphoreTake(queue_lock, portMAX_DELAY);
    uint8_t *frame = frame_queue_place(&queue);
    const size_t bytes = ima_encode(&coder, samples, FRAME_SAMPLES, frame + AUDIO_FRAME_HEADER_BYTES);
    audio_write_frame_header(AUDIO_IMA_ADPCM, bytes, queue.next_seq, frame);
    frame_queue_added(&queue);
    xSemaphoreGive(queue_lock);
  }
}

static void say_hello(void) {
  const audio_handshake hello = {
      .stream_id = 1,
      .sample_rate = SAMPLE_RATE,
      .channels = 1,
      .codec = AUDIO_IMA_ADPCM,
      .frame_samples = FRAME_SAMPLES,
      .timestamp_ms = session_ms,
  };
  uint8_t bytes[AUDIO_HANDSHAKE_BYTES];
  audio_write_handshake(&hello, bytes);
  esp_websocket_client_send_bin(client, (const char *)bytes, sizeof bytes, pdMS_TO_TICKS(SEND_MS));
}

static void on_message(const esp_websocket_event_data_t *message) {
  audio_ack ack;
  if (!audio_read_ack((const uint8_t *)message->data_ptr, message->data_len, &ack)) return;
  xSemaphoreTake(queue_lock, portMAX_DELAY);
  if (may_send) frame_queue_acknowledged(&queue, ack.next_seq);
  else frame_queue_resume(&queue, ack.next_seq);
  xSemaphoreGive(queue_lock);
  may_send = true;
}

static void on_event(void *unused, esp_event_base_t base, int32_t event, void *data) {
  if (event == WEBSOCKET_EVENT_CONNECTED) say_hello();
  if (event == WEBSOCKET_EVENT_DISCONNECTED) may_send = false; // the client connects again by itself
  if (event == WEBSOCKET_EVENT_DATA) on_message(data);
}

static bool take_frame(uint8_t *frame) {
  xSemaphoreTake(queue_lock, portMAX_DELAY);
  const uint8_t *next = may_send ? frame_queue_to_send(&queue) : NULL;
  if (next != NULL) {
    memcpy(frame, next, FRAME_BYTES);
    frame_queue_sent(&queue);
  }
  xSemaphoreGive(queue_lock);
  return next != NULL;
}

static void open_microphone(void) {
  const i2s_chan_config_t channel = I2S_CHANNEL_DEFAULT_CONFIG(I2S_NUM_AUTO, I2S_ROLE_MASTER);
  ESP_ERROR_CHECK(i2s_new_channel(&channel, NULL, &microphone));
  i2s_std_config_t config = {
      .clk_cfg = I2S_STD_CLK_DEFAULT_CONFIG(SAMPLE_RATE),
      .slot_cfg = I2S_STD_PHILIPS_SLOT_DEFAULT_CONFIG(I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_MONO),
      .gpio_cfg = {.mclk = I2S_GPIO_UNUSED, .bclk = PIN_CLOCK, .ws = PIN_WORD, .dout = I2S_GPIO_UNUSED, .din = PIN_DATA},
  };
  config.slot_cfg.slot_mask = I2S_STD_SLOT_LEFT;
  ESP_ERROR_CHECK(i2s_channel_init_std_mode(microphone, &config));
  ESP_ERROR_CHECK(i2s_channel_enable(microphone));
}

static void open_queue(void) {
  uint32_t frames = FRAMES_WITH_PSRAM;
  uint8_t *memory = heap_caps_malloc(frames * FRAME_BYTES, MALLOC_CAP_SPIRAM);
  if (memory == NULL) {
    frames = FRAMES_WITHOUT;
    memory = malloc(frames * FRAME_BYTES);
  }
  ESP_LOGI(TAG, "keeps %lu frames while the receiver is away", (unsigned long)frames);
  frame_queue_init(&queue, memory, FRAME_BYTES, frames);
  queue_lock = xSemaphoreCreateMutex();
}

// A clock gives the session its name; without one a random name does as well, as long as it is not 0.
static uint64_t name_session(void) {
  const esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
  esp_netif_sntp_init(&config);
  if (esp_netif_sntp_sync_wait(pdMS_TO_TICKS(10000)) != ESP_OK) return (uint64_t)esp_random() << 16 | 1;
  struct timeval now;
  gettimeofday(&now, NULL);
  return (uint64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

void app_main(void) {
  ESP_ERROR_CHECK(nvs_flash_init());
  ESP_ERROR_CHECK(esp_netif_init());
  ESP_ERROR_CHECK(esp_event_loop_create_default());
  ESP_ERROR_CHECK(example_connect());
  esp_wifi_set_ps(WIFI_PS_NONE); // modem sleep delays every packet by up to 300 ms
  session_ms = name_session();
  open_queue();
  open_microphone();
  xTaskCreatePinnedToCore(record, "record", 8192, NULL, 10, NULL, 1);

  const esp_websocket_client_config_t config = {
      .uri = RECEIVER,
      .subprotocol = AUDIO_ACK_SUBPROTOCOL,
      .headers = HEADERS,
      .reconnect_timeout_ms = 2000,
      .network_timeout_ms = 10000,
  };
  client = esp_websocket_client_init(&config);
  esp_websocket_register_events(client, WEBSOCKET_EVENT_ANY, on_event, NULL);
  esp_websocket_client_start(client);
  for (;;) {
    uint8_t frame[FRAME_BYTES];
    if (!take_frame(frame)) vTaskDelay(pdMS_TO_TICKS(10));
    else esp_websocket_client_send_bin(client, (const char *)frame, sizeof frame, pdMS_TO_TICKS(SEND_MS));
  }
}
