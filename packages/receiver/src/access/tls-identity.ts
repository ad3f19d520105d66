import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type Server, type TlsOptions } from "node:tls";
import { ReceiverError } from "../errors.js";
import { type FileWatch, watchFiles } from "./file-watch.js";

/** Where certificate and key are, PEM each. */
export interface TlsFiles {
  /** The server's certificate, and those between it and a known authority behind it. */
  readonly cert: string;
  readonly key: string;
}

/** The files were read. */
export interface TlsChange {
  /** Why they cannot be used, so that those of before stay; undefined = they are in use. */
  readonly fault: string | undefined;
  /** Last moment of the certificate that is in use. */
  readonly validUntil: Date;
}

export interface TlsIdentityOptions {
  readonly files: TlsFiles;
  readonly onChange: (change: TlsChange) => void;
}

/** Certificate and key of all listeners; looks after the files, and takes new ones over without a restart. */
export class TlsIdentity {
  readonly #options: TlsIdentityOptions;
  readonly #servers = new Set<Server>();
  #pair: KeyPair;
  #watch: FileWatch | undefined;

  private constructor(options: TlsIdentityOptions, pair: KeyPair) {
    this.#options = options;
    this.#pair = pair;
  }

  /** @throws ReceiverError `invalid-certificate` */
  static async open(options: TlsIdentityOptions): Promise<TlsIdentity> {
    const { cert, key } = options.files;
    const identity = new TlsIdentity(options, await readPair(options.files));
    const onChange = () => identity.#reload();
    identity.#watch = await watchFiles({ paths: [cert, key], everyMs: LOOK_EVERY_MS, onChange });
    options.onChange({ fault: undefined, validUntil: identity.#pair.validUntil });
    return identity;
  }

  /** For a server to be made. */
  get serverOptions(): TlsOptions {
    return contextOf(this.#pair);
  }

  /** Gives a server that was made with `serverOptions` every later certificate. */
  renew(server: Server): void {
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
  }

  close(): void {
    this.#watch?.stop();
  }

  async #reload(): Promise<void> {
    let fault: string | undefined;
    try {
      this.#pair = await readPair(this.#options.files);
      for (const server of this.#servers) server.setSecureContext(contextOf(this.#pair));
    } catch (error) {
      if (!(error instanceof ReceiverError)) throw error;
      fault = error.message;
    }
    this.#options.onChange({ fault, validUntil: this.#pair.validUntil });
  }
}

interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly validUntil: Date;
}

const LOOK_EVERY_MS = 1000;

// Older versions are broken (RFC 8996), and what an ESP32 speaks is 1.2 at least.
function contextOf({ cert, key }: KeyPair) {
  return { cert, key, minVersion: "TLSv1.2" } as const;
}

async function readPair(files: TlsFiles): Promise<KeyPair> {
  const cert = await readPem(files.cert, "certificate", "--tls-cert");
  const key = await readPem(files.key, "key", "--tls-key");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    throw invalid(`TLS certificate ${files.cert} (--tls-cert) holds no certificate in PEM form`);
  }
  try {
    createSecureContext(contextOf({ cert, key, validUntil: new Date(0) }));
  } catch (error) {
    throw invalid(`TLS key ${files.key} (--tls-key) ${keyFault(error as NodeJS.ErrnoException, files)}`);
  }
  return { cert, key, validUntil: new Date(certificate.validTo) };
}

async function readPem(path: string, what: string, flag: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw invalid(`TLS ${what} ${path} (${flag}) cannot be read: ${(error as Error).message}`);
  }
}

function keyFault({ code, message }: NodeJS.ErrnoException, { cert }: TlsFiles): string {
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") return `does not belong to the certificate ${cert}`;
  return `is no private key in PEM form without a passphrase: ${message}`;
}

function invalid(message: string): ReceiverError {
  return new ReceiverError("invalid-certificate", message);
}
