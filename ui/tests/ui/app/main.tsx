/** The app as it is, with a scripted other end of the wire; `window.wanted`, set before, says what it is like. */
import "../../../src/boot";
import "../../../src/styles/main.css";
import { start } from "../../../src/app/start";
import type { Theme } from "../../../src/ipc/bindings";
import { connect } from "../../../src/ipc/client";
import { createFake, type Fake, type Scene } from "../../../src/ipc/fake";

declare global {
  interface Window {
    /** For tests: the other end of the wire. */
    fake: Fake;
    wanted?: { scene: Scene; theme: Theme; sidebarCollapsed: boolean };
  }
}

const { scene = "lived", theme = "light", sidebarCollapsed = false } = window.wanted ?? {};
window.fake = createFake(scene, { theme, sidebar_collapsed: sidebarCollapsed });
connect(window.fake);
void start();
