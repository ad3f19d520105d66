import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pairOf } from "../../packages/receiver/test/support/tls-client.js";
import { shipped } from "./shipped.js";

// Debian's; where it is compiled in there is none.
const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

export interface NginxFile {
  /** In examples/deploy/nginx. */
  readonly name: string;
  /** What a reader would change, too: names, ports, paths; each must be there. */
  readonly changes: Readonly<Record<string, string>>;
  /** Beside `http { … }` or in it. */
  readonly place: "http" | "main";
}

/** Writes a nginx.conf around files of examples/deploy, and the certificate; the words that start nginx with it. */
export function writeNginx(folder: string, files: readonly NginxFile[]): string[] {
  copyFileSync(pairOf("first").cert, join(folder, "cert.pem"));
  copyFileSync(pairOf("first").key, join(folder, "key.pem"));
  const changed = files.map((file) => ({ ...file, text: shippedNginx(folder, file) }));
  const at = (wanted: NginxFile["place"]) => changed.filter(({ place }) => place === wanted);
  for (const { name, text } of changed) writeFileSync(join(folder, name), text);
  const includes = (wanted: NginxFile["place"]) => at(wanted).map(({ name }) => `include ${folder}/${name};`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const lines = [
    existsSync(STREAM_MODULE) ? `load_module ${STREAM_MODULE};` : "",
    "daemon off;",
    "worker_processes 1;",
    `pid ${folder}/nginx.pid;`,
    "error_log stderr warn;",
    "events { worker_connections 256; }",
    ...includes("main"),
    "http {",
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    "access_log off;",
    ...includes("http"),
    "}",
  ];
  writeFileSync(join(folder, "nginx.conf"), `${lines.join("\n")}\n`);
  return ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")];
}

function shippedNginx(folder: string, { name, changes }: NginxFile): string {
  const certificates = /\/etc\/ssl\/\w+\/(fullchain|privkey)\.pem/g;
  const text = shipped(`nginx/${name}`, changes);
  return text.replaceAll(certificates, (_, which) =>
    join(folder, which === "privkey" ? "key.pem" : "cert.pem"),
  );
}
