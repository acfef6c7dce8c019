import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  resolve: { alias: { "@": new URL("../../src", import.meta.url).pathname } },
  test: { include: ["tests/agreement/*.test.ts"], testTimeout: 60_000 },
});
