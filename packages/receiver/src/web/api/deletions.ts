import type { Loss as LossShown } from "@audio/api";
import type { KeeperThread, Loss, LossAnswer, Selection } from "@audio/keeper";
import type { TimeZone } from "@audio/segments";
import type { WebChanges } from "../changes.js";
import { deviceNamed, nameOf } from "../device-name.js";
import { type LiveSources, liveSegments } from "../live-segments.js";
import { requireDevice } from "../visibility.js";
import { WebFailure } from "../web-failure.js";
import type { Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface DeletionSources extends LiveSources {
  readonly keeper: Pick<KeeperThread, "loss" | "remove" | "untaken"> | undefined;
  readonly zone: TimeZone;
  readonly changes: Pick<WebChanges, "announce">;
}

/** Deleting recordings by hand, and what it would take. */
export function deletionHandlers(sources: DeletionSources): Handlers {
  const { zone, changes } = sources;
  return {
    "GET /loss": async ({ user, query }) => {
      requireDevice(user, query.device);
      const selection = { device: deviceOf(query.device), ...queryRange(query, zone) };
      return shown(sources, selection, await requireKeeper(sources).loss(selection));
    },
    "POST /deletions": async ({ user, body }) => {
      requireDevice(user, body.device);
      const { fromUs, toUs, segments } = body;
      const selection = { device: deviceOf(body.device), fromUs, toUs };
      const answer = await requireKeeper(sources).remove({ ...selection, segments, by: user.name });
      if (answer?.kind !== "more" && answer?.kind !== "refused") changes.announce("recordings");
      return shown(sources, selection, answer);
    },
  };
}

function deviceOf(name: string): string | undefined {
  return deviceNamed(name) ?? undefined;
}

function requireKeeper({ keeper }: DeletionSources): NonNullable<DeletionSources["keeper"]> {
  if (keeper !== undefined) return keeper;
  const advice = "start it without --no-catalogue, or delete the files themselves";
  throw new WebFailure(503, `this receiver keeps no catalogue, so nothing can be deleted by time: ${advice}`);
}

function shown(sources: DeletionSources, selection: Selection, answer: LossAnswer | undefined): LossShown {
  if (answer?.kind === "loss") return withLive(sources, selection, answer.loss);
  if (answer?.kind === "more") {
    const { segments } = answer.loss;
    throw new WebFailure(409, `it would take ${segments} segments now: look again at what it takes`);
  }
  const message = "whoever deletes does not answer: look again in a moment at what is left";
  throw new WebFailure(503, answer?.message ?? message, { "retry-after": "2" });
}

// What the catalogue does not know yet stays.
function withLive(sources: DeletionSources, selection: Selection, loss: Loss): LossShown {
  const device = selection.device ?? null;
  const live = liveSegments(sources, { ...selection, device }).map(({ stem, isRecording }) => ({
    stem,
    why: isRecording ? "it is being recorded" : "it has just been recorded: delete it again in a moment",
  }));
  const kept = [...live, ...loss.kept];
  return { ...loss, device: nameOf(device), keptSegments: loss.keptSegments + live.length, kept };
}
