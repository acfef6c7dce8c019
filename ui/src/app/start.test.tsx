import { waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { start } from "./start";

afterEach(() => vi.restoreAllMocks());

it("has the window shown with what its first screen shows, though no frame is drawn of a hidden one", async () => {
  vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
  document.body.innerHTML = '<div id="root"></div>';
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
  fake.commands.windowReady = async () => {
    shown = document.body.textContent ?? "";
    return { status: "ok", data: null };
  };
  connect(fake);
  void start();
  await waitFor(() => expect(document.querySelector("main h1")?.textContent).toBe("Prompts"));
  expect(shown, "the prompts are still read").toBeUndefined();
  answer();
  await waitFor(() => expect(shown).toContain("Ticket urgency"));
});
