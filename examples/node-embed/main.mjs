// A program of its own that records: a receiver, an HTTP server beside it, and something done for each device.
//
//   node main.mjs [DATA_DIR]        WS_PORT (5096) and PORT (8000) say where
import { once } from "node:events";
import { ReceiverError, startReceiver } from "@audio/receiver";
import { Devices } from "./devices.mjs";
import { createHttpServer } from "./http-server.mjs";

const [dataDir = "recordings"] = process.argv.slice(2);
const { HOST: host = "127.0.0.1", WS_PORT = 5096, PORT = 8000 } = process.env;

// Every setting of docs/configuration.md is an option here, under its name in the configuration file.
const receiver = await startReceiver({
  dataDir,
  host,
  wsPort: Number(WS_PORT),
  tcp: false,
  web: false, // this program has its own
  binHandshake: true, // a .bin says what it holds: ../read-bin.mjs reads it
}).catch((error) => {
  if (!(error instanceof ReceiverError)) throw error;
  console.error(`${error.code}: ${error.message}`); // it says what to change
  process.exit(1);
});

const devices = new Devices(receiver);
const server = createHttpServer(receiver, devices).listen(Number(PORT), host);
await once(server, "listening");
console.log(`devices: ws://${host}:${receiver.ports.ws}/ws/NAME`);
console.log(`listening: http://${host}:${server.address().port}/`);

/** The first signal finishes what is recorded, a second one ends at once: as safe as a crash. */
async function stop() {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  server.close();
  server.closeAllConnections();
  await receiver.close(); // every segment is complete, and every event has come
  await devices.settled();
  console.log("stopped");
}
// Whichever comes first; the other one is then the second.
const stopOnce = () => {
  process.off("SIGINT", stopOnce);
  process.off("SIGTERM", stopOnce);
  stop();
};
process.on("SIGINT", stopOnce);
process.on("SIGTERM", stopOnce);
