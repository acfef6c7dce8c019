import { expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { createQueryClient } from "@/ipc/queries";
import { createAppRouter } from "./router";

it.each([
  ["/prompts/prompt-sample", "tab", "results", "runs"],
  ["/projects/project-sample", "tab", "tasks", "gold"],
  ["/projects/project-sample/config", "part", "preview", "classes"],
])("has one address for what %s shows first, as an older version wrote it or not", async (to, key, first, other) => {
  connect(createFake("lived"));
  const router = createAppRouter(createQueryClient());
  const searchOf = (value: string) =>
    router.buildLocation({ to, search: { [key]: value } as never, _includeValidateSearch: true } as never).search;
  expect(searchOf(first)).not.toHaveProperty(key, first);
  expect(searchOf(other)).toHaveProperty(key, other);
});

it.each([
  ["/prompts", "listPrompts"],
  ["/prompts/prompt-sample", "getPrompt"],
  ["/projects", "listProjects"],
  ["/projects/project-sample", "getProject"],
] as const)("asks for the data of %s before it is drawn", async (to, command) => {
  const fake = createFake("lived");
  const asked = vi.spyOn(fake.commands, command);
  connect(fake);
  const router = createAppRouter(createQueryClient());
  router.history.replace(to);
  await router.load();
  expect(asked).toHaveBeenCalledOnce();
});

it("leaves nothing beneath a dialog that is not only read", () => {
  connect(createFake("lived"));
  const router = createAppRouter(createQueryClient());
  const overOf = (dialog: string) =>
    router.buildLocation({
      to: "/prompts",
      search: { dialog, over: "guide" } as never,
      _includeValidateSearch: true,
    } as never).search;
  expect(overOf("news")).toHaveProperty("over", "guide");
  expect(overOf("create")).not.toHaveProperty("over", "guide");
});
