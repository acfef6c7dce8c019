import { expect, it } from "vitest";
import type { Region } from "@/ipc/bindings";
import { differingControls } from "./said";

const region = (from_name: string, type: string, value: Region["value"]): Region => ({
  id: `${from_name} ${JSON.stringify(value)}`,
  from_name,
  to_name: "text",
  type,
  value,
});
const topic = (...choices: string[]) => region("topic", "choices", { choices });
const stars = (rating: number) => region("stars", "rating", { rating });

it.each<[string, Region[][], string[]]>([
  [
    "what one says otherwise",
    [
      [topic("Bug"), stars(3)],
      [topic("Bug"), stars(4)],
    ],
    ["stars"],
  ],
  ["what one says nothing on", [[topic("Bug"), stars(3)], [stars(3)]], ["topic"]],
  ["not the order of classes", [[topic("Bug", "Late")], [topic("Late"), topic("Bug")]], []],
  ["what only the last of three says", [[topic("Bug")], [topic("Bug")], [topic("Late")]], ["topic"]],
  ["nothing of one side alone", [[topic("Bug"), stars(3)]], []],
])("tells by control %s", (_, sides, controls) => {
  expect([...differingControls(sides)]).toEqual(controls);
});
