// Generous: on a loaded machine everything takes its time, and only a failing test waits so long. More than the 30 s in
// which retention waits for space that a disk is slow to show, as it takes one to be to which much is written just then.
const LONGEST_WAIT_MS = 40_000;
const LOOK_EVERY_MS = 10;

type NotYet = false | undefined;

/**
 * Resolves when `condition` holds; its value is returned.
 * @param everyMs a pause between looks: longer where a look is work, which those who are waited for need the time for
 */
export async function until<T>(
  what: string,
  condition: () => T | NotYet | Promise<T | NotYet>,
  longestMs = LONGEST_WAIT_MS,
  everyMs = LOOK_EVERY_MS,
): Promise<T> {
  const deadline = performance.now() + longestMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${longestMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejects when `promise` takes longer than `ms`. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
