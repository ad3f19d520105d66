import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const WORTH_IT = /\.(js|css|svg|html)$/;

/** Puts compressed twins beside the files, so that no server compresses them again and again. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir = "dist" }) {
    for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
      if (!WORTH_IT.test(name) || name === "index.html") continue; // the server changes the page itself
      const path = join(dir, name);
      const content = readFileSync(path);
      writeFileSync(`${path}.br`, brotliCompressSync(content));
      writeFileSync(`${path}.gz`, gzipSync(content));
    }
  },
};

export default defineConfig({
  base: "./", // the pages may stand below any path: the server says which in <base>
  resolve: { conditions: ["@audio/source", "module", "browser", "default"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0, sourcemap: true },
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/stream": "http://127.0.0.1:8080" } },
  plugins: [compressed],
});
