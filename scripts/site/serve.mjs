// Shows what was built, to this machine alone.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

async function answer(folder, request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  try {
    const path = normalize(decodeURIComponent(pathname)).replace(/\/$/, "/index.html");
    const bytes = await readFile(join(folder, path));
    response
      .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
      .end(bytes);
  } catch (error) {
    if (error.code === "EISDIR") response.writeHead(301, { location: `${pathname}/` }).end();
    else response.writeHead(404, { "content-type": "text/plain" }).end(`there is no ${pathname}\n`);
  }
}

export async function serve(folder, port) {
  const server = createServer((request, response) => answer(folder, request, response));
  await new Promise((resolve, reject) =>
    server.once("error", reject).listen(port, "127.0.0.1", resolve),
  ).catch((error) => {
    throw new Error(`port ${port} of 127.0.0.1 cannot be listened on (${error.code}): another with --port`);
  });
  console.log(`http://127.0.0.1:${server.address().port}`);
}
