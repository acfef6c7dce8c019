/** The page's own end of the wire, with Tauri's call replaced. */
import { invoke } from "@tauri-apps/api/core";
import { afterEach, expect, it, vi } from "vitest";
import type { AppEvent } from "./bindings";
import { listen } from "./client";

vi.mock("@tauri-apps/api/core", () => ({ invoke: vi.fn(), convertFileSrc: (path: string) => path }));

afterEach(() => vi.useRealTimers());

it("asks for what happened again and again, also after Rust could not be asked", async () => {
  vi.useFakeTimers();
  const chosen = (command: string): AppEvent => ({ name: "menuChosen", payload: { command } });
  const replies = [
    () => Promise.resolve([chosen("first"), { name: "opened" } satisfies AppEvent, chosen("second")]),
    () => Promise.reject(new Error("the wire broke")),
    () => Promise.resolve([]),
    () => Promise.resolve([chosen("third")]),
  ];
  vi.mocked(invoke).mockImplementation(() => (replies.shift() ?? (() => new Promise(() => {})))());

  const heard: string[] = [];
  listen("menuChosen", ({ command }) => heard.push(command));
  listen("opened", () => heard.push("opened"));
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual(["first", "opened", "second"]);
  expect(invoke, "and then leaves it alone for a while").toHaveBeenCalledTimes(2);

  await vi.advanceTimersByTimeAsync(5000);
  expect(heard).toEqual(["first", "opened", "second", "third"]);
  expect(vi.mocked(invoke).mock.calls.map(([command]) => command)).toEqual(Array(5).fill("next_events"));
});
