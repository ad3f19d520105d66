/** One thing and what is known of it. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** What is known: of one thing, of several, or lines of text. */
export type PartData = Facts | readonly Facts[] | readonly string[];

/** A part of the report. */
export interface Part {
  readonly title: string;
  readonly data: PartData;
  /** What could not be found out, and why. */
  readonly fault?: string;
}

/** How a part is found out. */
export interface Question {
  readonly title: string;
  /** What takes longer is left out. */
  readonly longestMs: number;
  /** @param signal aborted when the time is over */
  readonly ask: (signal: AbortSignal) => Promise<PartData> | PartData;
}

/** The answer, or why there is none: asking never fails, and never takes longer than it may. */
export async function answered({ title, longestMs, ask }: Question): Promise<Part> {
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${longestMs / 1000} s`)), longestMs);
  });
  try {
    return { title, data: await Promise.race([Promise.resolve(end.signal).then(ask), late]) };
  } catch (error) {
    return { title, data: [], fault: reasonOf(error as Error) };
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

// What fetch failed for stands in the cause.
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message}: ${cause.message}`
    : message;
}
