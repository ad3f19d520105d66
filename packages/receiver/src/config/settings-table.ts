import type { Setting } from "./setting-kinds.js";
import { ACCESS } from "./settings/access.js";
import { AUDIO } from "./settings/audio.js";
import { COMPRESSION } from "./settings/compression.js";
import { HOOKS } from "./settings/hooks.js";
import { LIMITS } from "./settings/limits.js";
import { LISTENING } from "./settings/listening.js";
import { PROGRAM } from "./settings/program.js";
import { RETENTION } from "./settings/retention.js";
import { SEGMENTS } from "./settings/segments.js";
import { SOUND_EVENTS } from "./settings/sound-events.js";
import { UPLOAD } from "./settings/upload.js";
import { WEB } from "./settings/web.js";

/** All settings of `serve`, in the order in which help and `config` show them. */
export const SETTINGS: readonly Setting[] = [
  ...LISTENING,
  ...ACCESS,
  ...WEB,
  ...SEGMENTS,
  ...LIMITS,
  ...AUDIO,
  ...SOUND_EVENTS,
  ...COMPRESSION,
  ...UPLOAD,
  ...RETENTION,
  ...HOOKS,
  ...PROGRAM,
];
