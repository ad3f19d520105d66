// 43 ms at 48 kHz: few enough messages, and a meter that moves.
const SAMPLES = 2048;

/** Hands what the microphone hears over to the page, as one channel. */
class Capture extends AudioWorkletProcessor {
  private gathered = new Float32Array(SAMPLES);
  private filled = 0;

  process([input]: Float32Array[][]): boolean {
    const length = input[0]?.length ?? 0;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (const channel of input) sum += channel[i];
      this.gathered[this.filled++] = sum / input.length;
      if (this.filled === SAMPLES) this.hand();
    }
    return true;
  }

  private hand(): void {
    this.port.postMessage(this.gathered, [this.gathered.buffer]);
    this.gathered = new Float32Array(SAMPLES);
    this.filled = 0;
  }
}

registerProcessor("capture", Capture);
