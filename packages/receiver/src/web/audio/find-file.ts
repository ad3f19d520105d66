import type { User } from "@audio/api";
import type { Segment, SegmentForm } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import { nameOf } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { liveSegments, withLive } from "../live-segments.js";
import { maySee } from "../visibility.js";
import { notFound } from "../web-failure.js";
import { dayOf } from "./day.js";

/** The formats that an audio file of a segment has. */
export type AudioForm = "wav" | "flac" | "opus";

/** An audio file of a segment; or the one to ask for instead. */
export type FoundFile =
  | { readonly segment: Segment; readonly form: SegmentForm & { readonly form: AudioForm } }
  | { readonly insteadName: string };

const FILE = /^([^/\\\p{Cc}]{1,200})\.(wav|flac|opus)$/u;
const COMPRESSED = ["flac", "opus"] as const;

/**
 * The file of this name of a segment that began on that date, whatever folder it is in: of several, the one that began
 * first, of those the first by path. Names are looked up, never joined to a path.
 * @throws WebFailure 404; 503 without a catalogue
 */
export async function findFile(
  sources: SegmentSources,
  user: User,
  zone: TimeZone,
  { date, file }: { readonly date: string; readonly file: string },
): Promise<FoundFile> {
  const day = dayOf(date, zone);
  const [, name, asked] = FILE.exec(file) ?? [];
  if (day === undefined || name === undefined) throw notFound();
  const live = liveSegments(sources, day).filter(
    ({ stem }) => stem.slice(stem.lastIndexOf("/") + 1) === name,
  );
  const catalogued = await sources.reader.segmentsNamed(name, day.fromUs, day.toUs);
  const segments = withLive(catalogued, live).filter(
    ({ startUs, device, isRecording }) =>
      !isRecording && startUs >= day.fromUs && maySee(user, nameOf(device)),
  );
  for (const segment of segments) {
    const form = formOf(segment, asked as AudioForm);
    if (form !== undefined) return { segment, form };
  }
  const instead = asked === "wav" && COMPRESSED.find((form) => segments.some((each) => formOf(each, form)));
  if (!instead) throw notFound();
  return { insteadName: `${name}.${instead}` };
}

function formOf({ forms }: Segment, wanted: AudioForm) {
  return forms.find((each): each is SegmentForm & { readonly form: AudioForm } => each.form === wanted);
}
