import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import type { OutlineClass, OutlineNode, Region } from "@/ipc/bindings";
import { LabelingPreview } from "./LabelingPreview";

it("shows what was chosen before the others where they are many", () => {
  const classes = Array.from({ length: 1000 }, (_, index): OutlineClass => {
    return { value: `Topic ${index + 1}`, alias: null, colour: "#FFA39E", hotkey: null };
  });
  const control = {
    kind: "control",
    tag: "Choices",
    name: "topic",
    classes,
    visible_when: [] as OutlineNode["visible_when"],
    needs: null,
    skipped: null,
  } as OutlineNode;
  const chosen = { type: "choices", from_name: "topic", value: { choices: ["Topic 777"] } } as unknown as Region;
  const { container } = render(<LabelingPreview outline={{ nodes: [control] }} data={{}} regions={[chosen]} />);
  expect(container.querySelector("section [dir=auto]")?.textContent).toBe("Topic 777");
  expect(container.textContent).toContain("and 800 more");
});
