import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("./certificates/", import.meta.url));

export type CertificateName = "first" | "second" | "expired";

/** Paths of a committed pair. */
export function pairOf(name: CertificateName): { cert: string; key: string } {
  return { cert: join(FOLDER, `${name}.cert.pem`), key: join(FOLDER, `${name}.key.pem`) };
}

/** What a client trusts that knows this certificate only. */
export async function trusting(name: CertificateName): Promise<{ ca: Buffer }> {
  return { ca: await readFile(pairOf(name).cert) };
}

/** Puts a pair where a server looks for it. */
export async function install(name: CertificateName, folder: string): Promise<{ cert: string; key: string }> {
  const target = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const source = pairOf(name);
  await copyFile(source.cert, target.cert);
  await copyFile(source.key, target.key);
  return target;
}

/** A TLS connection that is ready to send. */
export async function dialTls(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  socket.on("error", () => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** The name in the certificate that a port shows, whoever made it. */
export async function shownName(port: number): Promise<string> {
  const socket = await dialTls(port, { rejectUnauthorized: false });
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** HTTP status of a GET over TLS. */
export async function getStatus(url: string, options: ConnectionOptions): Promise<number | undefined> {
  const outgoing = request(url, { ca: options.ca, agent: false }).end();
  const [response] = await once(outgoing, "response");
  response.resume();
  return response.statusCode;
}
