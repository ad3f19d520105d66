// The program's own HTTP server: what is live, what was recorded, and the last finished file of each device.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

/** @param devices what is known of each, see devices.mjs */
export function createHttpServer(receiver, devices) {
  return createServer(async ({ method, url }, response) => {
    const [, name] = /^\/latest\/([\w-]{1,64})\.wav$/.exec(url ?? "") ?? [];
    if (method !== "GET") response.writeHead(405).end();
    else if (url === "/") sendJson(response, { live: liveStreams(receiver), recorded: devices.all() });
    // The name is looked up, and never becomes a path: nobody can ask for another file.
    else if (devices.find(name)?.lastPath) await sendFile(response, devices.find(name).lastPath);
    else response.writeHead(404).end();
  });
}

function liveStreams({ streams }) {
  return Array.from(streams, ({ stream, codec, samples, level, lostFrames }) => ({
    device: stream.device ?? null,
    peer: stream.peer,
    codec,
    seconds: samples / stream.sampleRate,
    dbfs: level?.rmsDbfs ?? null,
    lostFrames,
  }));
}

function sendJson(response, value) {
  response.setHeader("content-type", "application/json").end(JSON.stringify(value, null, 2));
}

async function sendFile(response, path) {
  try {
    const file = await readFile(path); // 10 s of audio: small. For hours of it, send a stream
    response.writeHead(200, { "content-type": "audio/wav", "content-length": file.length }).end(file);
  } catch (error) {
    console.error(`${path}: ${error.message}`); // deleted meanwhile: recording goes on
    response.writeHead(404).end();
  }
}
