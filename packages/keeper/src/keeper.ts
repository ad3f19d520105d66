import { ArchiveError, type Catalogue, isBroken, openCatalogue, setAsideDatabase } from "@audio/archive";
import { BucketWatch } from "./bucket/bucket-watch.js";
import type { KeeperContext } from "./context.js";
import { resumeDeletion } from "./deletion/carry-out.js";
import { type DeletionRequest, Deletions, type LossAnswer } from "./deletion/deletions.js";
import type { Selection } from "./deletion/loss.js";
import type { KeeperEvent } from "./events.js";
import { FileSearch } from "./file-search.js";
import { FoundSegments, factsContext } from "./found.js";
import type { HookEvent } from "./hooks/event.js";
import { Intake } from "./intake.js";
import type { KeeperSettings } from "./keeper-settings.js";
import { LowDiskWatch } from "./low-disk-watch.js";
import type { KeeperNote, Tell } from "./note.js";
import { Pipeline } from "./pipeline.js";
import type { Deleted } from "./retention/delete-segments.js";
import { retentionPolicy } from "./retention/policy.js";
import { Retention, type RetentionRules } from "./retention/retention.js";
import { SoundWatch } from "./sound-watch.js";
import { type KeeperStatus, statusOf } from "./status.js";
import { stepsOf } from "./steps/all-steps.js";
import { HookQueues } from "./steps/hook-queues.js";

/** Takes care of what was recorded: catalogue, levels, compression, upload, hooks, retention. */
export interface Keeper {
  /** What the recorder tells; in the catalogue a moment later. */
  take(events: readonly KeeperEvent[]): void;
  /** How far everything is; asks no disk. */
  status(): KeeperStatus;
  /** What a deletion by hand would take. */
  loss(selection: Selection): Promise<LossAnswer>;
  /** Deletes it for good, files and copies in the store. */
  remove(request: DeletionRequest): Promise<LossAnswer>;
  /** From now on these hold: retention, minFreeBytes and soundEvents of them; all else must be the same. */
  change(settings: KeeperSettings): void;
  /** Ends what runs, within a second or two; what is not done is done after the next start. */
  close(): Promise<void>;
}

/** Who is told what the keeper does. */
export interface KeeperListener {
  /** Something for the log. */
  note(note: KeeperNote): void;
  /** So many events are in the catalogue. */
  taken?(count: number): void;
  /** The catalogue broke and was moved away: close this keeper and open another. */
  broken(error: Error): void;
}

/**
 * Opens the catalogue of a data directory (a damaged one is moved away and built anew from the files) and takes up
 * the work that waits.
 * @throws ArchiveError `catalogue-newer`, `catalogue-unusable`
 */
export function openKeeper(settings: KeeperSettings, listener: KeeperListener): Keeper {
  const tell: Tell = (level, message, fields = {}) => listener.note({ level, message, fields });
  const catalogue = openOrRebuild(settings.dataDir, tell);
  const onTrouble = troubleTeller(settings, listener, tell);
  const now = () => Date.now();
  const context: KeeperContext = { settings, catalogue, tell, now };
  takeUp(context, onTrouble);
  const hookQueues = new HookQueues(context);
  const sounds = new SoundWatch(catalogue, settings.soundEvents);
  const steps = stepsOf(context, hookQueues, sounds);
  const pipeline = new Pipeline({ ...context, ...steps, onTrouble });
  const foundSegments = new FoundSegments(context, pipeline);
  const search = new FileSearch({
    ...context,
    facts: factsContext(settings),
    found: (id, isFirst) => foundSegments.enter(id, isFirst),
    onTrouble,
  });
  const hook = (event: HookEvent) => {
    for (const step of hookQueues.add(event)) setImmediate(() => pipeline.wake(step));
  };
  const { upload } = settings;
  const isReady = () => search.isComplete;
  const bucket = upload && new BucketWatch({ ...context, upload, isReady, onTrouble });
  const intake = new Intake({
    catalogue,
    dataDir: settings.dataDir,
    run: settings.run,
    sounds,
    hasBegun: (id) => foundSegments.has(id),
    begin: (segment) => pipeline.begin(segment),
    hook,
    look: () => search.look(),
    taken: (count) => listener.taken?.(count),
    onTrouble,
  });
  const rules = retentionRules(settings);
  const retention = new Retention({
    ...context,
    dataDir: settings.dataDir,
    ...rules,
    isReady,
    onTrouble,
  });
  const lowDisk = new LowDiskWatch({ ...context, status: () => retention.status, hook });
  const onDeleted = (deleted: Deleted) => retention.deletedByHand(deleted);
  const copies = steps.deleteCopies;
  const deletions = new Deletions({ ...context, ...rules, isReady, pipeline, onDeleted, copies });
  for (const part of [pipeline, search, retention, lowDisk, bucket]) part?.start();
  return {
    take: (events) => intake.take(events),
    status: () => statusOf(catalogue, { pipeline, search, bucket, retention, ...steps }),
    loss: (selection) => deletions.loss(selection),
    remove: (request) => deletions.remove(request),
    change(now) {
      const next = retentionRules(now);
      retention.change(next);
      deletions.change(next);
      sounds.change(now.soundEvents);
    },
    async close() {
      lowDisk.stop();
      retention.stop();
      await deletions.stop();
      await Promise.all([pipeline.stop(), search.stop(), bucket?.stop()]);
      await Promise.all([steps.upload?.close(), steps.deleteCopies?.close()]);
      intake.close();
      catalogue.close();
    },
  };
}

function retentionRules({ retention, upload, minFreeBytes }: KeeperSettings): RetentionRules {
  return { policy: retentionPolicy(retention, upload), minFreeBytes };
}

function openOrRebuild(dataDir: string, tell: Tell): Catalogue {
  try {
    return openCatalogue(dataDir);
  } catch (error) {
    if (!(error instanceof ArchiveError && isBroken(error))) throw error;
    const aside = setAsideDatabase(dataDir);
    tell("warn", `the catalogue is damaged: it is built anew from the files`, {
      aside,
      reason: error.message,
    });
    return openCatalogue(dataDir);
  }
}

/** Ends what a crash cut off: a deletion; and connections, of which nobody saw the end. */
function takeUp(context: KeeperContext, onTrouble: (error: unknown) => void): void {
  try {
    resumeDeletion(context);
    context.catalogue.connections.endOthers(context.settings.run);
  } catch (error) {
    onTrouble(error); // no room, perhaps: the next start tries again
  }
}

/** The catalogue did not answer: if it is damaged there is no going on, else it is said now and then. */
function troubleTeller({ dataDir }: KeeperSettings, listener: KeeperListener, tell: Tell) {
  let last = "";
  return (error: unknown) => {
    const { message } = error as Error;
    if (isBroken(error)) {
      setAsideDatabase(dataDir);
      listener.broken(error as Error);
    } else if (message !== last) tell("error", "the catalogue cannot be written", { reason: message });
    last = message;
  };
}
