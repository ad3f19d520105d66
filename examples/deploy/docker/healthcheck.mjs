// Asks the receiver in the same container how it is: exit 0 when it lives, 1 when it does not answer. It knows the
// settings that come by environment; the password is not among what it needs.
import { request } from "node:http";
import { request as requestTls } from "node:https";

const { WEB_UI_PORT = "8080", TLS_CERT } = process.env;
const ask = TLS_CERT ? requestTls : request;

// To itself, whatever name is in the certificate.
const asked = ask({
  host: "127.0.0.1",
  port: WEB_UI_PORT,
  path: "/healthz",
  rejectUnauthorized: false,
  timeout: 5000,
});
asked.on("response", (answer) => {
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
  answer.pipe(process.stdout);
});
asked.on("timeout", () => asked.destroy(new Error("no answer within 5 s")));
asked.on("error", ({ message }) => {
  console.error(`http://127.0.0.1:${WEB_UI_PORT}/healthz: ${message}`);
  process.exitCode = 1;
});
asked.end();
