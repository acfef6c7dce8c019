/** Ends with an error when what the first screen loads has grown beyond its budget, or a script is kept at two bytes a character
 * (see `vite.config.ts`). Runs over `dist/`, after the build. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KILOBYTES_MAX = { js: 260, css: 20 };

const dist = new URL("../dist/", import.meta.url);
const page = readFileSync(new URL("index.html", dist), "utf8");
const files = [...page.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.(js|css))"/g)];
const kilobytes = { js: 0, css: 0 };
for (const [, file, kind] of files) kilobytes[kind] += gzipSync(readFileSync(new URL(file, dist))).length / 1000;

for (const [kind, max] of Object.entries(KILOBYTES_MAX)) {
  const size = kilobytes[kind];
  process.stdout.write(`first screen: ${size.toFixed(0)} kB of ${max} kB ${kind}, gzipped\n`);
  if (size === 0 || size > max) process.exitCode = 1;
}

const assets = new URL("assets/", dist);
for (const file of readdirSync(assets).filter((name) => name.endsWith(".js"))) {
  if (/[\u0080-\uffff]/.test(readFileSync(new URL(file, assets), "utf8"))) {
    process.stdout.write(`${file} is not ASCII\n`);
    process.exitCode = 1;
  }
}
