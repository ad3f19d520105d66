/** Loudness of one device over the time of a message. */
export interface DeviceLevels {
  /** A byte for each point: half decibels above −120 dBFS (0 … 240), or 255: nothing was recorded. */
  readonly peak: Uint8Array;
  readonly rms: Uint8Array;
}

/** Loudness of several devices over the same time. */
export interface LevelsMessage {
  /** UTC, microseconds since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Values of each device. */
  readonly points: number;
  /** In the order in which they were asked for. */
  readonly devices: readonly DeviceLevels[];
}

/** "LVL1" */
const MAGIC = 0x314c564c;
const HEADER_BYTES = 28;
const MOST_BYTES = 64 * 1024 * 1024;

/** Bytes of a message: a header of 28 (magic, devices, points, from, to; little-endian), then peak and RMS of each device. */
export function formatLevels({ fromUs, toUs, points, devices }: LevelsMessage): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + devices.length * points * 2);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, devices.length, true);
  view.setUint32(8, points, true);
  view.setFloat64(12, fromUs, true);
  view.setFloat64(20, toUs, true);
  for (const [i, { peak, rms }] of devices.entries()) {
    bytes.set(peak, HEADER_BYTES + i * points * 2);
    bytes.set(rms, HEADER_BYTES + i * points * 2 + points);
  }
  return bytes;
}

/**
 * Takes a message apart; the levels are views of it.
 * @throws RangeError when it is none, or cut
 */
export function parseLevels(message: ArrayBuffer): LevelsMessage {
  const view = new DataView(message);
  if (message.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new RangeError(`${message.byteLength} bytes that do not begin with LVL1 are no levels`);
  const count = view.getUint32(4, true);
  const points = view.getUint32(8, true);
  const wanted = HEADER_BYTES + count * points * 2;
  if (wanted > MOST_BYTES || message.byteLength !== wanted)
    throw new RangeError(
      `levels of ${count} devices and ${points} points are ${wanted} bytes, not ${message.byteLength}`,
    );
  const part = (at: number) => new Uint8Array(message, HEADER_BYTES + at * points, points);
  const devices = Array.from({ length: count }, (_, i) => ({ peak: part(i * 2), rms: part(i * 2 + 1) }));
  return { fromUs: view.getFloat64(12, true), toUs: view.getFloat64(20, true), points, devices };
}
