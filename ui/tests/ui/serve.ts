/** Builds the app with the scripted boundary, as `npm run build` builds the real one, and serves it on loopback. */
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    address: string;
  }
}

const root = new URL("../..", import.meta.url).pathname;
const outDir = `${root}node_modules/.cache/screens`;

export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const environment = process.env.NODE_ENV;
  // Vitest's own would build React as it is for development, which is several times slower.
  process.env.NODE_ENV = "production";
  await build({
    root,
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: true,
      rolldownOptions: { input: `${root}tests/ui/app/index.html` },
    },
  });
  process.env.NODE_ENV = environment;
  const server = await preview({ root, logLevel: "warn", build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the preview server has no address");
  project.provide("address", `${url}tests/ui/app/index.html`);
  return async () => {
    await server.close();
  };
}
