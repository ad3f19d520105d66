import type { KeeperContext } from "../context.js";
import { type CopiesStep, deleteCopiesStep } from "../deletion/copies.js";
import type { MessageStep, SegmentStep } from "../queue/step.js";
import type { SoundWatch } from "../sound-watch.js";
import { type CompressStep, compressStep } from "./compress.js";
import type { HookQueues } from "./hook-queues.js";
import { hookSteps, tellStep } from "./hooks.js";
import { measureStep } from "./measure.js";
import { audioSources } from "./sources.js";
import { type UploadStep, uploadStep } from "./upload.js";

/** Everything that can be done, as far as it is configured. */
export interface AllSteps {
  readonly compress: CompressStep | undefined;
  readonly upload: UploadStep | undefined;
  readonly deleteCopies: CopiesStep | undefined;
  /** In the order in which a segment goes through them. */
  readonly steps: readonly SegmentStep[];
  readonly messages: readonly MessageStep[];
}

export function stepsOf(context: KeeperContext, hookQueues: HookQueues, sounds: SoundWatch): AllSteps {
  const { compression, upload } = context.settings;
  const compress = compression && compressStep(compression, context);
  const uploading = upload && uploadStep(upload, context);
  const measure = measureStep(context, audioSources(context.settings.dataDir), sounds);
  const steps = [measure, compress, uploading, tellStep(context, hookQueues)].filter(
    (step) => step !== undefined,
  );
  const deleteCopies = upload && deleteCopiesStep(upload, context);
  const messages = [...hookSteps(context), ...(deleteCopies ? [deleteCopies] : [])];
  return { compress, upload: uploading, deleteCopies, steps, messages };
}
