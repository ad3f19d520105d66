import type { RetentionPolicy } from "../../src/retention/policy.js";

/** A policy that limits nothing but what is given. */
export function policyOf(limits: Partial<RetentionPolicy> = {}): RetentionPolicy {
  return {
    maxAgeDays: undefined,
    maxTotalBytes: undefined,
    keepFreeBytes: undefined,
    onlyUploaded: false,
    isBinUploaded: false,
    deleteUnuploadedWhenFull: false,
    devices: {},
    ...limits,
  };
}
