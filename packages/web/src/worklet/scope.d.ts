/** What a script in an AudioWorklet has, as far as ours use it (Web Audio API 1.1, §1.32). */
declare const sampleRate: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
  constructor(options?: { readonly processorOptions?: unknown });
}

declare function registerProcessor(
  name: string,
  processor: new (options: {
    readonly processorOptions: never;
  }) => AudioWorkletProcessor & {
    process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
  },
): void;

declare module "*?worker&url" {
  /** Address of the script, built as a file of its own. */
  const address: string;
  export default address;
}
