import { PassThrough } from "node:stream";
import { openVirtualWav, type RangePlan, readRange } from "@audio/archive";
import { CompressError } from "@audio/compress";
import type { TimeZone } from "@audio/segments";
import { formatMetadata } from "@audio/wav";
import type { FastifyReply } from "fastify";
import { needsFfmpeg } from "../../export/codecs.js";
import { fileNameOf, metadataOf } from "../../export/describe-range.js";
import { type AudioRequest, explained, planAudio, planTag, remoteSegments } from "../audio/plan-audio.js";
import type { Playback } from "../audio/playback.js";
import { attachment, CACHE_CONTROL, goneSignal, sendBytes } from "../audio/send-bytes.js";
import { deviceNamed } from "../device-name.js";
import type { SegmentSources } from "../known-segments.js";
import { requireDevice } from "../visibility.js";
import { WebFailure } from "../web-failure.js";
import type { ApiRequest, Handlers } from "./handler.js";
import { queryRange } from "./times.js";

export interface AudioHandlerSources extends SegmentSources {
  readonly playback: Playback;
  readonly zone: TimeZone;
}

type Asked = ApiRequest<"GET /audio">;

/** A plan, and what was asked. */
interface Playing {
  readonly plan: RangePlan;
  readonly request: AudioRequest;
  readonly http: Asked["http"];
  /** Undefined: it is to be played. */
  readonly fileName: string | undefined;
  readonly reply: FastifyReply;
}

const TYPES = { flac: "audio/flac", opus: "audio/ogg; codecs=opus" } as const;

/** The audio of devices by time. */
export function audioHandlers(sources: AudioHandlerSources) {
  const { zone } = sources;
  return {
    "GET /audio": async ({ user, query, http }, reply) => {
      requireDevice(user, query.device);
      const request = { ...query, streamId: query.stream, ...queryRange(query, zone) };
      const plan = await planAudio(sources, request, zone);
      const { device, format, download } = query;
      const fileName = download === "1" ? fileNameOf(nameOf(device), request, format, zone) : undefined;
      const playing = { plan, request, http, reply, fileName };
      return format === "wav" ? sendWav(sources, playing) : sendEncoded(sources, playing, format);
    },
    "GET /audio/plan": async ({ user, query }) => {
      const { device, stream: streamId } = query;
      requireDevice(user, device);
      const { fromUs, toUs } = queryRange(query, zone);
      const plan = await planAudio(sources, { device, fromUs, toUs, streamId, gaps: "silence" }, zone);
      const { format, samples, missing, leftOut } = plan;
      const missingUs = Math.round((missing.samples / format.sampleRate) * 1_000_000);
      const otherStreams = leftOut.map((stream) => stream.streamId);
      const length = { samples, missingUs, remoteSegments: remoteSegments(plan) };
      return { ...format, device, fromUs, toUs, ...length, otherStreams };
    },
  } satisfies Handlers;
}

async function sendWav({ playback, zone }: AudioHandlerSources, playing: Playing): Promise<FastifyReply> {
  const { plan, request, http, reply, fileName } = playing;
  const { sources } = playback;
  const { channels, bitsPerSample } = plan.format;
  const dataBytes = (plan.samples * channels * bitsPerSample) / 8;
  explained(() => openVirtualWav(plan, sources)); // says what to do when it is too long
  const metadata = formatMetadata(metadataOf(plan, nameOf(request.device), zone), dataBytes);
  const wav = explained(() => openVirtualWav(plan, sources, metadata));
  if (http.method !== "HEAD" && needsFfmpeg(plan, "wav")) await playback.useFfmpeg(goneSignal(reply));
  return sendBytes(http, reply, {
    type: "audio/wav",
    size: wav.bytes,
    etag: planTag(plan, request.device),
    fileName,
    read: (start, end, signal) => wav.read(start, end, { signal }),
  });
}

async function sendEncoded(
  sources: AudioHandlerSources,
  playing: Playing,
  format: "flac" | "opus",
): Promise<FastifyReply> {
  const { http, reply, fileName } = playing;
  const headers = { "content-type": TYPES[format], "accept-ranges": "none", "cache-control": CACHE_CONTROL };
  const output = http.method === "HEAD" ? new PassThrough().end() : await encoded(sources, playing, format);
  reply.headers(headers);
  if (fileName !== undefined) reply.header("content-disposition", attachment(fileName));
  return reply.send(output);
}

/** What ffmpeg makes of it, once the first bytes have come: before that, what goes wrong can be told. */
async function encoded(
  { playback, zone }: AudioHandlerSources,
  { plan, request, reply }: Playing,
  format: "flac" | "opus",
): Promise<PassThrough> {
  const signal = goneSignal(reply);
  await playback.useFfmpeg(signal);
  const output = new PassThrough();
  output.on("error", () => undefined); // told below, or by the answer that breaks off
  const metadata = metadataOf(plan, nameOf(request.device), zone);
  const chunks = readRange(plan, playback.sources, { signal });
  const encoding = playback.encode(chunks, output, { format, pcm: plan.format, metadata, signal });
  await new Promise<void>((resolve, reject) => {
    output.once("readable", resolve);
    encoding.then(
      () => output.end(),
      (error: Error) => {
        output.destroy(error);
        reject(signal.aborted ? new WebFailure(503, "nobody waits for it any more") : failureOf(error));
      },
    );
  });
  return output;
}

function failureOf(error: Error): Error {
  const isAsked = error instanceof CompressError && error.code === "unsupported-format";
  return isAsked ? new WebFailure(400, `${error.message}: ask for wav`) : error;
}

function nameOf(device: string): string | undefined {
  return deviceNamed(device) ?? undefined;
}
