import { expect, it } from "vitest";
import { folderPaths, isIn } from "./folders";

it("lists folders with those around them, each once", () => {
  const prompts = [{ folder: "support/mail" }, { folder: "" }, { folder: "support" }, { folder: "billing" }];
  expect(folderPaths(prompts)).toEqual(["billing", "support", "support/mail"]);
});

it("finds what is in a folder or below it, and not what only begins alike", () => {
  expect(isIn({ folder: "support/mail" }, "support")).toBe(true);
  expect(isIn({ folder: "support" }, "support")).toBe(true);
  expect(isIn({ folder: "supportive" }, "support")).toBe(false);
  expect(isIn({ folder: "" }, "support")).toBe(false);
});
