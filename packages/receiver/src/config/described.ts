import type { z } from "zod";

const TAKEN = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** `schema` reads any value by itself, to say in one sentence what is wrong; for editors it is what `as` takes. */
export function described<T extends z.core.$ZodType>(schema: T, as: z.core.$ZodType): T {
  TAKEN.set(schema, as);
  return schema;
}

/** What describes a schema to editors; undefined: it does so itself. */
export function descriptionOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return TAKEN.get(schema);
}
