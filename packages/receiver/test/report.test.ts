/** What a report says, and what it never says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../src/config/load.js";
import { knownSecrets } from "../src/report/known-secrets.js";
import { markdownOf } from "../src/report/markdown.js";
import { answered } from "../src/report/part.js";
import { Pseudonyms } from "../src/report/pseudonyms.js";
import { withTexts } from "../src/report/report.js";
import { MASK, Scrubber } from "../src/report/scrubber.js";

// What stands for a secret is no secret, and nothing is read into its letters.
const secret = fc
  .string({ minLength: 4, maxLength: 40, unit: "grapheme" })
  .filter((text) => !text.includes("*"));

describe("the scrubber", () => {
  it("leaves no known secret, however it is written and whatever stands around it", () => {
    const forms: ((text: string) => string)[] = [
      (text) => text,
      (text) => JSON.stringify({ text }),
      (text) => JSON.stringify(JSON.stringify([text])),
      encodeURIComponent,
      (text) => Buffer.from(text).toString("base64"),
      (text) => `https://user:${text}@host/`,
    ];
    const pieces = fc.array(fc.tuple(fc.string(), fc.nat(), fc.constantFrom(...forms)), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), pieces, (secrets, all) => {
        const text = all.map(([before, i, form]) => before + form(secrets[i % secrets.length])).join("");
        const scrubber = new Scrubber(secrets);
        const cleaned = scrubber.clean(text);
        for (const hidden of secrets)
          for (const form of forms.slice(0, 5)) {
            const written = form(hidden);
            const core = written.startsWith("{") ? written.slice(9, -2) : written;
            expect(cleaned.includes(core), JSON.stringify([hidden, cleaned])).toBe(false);
          }
        expect(scrubber.clean(cleaned)).toBe(cleaned);
      }),
    );
  });

  it.each([
    "http://anna:s3cr3t@host/x",
    "amqps://s3cr3t@host",
    "Authorization: Basic YWRtaW46czNjcjN0czNjcjN0",
    "authorization: Bearer s3cr3t",
    `{"authorization":"s3cr3t"}`,
    'password = "s3cr3t with blanks"',
    "--api-key=s3cr3t",
    "GET /x?a=1&X-Amz-Signature=s3cr3t&b=2",
    "/ws?token=s3cr3t",
    "scrypt:15:8:1:s3cr3ts3cr3ts3cr3ts3cr3t:s3cr3ts3cr3ts3cr3ts3cr3ts3cr3ts3cr3ts3cr3",
    "AKIAIOSFODNN7S3CR3TX",
    "art_s3cr3ts3cr3ts3cr3t",
    "web login: admin / s3cr3t (made now and shown this once",
    "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.eyJzM2NyM3QiOiJzM2NyM3QifQ.s3cr3t",
  ])("knows a secret by its looks: %s", (text) => {
    const cleaned = new Scrubber([]).clean(text);
    expect(cleaned.toLowerCase()).not.toMatch(/s3cr3t|czNjcjN0|eyjzm2/i);
    expect(cleaned).toContain(MASK);
  });

  it("leaves in peace what is none", () => {
    const text =
      "no token exists yet, so nobody may send: audio-receiver token add NAME; key: value pairs; 10 keys";
    expect(new Scrubber(["abc"]).clean(text)).toBe(text.replace("value", MASK).replace(MASK, "value"));
  });
});

describe("secrets that are known", () => {
  it("come from settings, hooks and the environment, and from files that cannot be read as what they are", () => {
    const hooks = [
      {
        on: "gap",
        url: "https://h.example/services/url-s3cr3t?k=query-s3cr3t",
        headers: { x: "header-s3cr3t" },
      },
      { on: "gap", url: "https://i.example/", secretEnv: "SIGNING" },
      { on: "gap", command: ["sh", "--key=argument-s3cr3t", "{path}"], env: ["FOR_HOOK"] },
    ] as const;
    const values = resolveOptions({ webPassword: "web-s3cr3t", hooks });
    const env = {
      SIGNING: "signing-s3cr3t",
      FOR_HOOK: "hook-s3cr3t",
      AWS_SESSION_TOKEN: "aws-s3cr3t",
      AUTH: "token",
    };
    const texts = [
      'webPassword: "yaml-s3cr3t" # mine\n  metricsToken: { broken: [ \nauth: token\ntlsKey: /etc/key.pem',
      '{"hooks":[{"secret":"json-s3cr3t","name":"x"}],}',
      "SCW_SECRET_KEY=env-s3cr3t\nexport MY_TOKEN='quoted-s3cr3t'",
    ];
    const known = new Scrubber(knownSecrets({ env, texts, values }));
    const where = [
      "url",
      "query",
      "header",
      "signing",
      "hook",
      "argument",
      "web",
      "aws",
      "yaml",
      "json",
      "env",
      "quoted",
    ];
    for (const name of where) expect(known.clean(`it is ${name}-s3cr3t.`), name).toBe("it is ***.");
    expect(known.clean("auth: token, /etc/key.pem, sh {path}")).toBe("auth: token, /etc/key.pem, sh {path}");
  });
});

describe("pseudonyms", () => {
  it("are the same for the same, in names of files and addresses too", () => {
    const names = new Pseudonyms({ device: ["kitchen", "kitchen-2", "a"], user: ["anna"] });
    const text =
      "kitchen kitchen-2 received/kitchen/stream_1_kitchen_2026.wav a/b banana anna 192.168.1.27:99 [fe80::1%eth0] 192-168-1-27 127.0.0.1 24:6f:28:aa:bb:cc 24_6f_28_aa_bb_cd 10:20:30 1.2.3";
    expect(names.replace(text)).toBe(
      "device-2 device-3 received/device-2/stream_1_device-2_2026.wav device-1/b banana user-1 address-1:99 [address-2%eth0] address-1 127.0.0.1 hardware-1 hardware-2 10:20:30 1.2.3",
    );
  });

  it("leave no name in any text that is made of them", () => {
    const name = fc
      .stringMatching(/^[A-Za-z0-9_-]{3,20}$/)
      .filter((text) => /[A-Za-z]/.test(text) && !/^(device|kind)/.test(text));
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 9 }), (all) => {
        const text = new Pseudonyms({ kind: all }).replace(all.join(" / "));
        expect(text.split(" / ").every((word) => /^kind-\d+$/.test(word))).toBe(true);
      }),
    );
  });
});

describe("a report", () => {
  const report = (lines: readonly string[]) => ({
    version: "1",
    written: "now",
    parts: [{ title: "Log", data: lines }],
  });

  it("is no markup, whatever strangers are called", () => {
    const text = markdownOf(report(["````", "\u001b[31m</script>", "## heading\r\n"]));
    expect(text).toContain("\n`````text\n````\n_[31m</script>\n## heading__\n`````\n");
  });

  it("says what could not be found out, in time", async () => {
    const never = answered({ title: "a", longestMs: 20, ask: () => new Promise(() => undefined) });
    expect(await never).toEqual({ title: "a", data: [], fault: "it took longer than 0.02 s" });
    const failing = await answered({
      title: "b",
      longestMs: 1000,
      ask: () => {
        throw new Error("no s3cr3t");
      },
    });
    const whole = withTexts({ version: "1", written: "now", parts: [failing] }, (text) =>
      text.replace("s3cr3t", MASK),
    );
    expect(markdownOf(whole)).toContain("## b\n\nCould not be found out:\n\n```text\nno ***\n```\n");
  });
});
