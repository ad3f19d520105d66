import { randomBytes } from "node:crypto";
import { ArchiveError, type Marks } from "@audio/archive";
import type { TimeZone } from "@audio/segments";
import type { WebChanges } from "../changes.js";
import type { MarkStores } from "../marks.js";
import { maySee, requireDevice } from "../visibility.js";
import { notFound, WebFailure } from "../web-failure.js";
import type { ApiRequest, Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface MarkSources {
  readonly marks: Pick<MarkStores, "pins" | "notes">;
  readonly zone: TimeZone;
  readonly changes: Pick<WebChanges, "announce">;
}

/** A stretch of a device, and something said of it. */
interface Mark {
  readonly id: string;
  readonly device: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Pins and notes. */
export function markHandlers({ marks: { pins, notes }, zone, changes }: MarkSources): Handlers {
  return {
    "GET /pins": async (request) => (await listed(pins, request, zone)).map(pinShown),
    "POST /pins": async ({ user, body: { note, ...selection } }) => {
      requireDevice(user, selection.device);
      const pin = await added(pins, { ...named(), ...selection, note });
      changes.announce("pins");
      return pinShown(pin);
    },
    "DELETE /pins/{id}": async ({ user, params: { id } }) => {
      const pin = await removed(pins, id, (device) => maySee(user, device), "pin");
      changes.announce("pins");
      return pinShown(pin);
    },
    "GET /notes": (request) => listed(notes, request, zone),
    "POST /notes": async ({ user, body }) => {
      requireDevice(user, body.device);
      const note = await added(notes, { ...named(), ...body, author: user.name });
      changes.announce("notes");
      return note;
    },
    "DELETE /notes/{id}": async ({ user, params: { id } }) => {
      const note = await removed(notes, id, (device) => maySee(user, device), "note");
      changes.announce("notes");
      return note;
    },
  };
}

/**
 * What a user changes or asks for in a file of marks.
 * @throws WebFailure 409: the file cannot be used, or is full
 */
export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ArchiveError) throw new WebFailure(409, error.message);
    throw error;
  }
}

/** Those that the user may know of and that reach into the range, in order of their start. */
async function listed<Kind extends Mark>(
  marks: Marks<Kind>,
  { user, query }: Pick<ApiRequest<"GET /pins">, "user" | "query">,
  zone: TimeZone,
): Promise<Kind[]> {
  const { device } = query;
  if (device !== undefined) requireDevice(user, device);
  const { fromUs = Number.NEGATIVE_INFINITY, toUs = Number.POSITIVE_INFINITY } = queryRange(query, zone);
  const isAsked = (mark: Mark) => mark.toUs > fromUs && mark.fromUs < toUs;
  const isOf = (mark: Mark) => (device === undefined ? maySee(user, mark.device) : mark.device === device);
  const found = (await answered(marks.list())).filter((mark) => isOf(mark) && isAsked(mark));
  return found.sort((a, b) => a.fromUs - b.fromUs);
}

async function added<Kind extends Mark>(marks: Marks<Kind>, mark: Kind): Promise<Kind> {
  const there = await answered(marks.change((before) => [...before, mark]));
  return there.find(({ id }) => id === mark.id) as Kind; // its times in whole milliseconds
}

async function removed<Kind extends Mark>(
  marks: Marks<Kind>,
  id: string,
  isVisible: (device: string) => boolean,
  what: string,
): Promise<Kind> {
  let gone: Kind | undefined;
  await answered(
    marks.change((before) => {
      gone = before.find((mark) => mark.id === id && isVisible(mark.device));
      if (gone === undefined) throw notFound(`no ${what} ${id}`);
      return before.filter((mark) => mark !== gone);
    }),
  );
  return gone as unknown as Kind;
}

function named() {
  return { id: randomBytes(4).toString("hex"), createdUs: Date.now() * 1000 };
}

function pinShown<Pin extends Mark & { readonly note: string | undefined }>({ note, ...pin }: Pin) {
  return { ...pin, note: note ?? null };
}
