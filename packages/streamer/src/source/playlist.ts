import { StreamError } from "../errors.js";
import type { PcmSource } from "./pcm.js";

/** Opens one of a playlist's items; called again for every pass of a loop. */
export type OpenSource = () => Promise<PcmSource>;

/** How a playlist is played. */
export interface PlaylistOptions {
  /** Start again after the last item, for ever. */
  readonly loop?: boolean;
  /** Stop after so many seconds of audio, to the sample. */
  readonly durationSeconds?: number;
}

/** `16000 Hz, 2 channels`, for messages. */
function describeFormat(source: Pick<PcmSource, "sampleRate" | "channels">): string {
  return `${source.sampleRate} Hz, ${source.channels} channel${source.channels === 1 ? "" : "s"}`;
}

/** @throws StreamError `input-mismatch` naming the file whose rate or channel count is another than the first's. */
export function checkSameFormat(first: PcmSource, other: PcmSource): void {
  if (other.sampleRate === first.sampleRate && other.channels === first.channels) return;
  throw new StreamError(
    "input-mismatch",
    `${other.name} has ${describeFormat(other)}, but ${first.name} has ${describeFormat(first)}: files of one stream must agree`,
  );
}

/**
 * Plays the items one after the other as one source without a seam: a frame may hold the end of one and the start
 * of the next. At most one item is open at a time.
 */
export async function openPlaylist(
  items: readonly OpenSource[],
  options: PlaylistOptions = {},
): Promise<PcmSource> {
  return new Playlist(items, options, await items[0]());
}

class Playlist implements PcmSource {
  readonly name: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly live: boolean;
  private current: PcmSource;
  private position = 0;
  private passSampleFrames = 0;
  private left: number;

  constructor(
    private readonly items: readonly OpenSource[],
    private readonly options: PlaylistOptions,
    private readonly first: PcmSource,
  ) {
    this.current = first;
    this.name = first.name;
    this.sampleRate = first.sampleRate;
    this.channels = first.channels;
    this.live = first.live ?? false;
    const { durationSeconds = Number.POSITIVE_INFINITY } = options;
    this.left = Math.round(durationSeconds * first.sampleRate);
  }

  async read(): Promise<Int16Array | undefined> {
    while (this.left > 0) {
      const pcm = await this.current.read();
      if (pcm !== undefined) return this.within(pcm);
      if (!(await this.advance())) return undefined;
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.current.close();
  }

  private within(pcm: Int16Array): Int16Array {
    const sampleFrames = Math.min(pcm.length / this.channels, this.left);
    this.left -= sampleFrames;
    this.passSampleFrames += sampleFrames;
    return pcm.subarray(0, sampleFrames * this.channels);
  }

  private async advance(): Promise<boolean> {
    if (this.position + 1 < this.items.length) this.position++;
    // A pass without a sample would be repeated for ever.
    else if (this.options.loop && this.passSampleFrames > 0) this.startOver();
    else return false;
    await this.current.close();
    const next = await this.items[this.position]();
    this.current = next;
    checkSameFormat(this.first, next);
    return true;
  }

  private startOver(): void {
    this.position = 0;
    this.passSampleFrames = 0;
  }
}
