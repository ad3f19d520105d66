import type { z } from "zod";
import { unknownName } from "./nearest.js";

/**
 * The first thing that is wrong with a value that holds others: `kitchen.maxGb must be …`.
 * @param known the names that stand in the innermost object
 */
export function faultOf({ issues: [issue] }: z.ZodError, known: readonly string[]): string {
  const where = issue.path.filter((part) => typeof part === "string").join(".");
  if (issue.code !== "unrecognized_keys") return `${where} ${issue.message}`.trim();
  const unknown = unknownName(issue.keys[0], known, `known are ${known.join(", ")}`);
  return where === "" ? unknown : `${where}: ${unknown}`;
}
