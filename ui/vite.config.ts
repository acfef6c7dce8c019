import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

export const source = fileURLToPath(new URL("./src", import.meta.url));

/**
 * A script that holds one character above U+00FF is kept with two bytes for each of its characters, beside what was read. In
 * minified code such characters stand in texts only, where an escape says the same.
 */
const ascii: Plugin = {
  name: "ascii",
  generateBundle(_, bundle) {
    const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") chunk.code = chunk.code.replace(/[\u0080-\uffff]/g, escaped);
    }
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), ascii],
  resolve: { alias: { "@": source } },
  clearScreen: false,
  // The port that tauri.conf.json names as `devUrl`.
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    // The floor of the desktop webviews: Safari 16.4 and Chrome 111, as Tailwind 4 asks.
    target: ["safari16.4", "chrome111"],
    // A data: URL for a font would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
