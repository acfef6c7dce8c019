import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export const source = fileURLToPath(new URL("./src", import.meta.url));

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": source } },
  clearScreen: false,
  // The port that tauri.conf.json names as `devUrl`.
  server: { port: 1420, strictPort: true, host: "127.0.0.1" },
  build: {
    // The floor of the desktop webviews: Safari 16.4 and Chrome 111, as Tailwind 4 asks.
    target: ["safari16.4", "chrome111"],
    // A data: URL for a font would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    // WebKit keeps a script with one character above U+00FF at two bytes for each of its characters, beside what was read.
    rolldownOptions: { output: { minify: { codegen: { asciiOnly: true } } } },
    chunkSizeWarningLimit: 700,
  },
});
