import { defineConfig } from "vitest/config";

const conditions = ["@audio/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["packages/upload/test/support/s3-teardown.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 4, // on 2 cores: they wait for disks, sockets and timers half of the time
    // A machine may hiccup; `npm test` names every test that needed its second attempt.
    retry: 1,
  },
});
