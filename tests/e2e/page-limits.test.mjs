// What the page may not do in the built program, whatever gets into it: run texts as scripts, load or send anything elsewhere,
// show another page, or ask Tauri for what no capability gives it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { layDesk } from "./desk.mjs";

test("the page reaches nothing but the commands", async (t) => {
  const desk = await layDesk();
  t.after(() => desk.end());
  let asked = 0;
  const server = createServer((_, reply) => {
    asked += 1;
    reply.setHeader("access-control-allow-origin", "*");
    reply.end("window.reached = true");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const elsewhere = `http://127.0.0.1:${server.address().port}/`;
  const browser = await desk.open();

  const outcome = await browser.executeAsync(async (elsewhere, done) => {
    const tried = async (work) => {
      try {
        return await work();
      } catch {
        return "refused";
      }
    };
    const loaded = (element, address) =>
      new Promise((settle) => {
        element.onload = () => settle("loaded");
        element.onerror = () => settle("refused");
        element.src = address;
        document.body.append(element);
        // A frame that may not load says nothing of it in some engines.
        setTimeout(() => settle("refused"), 2000);
      });
    const invoke = (command, payload) => window.__TAURI_INTERNALS__.invoke(command, payload).then(() => "answered");
    const inline = document.createElement("script");
    inline.textContent = "window.reached = true";
    document.body.append(inline);
    document.body.insertAdjacentHTML("beforeend", `<img src="x" onerror="window.reached = true">`);
    done({
      fetch: await tried(() => fetch(elsewhere).then(() => "answered")),
      script: await tried(() => loaded(document.createElement("script"), `${elsewhere}script.js`)),
      picture: await tried(() => loaded(new Image(), `${elsewhere}picture.png`)),
      file: await tried(() => loaded(new Image(), "file:///usr/share/icons/hicolor/index.theme")),
      socket: await tried(
        () =>
          new Promise((settle) => {
            const socket = new WebSocket(elsewhere.replace("http", "ws"));
            socket.onopen = () => settle("answered");
            socket.onerror = () => settle("refused");
          }),
      ),
      text: await tried(() => new Function("return 'run'")()),
      // Of Tauri itself the page may set its zoom, and no more.
      listen: await tried(() => invoke("plugin:event|listen", { event: "changed", target: { kind: "Any" }, handler: 1 })),
      emit: await tried(() => invoke("plugin:event|emit", { event: "changed", payload: null })),
      window: await tried(() => invoke("plugin:window|close", { label: "main" })),
      webview: await tried(() =>
        invoke("plugin:webview|create_webview_window", { options: { label: "x", url: elsewhere } }),
      ),
      preferences: await tried(() => invoke("plugin:store|load", { path: "/etc/passwd" })),
      dialog: await tried(() => invoke("plugin:dialog|open", { options: {} })),
    });
  }, elsewhere);
  for (const [what, came] of Object.entries(outcome)) assert.equal(came, "refused", what);
  assert.equal(await browser.execute("return window.reached"), null, "no script of a text was run");
  assert.equal(asked, 0, "nothing left the page");
});
