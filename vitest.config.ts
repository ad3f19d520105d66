import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const conditions = ["@audio/source", "node", "import", "default"];

// Files that take 20 s and more, the longest first: whatever begins last ends last, and then three workers look on.
const LONG = [
  "pipeline-crash",
  "flows",
  "crash-moments",
  "upload-process",
  "soak",
  "snippets",
  "pipeline-outage",
  "catalogue",
  "site",
  "compress-segment",
  "crash",
  "bucket",
  "upload-command",
  "disk",
  "gaps",
];

// Each in a process of its own. The others share processes, which load the packages once.
const APART = ["packages/receiver/test/**/*.test.ts", "packages/web/test/flows.test.ts", "test/**/*.test.ts"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONG.indexOf(basename(moduleId, ".test.ts"));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    globalSetup: ["packages/upload/test/support/s3-teardown.ts"],
    // Longer than two waits of a test take at most (packages/receiver/test/support/waiting.ts).
    testTimeout: 90_000,
    hookTimeout: 90_000,
    sequence: { sequencer: LongestFirst },
    maxWorkers: 4, // on 2 cores: they wait for disks, sockets and timers half of the time
    // A machine may hiccup; `npm test` names every test that needed its second attempt.
    retry: 1,
    projects: [
      { extends: true, test: { name: "apart", include: APART } },
      {
        extends: true,
        test: { name: "together", include: ["packages/*/test/**/*.test.ts"], exclude: APART, isolate: false },
      },
    ],
  },
});
