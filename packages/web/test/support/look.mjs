// Looks at pages with recordings in them: see --help, or the package's README.
import { join } from "node:path";
import { runnerImport } from "vite";

const conditions = ["@audio/source", "node", "import", "default"];
const config = {
  configFile: false,
  logLevel: "error",
  oxc: { target: "es2022" },
  ssr: { resolve: { conditions, externalConditions: conditions } },
};
const { module } = await runnerImport(join(import.meta.dirname, "look.ts"), config);
await module.look(process.argv.slice(2));
