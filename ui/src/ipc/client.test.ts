import { describe, expect, it, vi } from "vitest";
import { connect, fieldError, IpcFailure, ipc, isCanceled, listen } from "./client";
import { createFake } from "./fake";

describe("the way to Rust", () => {
  it("hands over what a command answers", async () => {
    connect(createFake("first-run"));
    expect((await ipc.listPrompts()).map((prompt) => prompt.name)).toEqual(["Sort support tickets"]);
  });

  it("throws a refusal with its code and its field", async () => {
    connect(createFake("first-run"));
    const wanted = { name: "Sort support tickets", description: "", project_id: "project-sample", space_id: null };
    const failure = await ipc.createPrompt(wanted).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(IpcFailure);
    expect(failure).toMatchObject({ code: "name_taken", field: "name" });
    expect(fieldError(failure, "name")).toContain("exists already");
    expect(fieldError(failure, "description")).toBeUndefined();
  });

  it("tells what somebody ended from what went wrong", () => {
    const failure = (code: "canceled" | "invalid") => new IpcFailure({ code, message: "no", field: null });
    expect(isCanceled(failure("canceled"))).toBe(true);
    expect(isCanceled(failure("invalid"))).toBe(false);
    expect(isCanceled(new Error("canceled"))).toBe(false);
  });

  it("hears events until told to stop", () => {
    const fake = createFake();
    connect(fake);
    const heard: string[] = [];
    const stop = listen("changed", (changed) => heard.push(`first ${changed.kind}`));
    listen("changed", (changed) => heard.push(`second ${changed.kind}`));
    stop();
    fake.send.changed({ kind: "projects" });
    expect(heard).toEqual(["second projects"]);
  });

  it("tells everybody, whatever one of them makes of it", () => {
    const fake = createFake();
    connect(fake);
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const broken = new Error("broken");
    const heard: string[] = [];
    listen("opened", () => {
      throw broken;
    });
    listen("opened", () => heard.push("opened"));
    fake.send.opened(undefined);
    expect(heard).toEqual(["opened"]);
    expect(reported).toHaveBeenCalledExactlyOnceWith(broken);
    vi.unstubAllGlobals();
  });
});
