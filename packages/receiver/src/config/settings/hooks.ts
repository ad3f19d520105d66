import { hookList, hookListFault, hooksWithoutSecrets } from "../hooks/hook-list.js";
import { applying, type Setting } from "../setting-kinds.js";

/** Programs to start and addresses to tell: in the configuration file, and nowhere else. */
export const HOOKS: readonly Setting[] = applying("now", {
  key: "hooks",
  flag: undefined,
  env: [],
  schema: hookList,
  allowed: "a list of { on, command } and { on, url }, as in docs/hooks.md",
  fallback: [],
  about: "commands and webhooks that are told of events",
  fault: hookListFault,
  shown: hooksWithoutSecrets,
});
