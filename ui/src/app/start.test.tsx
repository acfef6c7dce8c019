import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Opening } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake, type Fake } from "@/ipc/fake";
import { start } from "./start";
// Fetched a moment after the start, by when the tests may be over.
import "./Palette";

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

/** What the page shows when it has the window shown. */
function firstScreen(fake: Fake): Promise<string> {
  document.body.innerHTML = '<div id="root"></div>';
  connect(fake);
  return new Promise((resolve) => {
    fake.commands.windowReady = async () => {
      resolve(document.querySelector("main")?.textContent ?? "");
      return { status: "ok", data: null };
    };
    void start();
  });
}

it("begins at the place that it was started for, and goes on with what else it was", async () => {
  window.location.hash = "";
  const fake = createFake("lived");
  const waiting: Opening[] = [
    { kind: "unknown", link: "touchstone://delete/1" },
    { kind: "project", id: "project-sample" },
  ];
  fake.commands.takeOpenings = async () => ({ status: "ok", data: waiting.splice(0) });
  expect(await firstScreen(fake)).toContain("Support tickets (sample)");
  expect(window.location.hash).toBe("#/projects/project-sample");
  expect(await screen.findAllByText("touchstone://delete/1")).not.toHaveLength(0);
});

it("begins where it was left, and without the dialog that lay over it", async () => {
  window.location.hash = "#/projects/project-sample?tab=config&dialog=bin";
  await firstScreen(createFake("lived"));
  window.location.hash = "";
  expect(await firstScreen(createFake("lived"))).toContain("Support tickets (sample)");
  expect(window.location.hash).toBe("#/projects/project-sample?tab=config");
});

it("begins as on any other day where it cannot learn what it was started for", async () => {
  window.location.hash = "";
  const fake = createFake("lived");
  fake.commands.takeOpenings = async () => ({
    status: "error",
    error: { code: "internal", message: "It broke." } as never,
  });
  expect(await firstScreen(fake)).toContain("Ticket urgency");
  expect(await screen.findAllByText("What was asked for could not be opened")).not.toHaveLength(0);
});

it("has the window shown with what its first screen shows, though no frame is drawn of a hidden one", async () => {
  vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
  window.location.hash = "/prompts";
  const fake = createFake("lived");
  const { listPrompts } = fake.commands;
  let answer = () => {};
  fake.commands.listPrompts = async (...args) => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return listPrompts(...args);
  };
  let shown: string | undefined;
  void firstScreen(fake).then((text) => {
    shown = text;
  });
  await waitFor(() => expect(document.querySelector("main h1")?.textContent).toBe("Prompts"));
  expect(shown, "the prompts are still read").toBeUndefined();
  answer();
  await waitFor(() => expect(shown).toContain("Ticket urgency"));
});

it("says in sentences why there is no workspace, with what is typed into a terminal told apart", async () => {
  const warned = vi.spyOn(console, "error");
  const fake = createFake("locked");
  const info = await fake.commands.appInfo();
  if (info.status === "error") throw new Error(info.error.message);
  const workspace_problem =
    "the workspace file is damaged (9). Restore a backup of it; in a terminal by `touchstone a`";
  fake.commands.appInfo = async () => ({ status: "ok", data: { ...info.data, workspace_problem } });
  const shown = await firstScreen(fake);
  expect(shown).toContain("The workspace file is damaged (9). Restore a backup of it; in a terminal by touchstone a.");
  expect(screen.getByText("touchstone a").tagName).toBe("CODE");
  expect(warned).not.toHaveBeenCalled();
});
