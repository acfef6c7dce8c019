// A desk for one journey: a display, a session bus, an unlocked keychain, an empty home, and the built program on it,
// driven through WebDriver. Everything is the journey's own, so journeys know nothing of each other or of the user.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

// The packages of the journeys are the UI's: one lock file, one installation.
const require = createRequire(new URL("../../ui/package.json", import.meta.url));
const { remote } = require("webdriverio");
const queries = readFileSync(require.resolve("@testing-library/dom/dist/@testing-library/dom.umd.min.js"), "utf8");

const target = process.env.CARGO_TARGET_DIR ?? path.join(process.env.HOME, ".cache/touchstone/target");
export const program = process.env.TOUCHSTONE_PROGRAM ?? path.join(target, "release/touchstone-desktop");
/** The command line that was built with it. */
export const commandLine = path.join(path.dirname(program), "touchstone");
const tauriDriver = process.env.TAURI_DRIVER ?? path.join(process.env.HOME, ".cache/touchstone/tools/bin/tauri-driver");
const screenshots = process.env.TOUCHSTONE_SCREENSHOTS ?? path.join(target, "screenshots");

// How long the page must not change to have come to rest after the start, and how long that is waited for.
const REST_MS = 400;
const REST_MS_MAX = 5_000;

// Longest wait for anything that a user would call "at once"; machines that run tests are slow.
const PATIENCE_MS = 60_000;

/** Lays a desk, with a screen reader if the window `isRead`; `end()` clears it, whatever the journey did to it. */
export async function layDesk({ lang = "en_US.UTF-8", width = 1280, height = 800, isRead = false } = {}) {
  const desk = new Desk(mkdtempSync(path.join(tmpdir(), "touchstone-desk-")));
  try {
    await desk.lay(lang, width, height, isRead);
  } catch (error) {
    await desk.end();
    throw error;
  }
  return desk;
}

class Desk {
  #started = [];
  #driver;
  #driverPort;
  #secrets = [];
  #said = [];

  constructor(folder) {
    this.folder = folder;
    this.home = path.join(folder, "home");
  }

  async lay(lang, width, height, isRead) {
    for (const name of ["home", "run"]) mkdirSync(path.join(this.folder, name), { mode: 0o700 });
    this.env = {
      PATH: process.env.PATH,
      HOME: this.home,
      LANG: lang,
      USER: "ann",
      // A window that no screen reader looks at is given to none: that would only take time.
      ...(isRead ? {} : { NO_AT_BRIDGE: "1" }),
      XDG_CONFIG_HOME: path.join(this.home, ".config"),
      XDG_DATA_HOME: path.join(this.home, ".local/share"),
      XDG_CACHE_HOME: path.join(this.home, ".cache"),
      XDG_RUNTIME_DIR: path.join(this.folder, "run"),
      // Requests of the program go to the journey's own server and must find no proxy on the way.
      NO_PROXY: "*",
    };
    // What is on the screen can be read from a file, whoever draws it.
    const screen = ["-screen", "0", `${width}x${height}x24`, "-fbdir", this.folder];
    const display = this.#spawn("Xvfb", ["-displayfd", "3", ...screen, "-nolisten", "tcp"], { says: 3 });
    this.env.DISPLAY = `:${await firstLine(display, 3)}`;
    const bus = this.#spawn("dbus-daemon", ["--session", "--nofork", "--print-address=1"], { says: 1 });
    this.env.DBUS_SESSION_BUS_ADDRESS = await firstLine(bus, 1);
    // Reads the password of the new keychain from its input, and unlocks it with that.
    const keychain = this.#spawn("gnome-keyring-daemon", ["--unlock", "--components=secrets", "--foreground"], {
      reads: "a password",
    });
    await this.until("the keychain to answer", () => {
      if (keychain.exitCode !== null) throw new Error("gnome-keyring-daemon ended early");
      return this.#bus("org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", [
        "org.freedesktop.secrets",
      ]).includes("true");
    });
    await this.#startDriver();
  }

  /** Starts the program with these files and waits for its page. */
  async open(files = []) {
    try {
      this.browser = await this.#session(files);
    } catch (error) {
      // WebKit's driver chooses a port for the program to be driven through and lets go of it before the program takes it:
      // another process can have it by then, and the driver goes on knocking at a port where nobody will be. A program that
      // ended is another matter.
      if (this.programs().length === 0) throw error;
      process.stdout.write(`no session, and another try with a new driver: ${error.message}\n${this.#whatIsThere()}\n`);
      this.#killPrograms();
      await stop(this.#driver);
      await this.#startDriver();
      this.browser = await this.#session(files);
    }
    await this.until("the page to be there", () => this.browser.execute("return document.readyState === 'complete'"));
    // What is read at the start moves what is there already: a click at where something was would be lost.
    await this.browser.executeAsync(
      (rest, longest, done) => {
        const end = () => {
          clearTimeout(timer);
          observer.disconnect();
          done();
        };
        let timer = setTimeout(end, rest);
        const observer = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(end, rest);
        });
        observer.observe(document, { subtree: true, childList: true, characterData: true });
        setTimeout(end, longest);
      },
      REST_MS,
      REST_MS_MAX,
    );
    return this.browser;
  }

  /**
   * Starts the program beside the one that is open, as a file manager or a browser would, and waits until it has handed over
   * what it was to open. Answers its exit code.
   */
  async startAgain(args) {
    const [code] = await once(this.#spawn(program, args), "exit");
    return code;
  }

  /** Ends the program as a user does, and waits until it is gone. */
  async quit() {
    // The driver misses the program before it has said that the keys were pressed.
    await this.browser.keys(["Control", "q"]).catch(() => {});
    await this.gone();
  }

  /** Waits until the program has ended by itself. */
  async gone() {
    await this.until("the program to end", () => this.programs().length === 0);
    await this.#closeSession();
  }

  /** Ends the program as a power cut would, and the driver's session with it. */
  async kill() {
    const pids = this.programs();
    if (pids.length !== 1) throw new Error(`expected one running program, found ${pids.length}`);
    process.kill(pids[0], "SIGKILL");
    await this.until("the program to be gone", () => this.programs().length === 0);
    await this.#closeSession();
  }

  /** Ends the driver's session, which closes the program. */
  async close() {
    await this.#closeSession();
    await this.until("the program to end", () => this.programs().length === 0);
  }

  async end() {
    await this.#closeSession();
    for (const child of this.#started.reverse()) await stop(child);
    this.#killPrograms();
    const leaks = this.#leaks();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    if (leaks.length > 0) throw new Error(`a secret that the journey entered is in ${leaks.join(", ")}`);
  }

  /** Names a secret that the journey enters: when it ends, no file and no output of the program may hold it. */
  plants(secret) {
    this.#secrets.push(Buffer.from(secret));
  }

  /** Writes a file that a journey needs, and says where it is. */
  file(name, content) {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  /** Keeps a picture of the window; its path is printed. */
  async picture(name, folder = screenshots) {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    // WebKit takes the picture with the next frame, and a page at rest paints none: an unseen pixel keeps it painting.
    await this.browser.execute(() => {
      const pixel = document.createElement("div");
      pixel.id = "keeps-painting";
      pixel.style.cssText = "position:fixed;right:0;bottom:0;width:1px;height:1px;opacity:0.01";
      document.documentElement.append(pixel);
      const timer = setInterval(() => {
        if (!pixel.isConnected) clearInterval(timer);
        pixel.style.background = pixel.style.background === "black" ? "white" : "black";
      }, 20);
    });
    await this.browser.saveScreenshot(file);
    await this.browser.execute(() => document.getElementById("keeps-painting").remove());
    process.stdout.write(`screenshot: ${file}\n`);
  }

  // ---- finding and doing things, as somebody with a screen reader would

  /** The one element with this role and accessible name, once it is there. `name` is a text or a regular expression. */
  async find(role, name, { within } = {}) {
    const query = { role, name: name instanceof RegExp ? { source: name.source, flags: name.flags } : name };
    const scope = within ? await within : null;
    let problem;
    const reference = await this.until(
      () => `${role} “${name}” to be there${problem ? `: ${problem}` : ""}`,
      async () => {
        await this.#lendQueries();
        const found = await this.browser.execute(
          (query, scope) => {
            const name = typeof query.name === "object" ? new RegExp(query.name.source, query.name.flags) : query.name;
            const all = window.TestingLibraryDom.queryAllByRole(scope ?? document.body, query.role, { name });
            const shown = all.filter((element) => element.getClientRects().length > 0);
            return shown.length === 1 ? { element: shown[0] } : { problem: `${shown.length} of them` };
          },
          query,
          scope,
        );
        problem = found.problem;
        return found.element;
      },
    );
    return this.browser.$(reference);
  }

  /** The field with this label, whatever its role: one for a password has none. */
  async labelled(label) {
    const reference = await this.until(`a field labelled “${label}”`, async () => {
      await this.#lendQueries();
      return this.browser.execute(
        (label) => window.TestingLibraryDom.queryAllByLabelText(document.body, new RegExp(`^${label}`))[0] ?? null,
        label,
      );
    });
    return this.browser.$(reference);
  }

  /**
   * Presses it once it takes a press: what a draft lacks is known a moment after it was typed. And once it stands still: the
   * driver looks where it is, and presses there, with nothing to say if it has moved in between.
   */
  async click(role, name, options) {
    const element = await this.until(`${role} “${name}” to take a press`, async () => {
      const found = await this.find(role, name, options);
      return (await this.browser.executeAsync(takesPress, found).catch(unlessGone)) && found;
    });
    await element.click();
    return element;
  }

  /** Waits until a table shows its rows. */
  async rows(name) {
    const grid = await this.find("grid", name);
    await this.until(`the rows of “${name}”`, async () =>
      this.browser.execute(
        (grid) => grid.ariaBusy !== "true" && grid.querySelector("[aria-rowindex='2'] [role=gridcell]") !== null,
        await grid,
      ),
    );
  }

  /** Replaces what is in a text field. */
  async fill(role, name, text, options) {
    const element = await this.click(role, name, options);
    await this.browser.keys(["Control", "a"]);
    await this.browser.keys(["Delete"]);
    await element.addValue(text);
    return element;
  }

  async closeDialog() {
    await this.browser.keys(["Escape"]);
    await this.until("the dialog to close", () =>
      this.browser.execute(() => document.querySelector("[role=dialog]") === null),
    );
  }

  /** Everything that the page shows, as text. */
  text() {
    return this.browser.execute("return document.body.innerText");
  }

  /** Waits until the page shows a text. */
  async sees(text) {
    const shows = (page) => (text instanceof RegExp ? text.test(page) : page.includes(text));
    let page = "";
    await this.until(
      () => `the page to show “${text}”; it shows:\n${page}`,
      async () => {
        page = await this.text();
        return shows(page);
      },
    );
  }

  /** What `attempt` gives back, once that is true. */
  async until(what, attempt, patience = PATIENCE_MS) {
    const end = Date.now() + patience;
    for (;;) {
      const outcome = await attempt();
      if (outcome) return outcome;
      if (Date.now() > end) {
        if (this.browser) await this.picture("waited-in-vain").catch(() => {});
        throw new Error(`waited in vain for ${typeof what === "function" ? what() : what}`);
      }
      await sleep(100);
    }
  }

  // ---- what is kept where

  /** How many secrets of the program the keychain holds. */
  secretsInKeychain() {
    const found = this.#bus(
      "org.freedesktop.secrets",
      "/org/freedesktop/secrets",
      "org.freedesktop.Secret.Service.SearchItems",
      ["{'service': 'Touchstone'}"],
    );
    return (found.match(/\/org\/freedesktop\/secrets\/collection\//g) ?? []).length;
  }

  // ----

  /** Where the planted secrets came to light: files of the desk, and what the program and its driver said. */
  #leaks() {
    const holdsSecret = (content) => this.#secrets.some((secret) => content.includes(secret));
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .filter((file) => holdsSecret(contentOf(file)));
    return holdsSecret(Buffer.concat(this.#said)) ? [...files, "the output"] : files;
  }

  async #lendQueries() {
    if (await this.browser.execute("return 'TestingLibraryDom' in window")) return;
    await this.browser.execute(`${queries}\nwindow.TestingLibraryDom ??= globalThis.TestingLibraryDom;`);
  }

  async #startDriver() {
    const [port, nativePort] = await Promise.all([freePort(), freePort()]);
    this.#driverPort = port;
    this.#driver = this.#spawn(tauriDriver, ["--port", String(port), "--native-port", String(nativePort)], {
      heard: true,
    });
    await this.until("the driver to listen", () =>
      fetch(`http://127.0.0.1:${port}/status`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );
  }

  #session(files) {
    return remote({
      hostname: "127.0.0.1",
      port: this.#driverPort,
      logLevel: "silent",
      waitforTimeout: PATIENCE_MS,
      connectionRetryCount: 0,
      capabilities: {
        "tauri:options": { application: program, args: files },
        "wdio:enforceWebDriverClassic": true,
      },
    });
  }

  #killPrograms() {
    for (const pid of this.programs()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (error.code !== "ESRCH") throw error; // It ended while we looked.
      }
    }
  }

  /** For who looks into a start that failed: what runs, where it listens, and what was said last. */
  #whatIsThere() {
    const listening = spawnSync("ss", ["-tlnp"], { encoding: "utf8" }).stdout ?? "";
    const said = Buffer.concat(this.#said).toString().slice(-2000);
    return `programs: ${this.programs().join(", ") || "none"}\nlistening:\n${listening}said:\n${said}`;
  }

  async #closeSession() {
    const browser = this.browser;
    this.browser = undefined;
    // After a kill the driver may have noticed by itself that the session is over.
    await browser?.deleteSession().catch(() => {});
  }

  /** The processes of our program that belong to this desk: the program itself, not WebKit's helpers. */
  programs() {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          return (
            readlinkSync(`/proc/${pid}/exe`) === program &&
            readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`HOME=${this.home}`)
          );
        } catch {
          return false; // It ended while we looked.
        }
      });
  }

  #bus(service, object, method, parameters) {
    const call = ["call", "--session", "--dest", service, "--object-path", object, "--method", method, ...parameters];
    return spawnSync("gdbus", call, { env: this.env, encoding: "utf8" }).stdout ?? "";
  }

  #spawn(command, parameters, { says, reads, heard } = {}) {
    const output = heard ? "pipe" : "ignore";
    const stdio = [reads === undefined ? "ignore" : "pipe", says === 1 ? "pipe" : output, output];
    if (says === 3) stdio.push("pipe");
    if (process.env.TOUCHSTONE_JOURNEY_LOG) stdio[2] = "inherit";
    const child = spawn(command, parameters, { env: this.env, stdio });
    child.on("error", (error) => process.stderr.write(`${command} could not be started: ${error.message}\n`));
    if (reads !== undefined) child.stdin.end(reads);
    if (heard) for (const stream of [child.stdout, child.stderr]) stream?.on("data", (part) => this.#said.push(part));
    this.#started.push(child);
    return child;
  }
}

/** In the page: whether the element takes a press, and has not moved for a moment. */
function takesPress(element, done) {
  // As the driver would: what is above it, as a long text, may be measured and move it as it is scrolled by.
  element.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const place = () => JSON.stringify(element.getBoundingClientRect());
  const before = place();
  setTimeout(() => done(element.isConnected && element.ariaDisabled !== "true" && place() === before), 60);
}

/** An element that was drawn anew meanwhile is looked for again. */
function unlessGone(error) {
  if (error.name === "stale element reference") return false;
  throw error;
}

async function firstLine(child, descriptor) {
  const lines = createInterface({ input: child.stdio[descriptor] });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`${child.spawnfile} ended early`)));
  const [line] = await Promise.race([once(lines, "line"), ended]);
  ended.catch(() => {});
  return line;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await Promise.race([once(child, "exit"), sleep(3000).then(() => child.kill("SIGKILL"))]);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** What is in a file; nothing of one that a process of the page, which ends by itself, removed meanwhile. */
function contentOf(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
