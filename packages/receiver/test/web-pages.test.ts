/** The pages: where they are, how they are sent, and what protects them. */
import { request } from "node:http";
import { brotliDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { placeOf } from "../src/web/web-path.js";
import { audioReceiver, ServerProcess } from "./support/command.js";
import { basic, TestReceiver, temporaryFolder, WEB_PASSWORD } from "./support/test-receiver.js";

const authorization = basic("admin", WEB_PASSWORD);

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

// As it stands on the line: fetch decompresses, follows redirects and normalises addresses.
function ask(
  server: TestReceiver,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, headers, body } = options;
    const port = server.receiver.ports.web;
    const sent = request(
      { host: "127.0.0.1", port, path, method, headers: { authorization, ...headers }, agent: false },
      async (answer) => {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

const PAGES = ["/", "/calendar", "/search?q=x", "/devices", "/devices/kitchen", "/microphone"];

describe.concurrent("the pages", () => {
  it("are one file under every address, guarded, and asked for again only when it has changed", async () => {
    await using server = await TestReceiver.start();
    for (const path of PAGES) {
      const page = await ask(server, path);
      expect([path, page.status, page.headers["content-type"]]).toEqual([
        path,
        200,
        "text/html; charset=utf-8",
      ]);
      expect(page.body.toString()).toContain('<base href="/"');
      expect(page.headers).toMatchObject({
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": expect.stringContaining("microphone=(self)"),
        "content-security-policy": expect.stringMatching(/^default-src 'none'; script-src 'self'; /),
      });
      expect(page.headers["content-security-policy"]).not.toMatch(/unsafe|\*/);
      expect(page.headers).not.toHaveProperty("strict-transport-security");
    }
    const { headers } = await ask(server, "/");
    const again = await ask(server, "/", { headers: { "if-none-match": `W/"x", W/${headers.etag}` } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it("load files that never change, compressed beforehand, and nothing beside them", async () => {
    await using server = await TestReceiver.start();
    const [script] = /assets\/[\w.-]+\.js/.exec(String((await ask(server, "/")).body))!;
    const plain = await ask(server, `/${script}`);
    expect(plain.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": expect.stringContaining("javascript"),
      "x-content-type-options": "nosniff",
    });
    const packed = await ask(server, `/${script}`, { headers: { "accept-encoding": "gzip, br" } });
    expect(packed.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(packed.body).equals(plain.body)).toBe(true);
    const etag = String(packed.headers.etag);
    const again = await ask(server, `/${script}`, {
      headers: { "if-none-match": etag, "accept-encoding": "br" },
    });
    expect(again.status).toBe(304);
    expect((await ask(server, "/icon.svg")).headers["content-type"]).toContain("image/svg+xml");
    const others = [
      "/index.html",
      "/icon.svg.br",
      "/assets/",
      "/assets/%2e%2e/index.html",
      "/assets/..%2f..",
    ];
    for (const path of [...others, "/assets/none.js", "/calendar/", "/devices/a/b"])
      expect([path, (await ask(server, path)).status]).toEqual([path, 404]);
  });
});

describe.concurrent("answers", () => {
  it("name the methods that an address knows, behind the login", async () => {
    await using server = await TestReceiver.start();
    const wanted: [string, string, number, string | undefined][] = [
      ["POST", "/", 405, "GET, HEAD"],
      ["PUT", "/assets/x.js", 405, "GET, HEAD"],
      ["DELETE", "/healthz", 405, "GET, HEAD"],
      ["PUT", "/api/v1/now", 405, "GET, HEAD"],
      ["OPTIONS", "/api/v1/pins", 405, "GET, HEAD, POST"],
      ["GET", "/api/v1/pins/00000000", 405, "DELETE"],
      ["PUT", "/nowhere", 404, undefined],
      ["PROPFIND", "/", 501, undefined],
    ];
    for (const [method, path, status, allow] of wanted) {
      const answer = await ask(server, path, { method });
      expect([method, path, answer.status, answer.headers.allow]).toEqual([method, path, status, allow]);
      const stranger = await ask(server, path, { method, headers: { authorization: "" } });
      expect([path, stranger.status]).toEqual([path, path === "/healthz" ? 405 : 401]);
    }
  });

  it("to HEAD have the headers of GET and no body", async () => {
    await using server = await TestReceiver.start();
    for (const path of ["/", "/metrics", "/healthz", "/api/v1/server", "/api/v1/openapi.json", "/icon.svg"]) {
      const [head, get] = [await ask(server, path, { method: "HEAD" }), await ask(server, path)];
      expect([path, head.status, head.body.length]).toEqual([path, get.status, 0]);
      expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
    }
  });

  it("to what is malformed, too large or no JSON say so in one line", async () => {
    await using server = await TestReceiver.start();
    const json = { "content-type": "application/json" };
    const post = (body: string, headers: Record<string, string> = json) =>
      ask(server, "/api/v1/notes", { method: "POST", body, headers });
    const found = await Promise.all([
      ask(server, "/%zz"),
      ask(server, "/api/v1/devices/%ff"),
      post(`{"text":"${"x".repeat(70_000)}"}`),
      post("{"),
      post(""),
      post("text=x", { "content-type": "application/x-www-form-urlencoded" }),
      post("{}", { "content-type": "text/plain" }),
      post("{}"),
    ]);
    expect(found.map(({ status }) => status)).toEqual([400, 400, 413, 400, 400, 415, 415, 400]);
    for (const { body } of found) {
      const { error, ...rest } = JSON.parse(String(body));
      expect([typeof error, rest]).toEqual(["string", {}]);
      expect(error).not.toMatch(/\n|FST_|\.js:/);
    }
  });

  it("in JSON are compressed and in no cache; events are not compressed", async () => {
    await using server = await TestReceiver.start();
    const headers = { "accept-encoding": "gzip, br" };
    const json = await ask(server, "/api/v1/openapi.json", { headers });
    expect(json.headers).toMatchObject({ "content-encoding": "br", "cache-control": "no-store" });
    expect(JSON.parse(String(brotliDecompressSync(json.body)))).toHaveProperty("openapi");
    const stop = new AbortController();
    const events = await server.look("/api/v1/events", {
      headers: { authorization, ...headers },
      signal: stop.signal,
    });
    expect(events.headers.get("content-encoding")).toBeNull();
    stop.abort();
  });
});

describe.concurrent("below a path of its own", () => {
  it("is everything; the probes are at the root as well", async () => {
    await using server = await TestReceiver.start({ webPath: "/audio" });
    const statuses = async (...paths: string[]) =>
      Promise.all(paths.map(async (path) => (await ask(server, path)).status));
    expect(await statuses("/audio/", "/audio/calendar", "/audio/api/v1/server", "/audio/healthz")).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await statuses("/healthz", "/readyz", "/", "/calendar", "/audiox", "/audio/%zz")).toEqual([
      200, 200, 404, 404, 404, 400,
    ]);
    const page = await ask(server, "/audio/devices/kitchen");
    expect(page.body.toString()).toContain('<base href="/audio/"');
    const slashless = await ask(server, "/audio?x=1");
    expect([slashless.status, slashless.headers.location]).toEqual([308, "/audio/"]);
    expect((await ask(server, "/audio", { headers: { authorization: "" } })).status).toBe(401);
  });

  it("is behind a proxy that takes the path away, when that is trusted", async () => {
    const headers = { "x-forwarded-prefix": "/sounds/" };
    await using server = await TestReceiver.start({ trustProxies: ["127.0.0.1"] });
    const page = await ask(server, "/calendar", { headers });
    expect(page.body.toString()).toContain('<base href="/sounds/"');
    await using other = await TestReceiver.start();
    expect((await ask(other, "/calendar", { headers })).body.toString()).toContain('<base href="/"');
  });

  it("is what the program names as its address, and where its own commands ask", async () => {
    await using folder = await temporaryFolder();
    const env = { WEB_UI_PASSWORD: WEB_PASSWORD, WEB_PATH: "audio" };
    await using server = await ServerProcess.start({ cwd: folder.path, env });
    expect(server.ready.web).toMatch(/:\d+\/audio$/);
    const { port } = new URL(server.ready.web!);
    const { code, stdout } = await audioReceiver(["top", "--json", "--web-port", port], {
      cwd: folder.path,
      env,
    });
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ devices: [] })]);
  });

  it("says that it is to be asked by TLS alone when it was, by a trusted proxy's word", async () => {
    await using server = await TestReceiver.start({ trustProxies: ["127.0.0.1"] });
    const { headers } = await ask(server, "/healthz", { headers: { "x-forwarded-proto": "https" } });
    expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  });
});

describe("where an address lies", () => {
  it.each([
    ["/", "/", "", "inside", "/", "/"],
    ["/x?y=/z", "/", "", "inside", "/x?y=/z", "/"],
    ["/x", "/", "/p", "inside", "/x", "/p/"],
    ["/a/b/x?y", "/a/b/", "", "inside", "/x?y", "/a/b/"],
    ["/a/b", "/a/b/", "", "slashless", "/-/", "/a/b/"],
    ["/a/b?y", "/a/b/", "", "slashless", "/-/", "/a/b/"],
    ["/a/bx", "/a/b/", "", "outside", "/-/", "/a/b/"],
    ["/x", "/a/", "/a", "inside", "/x", "/a/"], // taken away by the proxy
    ["/a/x", "/a/", "/a", "inside", "/x", "/a/"], // told, but left there
    ["/a/x", "/a/", "/p", "inside", "/x", "/p/a/"],
    ["/healthz?x", "/a/", "", "inside", "/healthz?x", "/a/"],
    ["/%c3", "/", "", "malformed", "/-/", "/"],
    ["*", "/", "", "malformed", "/-/", "/"],
    ["http://x/y", "/", "", "malformed", "/-/", "/"],
  ])("%s below %s with prefix %s: %s", (url, webPath, prefix, kind, inner, base) => {
    expect(placeOf({ url }, { prefix }, webPath)).toEqual({ base, kind, url: inner });
  });
});
