#!/usr/bin/env node
import("../dist/cli.js").then(
  ({ main }) => main(process.argv),
  (error) => {
    const unbuilt = error.code === "ERR_MODULE_NOT_FOUND";
    process.stderr.write(`audio-stream: ${unbuilt ? "not built yet: npm run build" : error.message}\n`);
    process.exitCode = 1;
  },
);
