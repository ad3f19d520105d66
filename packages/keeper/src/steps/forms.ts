import type { Form, Segment, SegmentForm } from "@audio/archive";

/** Forms that are audio, the one that takes the least room first. */
const AUDIO_FORMS: readonly Form[] = ["opus", "flac", "wav"];

export function hasLocal({ forms }: Segment, form: Form): boolean {
  return forms.some((found) => found.form === form && found.local);
}

/** The audio that lies in the data directory, in its smallest form. */
export function localAudio({ forms }: Segment): SegmentForm | undefined {
  const form = AUDIO_FORMS.find((wanted) => forms.some((found) => found.form === wanted && found.local));
  return forms.find((found) => found.form === form);
}

/** The audio as it is in a store, verified, in its smallest form. */
export function remoteAudio({ forms }: Segment): SegmentForm | undefined {
  const form = AUDIO_FORMS.find((wanted) => forms.some((found) => found.form === wanted && isSaved(found)));
  return forms.find((found) => found.form === form);
}

/** Whether the object of a form was compared with its file. */
export function isSaved({ remote }: SegmentForm): boolean {
  return remote?.verifiedUs !== undefined;
}

export function secondsOf({ samples, sampleRate }: Segment): number {
  return samples / sampleRate;
}
