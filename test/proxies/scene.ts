import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestReceiver } from "../../packages/receiver/test/support/test-receiver.js";
import { pairOf } from "../../packages/receiver/test/support/tls-client.js";
import { until } from "../../packages/receiver/test/support/waiting.js";
import { writeNginx } from "./nginx.js";
import { RunningProxy } from "./running-proxy.js";
import { shipped } from "./shipped.js";
import { Visitor } from "./visitor.js";

/** A receiver behind a proxy. */
export interface Site {
  readonly receiver: TestReceiver;
  readonly visitor: Visitor;
  /** Where the visitor comes from: not from where the proxies do, nor other sites' visitors. */
  readonly from: string;
  /** `https://localhost:1234/`, or with a path behind. */
  readonly root: string;
  /** Of whoever signed the proxy's certificate. */
  readonly caFile: string;
}

export const SITES = ["nginx", "nginx below a path", "caddy", "caddy below a path"] as const;
export type SiteName = (typeof SITES)[number];

/** Two receivers, one of them below a path, and in front of them both proxies with all their shipped files. */
export class Scene implements AsyncDisposable {
  readonly sites = {} as Record<SiteName, Site>;
  /** nginx takes raw audio by TLS here. */
  tcpPort = 0;
  /** Ports for plain HTTP, which send to the others. */
  readonly plainPorts: number[] = [];
  readonly #open: AsyncDisposable[] = [];

  static async start(): Promise<Scene> {
    const scene = new Scene();
    try {
      const settings = { trustProxies: ["127.0.0.1"], catalogue: true };
      const whole = scene.#keep(await TestReceiver.start(settings));
      const below = scene.#keep(await TestReceiver.start({ ...settings, webPath: "/audio/" }));
      await scene.#startNginx(whole, below);
      await scene.#startCaddy(whole);
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What nginx has written about requests. */
  get accessLog(): string {
    return readFileSync(join(this.#nginx!.folder, "access.log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#open.reverse()) await each[Symbol.asyncDispose]();
  }

  #nginx: RunningProxy | undefined;

  #keep<Each extends AsyncDisposable>(each: Each): Each {
    this.#open.push(each);
    return each;
  }

  async #startNginx(whole: TestReceiver, below: TestReceiver): Promise<void> {
    const ports = { plain: 0, whole: 0, below: 0, tcp: 0 };
    this.#nginx = this.#keep(
      await RunningProxy.start(4, (folder, [plain, https, belowPort, tcp]) => {
        Object.assign(ports, { plain, whole: https, below: belowPort, tcp });
        const log = { "/var/log/nginx/audio-receiver.log": join(folder, "access.log") };
        const files = [
          {
            name: "audio-receiver.conf",
            place: "http",
            changes: {
              ...log,
              ...upstreams(whole),
              "listen 80;": `listen 127.0.0.1:${plain};`,
              "listen 443 ": `listen 127.0.0.1:${https} `,
              "recorder.example.org;": "localhost;",
            },
          },
          {
            name: "tcp-tls.conf",
            place: "main",
            changes: {
              "listen 9443 ": `listen 127.0.0.1:${tcp} `,
              "127.0.0.1:9000": `127.0.0.1:${whole.tcpPort}`,
            },
          },
          {
            name: "below-a-path.conf",
            place: "http",
            // What both files bring, and a reader who takes both would have once.
            changes: {
              ...log,
              ...upstreams(below),
              $audio_connection: "$audio_connection_below",
              "log_format audio_receiver ": "log_format audio_below ",
              "listen 443 ": `listen 127.0.0.1:${belowPort} `,
              "example.org;": "localhost;",
            },
          },
        ] as const;
        return { command: "nginx", words: writeNginx(folder, files), port: https };
      }),
    );
    const caFile = pairOf("first").cert;
    this.#add("nginx", whole, `https://localhost:${ports.whole}/`, caFile);
    this.#add("nginx below a path", below, `https://localhost:${ports.below}/audio/`, caFile);
    this.plainPorts.push(ports.plain);
    this.tcpPort = ports.tcp;
  }

  async #startCaddy(receiver: TestReceiver): Promise<void> {
    const ports = { plain: 0, https: 0 };
    const caddy = this.#keep(
      await RunningProxy.start(2, (folder, [plain, https]) => {
        Object.assign(ports, { plain, https });
        for (const name of ["Caddyfile", "below-a-path.Caddyfile"])
          writeFileSync(join(folder, name), shipped(`caddy/${name}`));
        writeFileSync(join(folder, "main"), caddyfile(plain, https));
        const env = {
          RECORDER_NAME: "localhost",
          SITE_NAME: "127.0.0.1",
          RECORDER_WEB: new URL(receiver.web("")).host,
          RECORDER_STREAMS: new URL(receiver.ws()).host,
        };
        const words = ["run", "--adapter", "caddyfile", "--config", "main"];
        return { command: "caddy", words, env, port: https };
      }),
    );
    const caFile = join(caddy.folder, "caddy/pki/authorities/local/root.crt");
    await until("Caddy's certificate", () => existsSync(caFile));
    this.#add("caddy", receiver, `https://localhost:${ports.https}/`, caFile);
    this.#add("caddy below a path", receiver, `https://127.0.0.1:${ports.https}/audio/`, caFile);
    this.plainPorts.push(ports.plain);
  }

  #add(name: SiteName, receiver: TestReceiver, root: string, caFile: string): void {
    const from = `127.0.1.${1 + SITES.indexOf(name)}`;
    const visitor = new Visitor({ root, ca: readFileSync(caFile), from });
    this.sites[name] = { receiver, visitor, from, root, caFile };
  }
}

function upstreams(receiver: TestReceiver): Record<string, string> {
  return {
    "http://127.0.0.1:8080": receiver.web(""),
    "http://127.0.0.1:5096": receiver.ws().replace(/^ws(.*)\/ws$/, "http$1"),
  };
}

// Its own authority, which browsers and devices would not know; nobody else is asked for a certificate.
function caddyfile(plain: number, https: number): string {
  return `{
	http_port ${plain}
	https_port ${https}
	default_bind 127.0.0.1
	local_certs
	skip_install_trust
	admin off
}
import Caddyfile
import below-a-path.Caddyfile
`;
}
