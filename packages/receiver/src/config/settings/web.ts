import { z } from "zod";
import { PASSWORD_HASH } from "../../access/password-hash.js";
import { applying, integer, networks, type Setting, text } from "../setting-kinds.js";
import { webUserList, webUserListFault, webUsersWithoutSecrets } from "../web-users.js";

const secretText = text.regex(/^[^\n\r]*$/);
// As many letters as nobody guesses, as long as they are random: openssl rand -hex 16 makes 32.
const LEAST_TOKEN_LETTERS = 16;

/** Who may look: the login of the web port. */
export const WEB: readonly Setting[] = [
  ...applying(
    "now",
    {
      key: "webUsername",
      flag: "--web-username <name>",
      env: ["WEB_UI_USERNAME"],
      schema: text.regex(/^[^:\p{Cc}]{1,64}$/u),
      allowed: "up to 64 letters without a colon",
      fallback: "admin",
      about: "user name of the web port",
    },
    {
      key: "webPassword",
      flag: undefined,
      env: ["WEB_UI_PASSWORD"],
      schema: secretText.max(1024).optional(),
      allowed: "up to 1024 letters in one line",
      fallback: undefined,
      about: "its password; without one and without a hash, one is made and shown at the first start",
      secret: true,
    },
    {
      key: "webPasswordHash",
      flag: undefined,
      env: ["WEB_UI_PASSWORD_HASH"],
      schema: text.regex(PASSWORD_HASH).optional(),
      allowed: "what audio-receiver hash-password prints",
      fallback: undefined,
      about: "hash of the password, instead of the password itself",
      secret: true,
    },
    {
      key: "webUsers",
      flag: undefined,
      env: [],
      schema: webUserList,
      allowed: "a list of { name, passwordHash, role, devices }, as in docs/web.md",
      fallback: [],
      about: "others who may see, or see and change, some devices or all",
      fault: webUserListFault,
      shown: webUsersWithoutSecrets,
    },
    {
      key: "metricsToken",
      flag: undefined,
      env: ["METRICS_TOKEN"],
      schema: z
        .string()
        .regex(new RegExp(`^[!-~]{${LEAST_TOKEN_LETTERS},256}$`))
        .optional(),
      allowed: `${LEAST_TOKEN_LETTERS} … 256 printable ASCII letters without spaces`,
      fallback: undefined,
      about: "opens GET /metrics alone, as Authorization: Bearer TOKEN",
      secret: true,
    },
    networks(
      "trustProxies",
      "--trust-proxies <list>",
      "TRUST_PROXIES",
      "proxies in front of the web and WebSocket ports: their X-Forwarded-For, -Proto, -Host and -Prefix are believed",
    ),
    {
      key: "wsPublicUrl",
      flag: "--ws-public-url <url>",
      env: ["WS_PUBLIC_URL"],
      schema: text
        .regex(/^wss?:\/\/[A-Za-z0-9._:[\]-]+(\/[A-Za-z0-9._~-]+)*\/?$/)
        .refine((url) => URL.canParse(url))
        .transform((url) => url.replace(/\/+$/, ""))
        .optional(),
      allowed: "ws:// or wss://, a host and a path, as wss://recorder.example.org/ws",
      fallback: undefined,
      about: "where a proxy takes streams for the WebSocket port, if not at /ws beside the pages",
    },
  ),
  ...applying(
    "restart",
    {
      key: "webPath",
      flag: "--web-path <path>",
      env: ["WEB_PATH"],
      schema: text
        .regex(/^(?!(.*\/)?\.{1,2}(\/|$))\/?([A-Za-z0-9._~-]+\/)*([A-Za-z0-9._~-]+)?$/)
        .transform((path) => `/${path}/`.replace(/\/+/g, "/")),
      allowed: "a path of A-Z a-z 0-9 . _ ~ - and /, as /audio/",
      fallback: "/",
      about: "path below which the web port's pages and their interface are, for reverse proxies",
    },
    integer(
      "maxMetricDevices",
      "--max-metric-devices <n>",
      ["MAX_METRIC_DEVICES"],
      [0, 1e5],
      1000,
      "devices with metrics of their own; what others do is counted together",
    ),
  ),
];
