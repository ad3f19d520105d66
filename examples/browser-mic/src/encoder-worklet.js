// Runs in the browser's audio thread: samples in, frame messages of 20 ms out.
import { blockBytes, encodeBlock, initialStates } from "@audio/ima-adpcm";
import { formatFrame } from "@audio/protocol";

class Encoder extends AudioWorkletProcessor {
  #states = initialStates(1); // the coder's state goes on from frame to frame
  #samples = new Int16Array(Math.round(sampleRate / 50));
  #filled = 0;
  #seq = 0;
  #peak = 0;
  #isOver = false;

  constructor() {
    super();
    this.port.onmessage = () => this.#end();
  }

  process([input]) {
    const length = input[0]?.length ?? 0;
    for (let i = 0; i < length; i++) {
      let sample = 0;
      for (const channel of input) sample += channel[i] / input.length; // all channels become one
      this.#take(sample);
    }
    return !this.#isOver;
  }

  #take(sample) {
    this.#peak = Math.max(this.#peak, Math.abs(sample));
    this.#samples[this.#filled++] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
    if (this.#filled === this.#samples.length) this.#send();
  }

  #send() {
    const block = new Uint8Array(blockBytes(this.#filled, 1));
    encodeBlock(this.#samples, 0, this.#filled, 1, this.#states, block, 0);
    const frame = formatFrame("ima-adpcm", this.#seq++, block);
    this.port.postMessage({ frame, peak: this.#peak }, [frame.buffer]);
    this.#filled = 0;
    this.#peak = 0;
  }

  /** The last frame may be short. */
  #end() {
    if (this.#filled > 0) this.#send();
    this.#isOver = true;
    this.port.postMessage("end");
  }
}

registerProcessor("encoder", Encoder);
