import { NAMELESS_PIN, type Pin, type Segment } from "@audio/archive";
import type { UploadSettings } from "@audio/upload";
import { deviceRetention, type RetentionPolicy } from "../retention/policy.js";
import { copiesOf } from "./copies.js";

/** What decides whether a segment may be deleted by hand. */
export interface Rules {
  readonly policy: RetentionPolicy;
  readonly pins: readonly Pin[];
  readonly upload: UploadSettings | undefined;
}

/** What becomes of a segment that somebody wants to be deleted. */
export interface Verdict {
  readonly goes: boolean;
  /** Why it stays, or a part of it; undefined: nothing of it does. */
  readonly stays: string | undefined;
}

export function verdictOn(segment: Segment, { policy, pins, upload }: Rules): Verdict {
  const { device, startUs, endUs, forms } = segment;
  if (deviceRetention(policy, device).keep === true)
    return { goes: false, stays: "the settings keep everything of this device" };
  const isOver = (pin: Pin) => pin.fromUs < endUs && pin.toUs > startUs;
  const pin = pins.find((one) => one.device === (device ?? NAMELESS_PIN) && isOver(one));
  if (pin !== undefined) return { goes: false, stays: `it is pinned (${pin.id})` };
  const elsewhere = forms.find(
    ({ remote }) => remote !== undefined && remote.bucket !== upload?.store.bucket,
  );
  return {
    goes: forms.some(({ local }) => local) || copiesOf(segment, upload).length > 0,
    stays:
      elsewhere && `its copy in the bucket ${elsewhere.remote?.bucket} stays: nothing is uploaded there now`,
  };
}
