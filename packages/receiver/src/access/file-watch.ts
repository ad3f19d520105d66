import { stat } from "node:fs/promises";

/** A watch that goes on until it is stopped. */
export interface FileWatch {
  stop(): void;
}

export interface FileWatchOptions {
  readonly paths: readonly string[];
  readonly everyMs: number;
  /** Called when a file appeared, changed or vanished, and then stayed as it is for one look. */
  readonly onChange: () => Promise<void>;
}

/**
 * Looks at files from time to time. Asking beats being told: notifications get lost on network and container
 * mounts, and by files that are replaced or come later; a look is one system call a file.
 */
export async function watchFiles({ paths, everyMs, onChange }: FileWatchOptions): Promise<FileWatch> {
  let handled = await stampOf(paths);
  let seen = handled;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const stamp = await stampOf(paths);
    // Certificate and key are replaced one after the other: half a change is not looked at.
    const settled = stamp === seen;
    seen = stamp;
    if (settled && stamp !== handled) {
      handled = stamp;
      await onChange();
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => void look(), everyMs).unref();
  };
  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function stampOf(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(paths.map(stampOfOne));
  return stamps.join(" ");
}

async function stampOfOne(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino}-${size}-${mtimeNs}-${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}
