import {
  type Catalogue,
  FORMS,
  type Form,
  plausibleFacts,
  type Segment,
  type SegmentFacts,
} from "@audio/archive";
import { type ObjectInfo, parseSegmentMetadata, type Store } from "@audio/upload";
import type { BucketSums } from "./bucket-sums.js";

interface Entering {
  readonly catalogue: Catalogue;
  readonly store: Pick<Store, "bucket">;
  readonly sums: BucketSums;
  readonly now: () => number;
}

// A name without metadata tells a start to the minute.
const SAME_START_US = 60_000_000;

/** What form of a recording an object of this key is; undefined: none. */
export function formOfKey(key: string): Form | undefined {
  return FORMS.find((form) => key.endsWith(`.${form}`));
}

/**
 * Takes an object that the catalogue does not know, or with another size, into it. Within a transaction.
 *
 * Where the file is here too, it is left to uploading, which compares them; all others come in as not compared.
 */
export function enterObject(info: ObjectInfo, entering: Entering): void {
  const { catalogue, store, sums, now } = entering;
  const { key, bytes } = info;
  const replaced = catalogue.objects.byKey(store.bucket, key);
  const facts = factsOf(info);
  const form = formOfKey(key);
  const segment = facts && catalogue.segments.byStem(facts.stem);
  if (facts === undefined || form === undefined) sums.foreign++;
  else if (segment !== undefined && isOther(segment, facts, form, key)) sums.doubles++;
  else if (segment?.forms.some((found) => found.form === form && found.local)) {
    sums.waiting++;
    if (replaced !== undefined) catalogue.segments.removeRemote(replaced.segmentId, replaced.form, key);
    catalogue.jobs.addFor(segment.id, "upload", now(), now(), true);
    return;
  } else {
    const isTold = segment !== undefined && !isByNameAlone(segment);
    const id = isTold ? segment.id : catalogue.segments.put(facts, []);
    catalogue.segments.setRemote(id, form, bytes, { bucket: store.bucket, key, verifiedUs: undefined });
    sums.added++;
    if (segment === undefined) sums.addedSegments++;
    if (replaced?.segmentId === id && replaced.form === form) return;
  }
  if (replaced !== undefined) catalogue.segments.removeRemote(replaced.segmentId, replaced.form, key);
}

function factsOf({ metadata }: ObjectInfo): SegmentFacts | undefined {
  const stated = parseSegmentMetadata(metadata);
  return stated && plausibleFacts(stated);
}

/** Whether the segment of this name is another recording, or has this form under another key already. */
function isOther(segment: Segment, facts: SegmentFacts, form: Form, key: string): boolean {
  const { device, streamId, samples, sampleRate, channels, startUs, forms } = segment;
  if (forms.some((found) => found.form === form && found.remote !== undefined && found.remote.key !== key))
    return true;
  if (isByNameAlone(segment)) return device !== facts.device || streamId !== facts.streamId;
  return (
    samples !== facts.samples ||
    sampleRate !== facts.sampleRate ||
    channels !== facts.channels ||
    Math.abs(startUs - facts.startUs) > SAME_START_US
  );
}

/** Frames as received say neither when they came nor what was missing. */
function isByNameAlone({ forms }: Segment): boolean {
  return forms.every(({ form }) => form === "bin");
}
