import { applying, choice, networks, path, type Setting } from "../setting-kinds.js";

/** Who may send, and how connections are kept from being overheard. */
export const ACCESS: readonly Setting[] = [
  ...applying(
    "restart",
    choice(
      "auth",
      "--auth <who>",
      ["AUTH"],
      ["open", "token"],
      "open",
      "who may send: anybody, or who shows a token (audio-receiver token)",
    ),
    path(
      "tokensFile",
      "--tokens-file <file>",
      "TOKENS_FILE",
      "hashes of the tokens (default: tokens.json in dataDir)",
    ),
  ),
  ...applying(
    "now",
    networks("allowFrom", "--allow-from <list>", "ALLOW_FROM", "only these addresses may send (empty = all)"),
    networks(
      "trustFrom",
      "--trust-from <list>",
      "TRUST_FROM",
      "these addresses need no token: for UDP, and devices that cannot send one",
    ),
  ),
  ...applying(
    "restart",
    path(
      "tlsCert",
      "--tls-cert <file>",
      "TLS_CERT",
      "certificate chain, PEM: every TCP-based port then speaks TLS",
    ),
    path("tlsKey", "--tls-key <file>", "TLS_KEY", "private key of the certificate, PEM"),
  ),
];
