import { expect, it } from "vitest";
import type { Region } from "@/ipc/bindings";
import { heldWords } from "./boxes";

const region = (type: string, value: Region["value"]): Region => ({
  id: "r",
  from_name: "c",
  to_name: "t",
  type,
  value,
});
const choice = region("choices", { choices: ["Class 0700"] });
const rating = region("rating", { rating: 4 });
const span = region("labels", { start: 0, end: 3, labels: ["Place"], text: "Rom" });

it.each<[Region[], string]>([
  [[], "nothing marked"],
  [[choice], "Class 0700"],
  [[choice, rating], "2 answers"],
  [[span], "1 region"],
  [[span, span, choice], "2 regions, Class 0700"],
  [[{ type: "choices" } as Region], "1 answer"],
])("says of %j: %s", (entries, words) => {
  expect(heldWords(entries)).toBe(words);
});
