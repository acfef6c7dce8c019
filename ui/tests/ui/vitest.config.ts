import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("../..", import.meta.url).pathname,
  test: {
    include: ["tests/ui/*.test.ts"],
    globalSetup: ["tests/ui/serve.ts"],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // A browser that shares two cores may answer late. What took two tries is reported as such, and is to be looked into.
    retry: 1,
    // One browser, one test file after the other: the machines that run this have two cores.
    fileParallelism: false,
  },
});
