import { expect, it } from "vitest";
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
