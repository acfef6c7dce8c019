import { presentableDiff } from "@codemirror/merge";
import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Region, ResultDetail } from "@/ipc/bindings";
import { ControlSides } from "./ControlSides";

vi.mock("@codemirror/merge", { spy: true });

const region = (from_name: string, type: string, value: Region["value"]) =>
  ({ id: "", from_name, to_name: "text", type, value }) as Region;

function sides(prediction: Region[] | null, ground_truth: Region[], controls: ResultDetail["controls"] = []) {
  const row = { prediction, ground_truth, score: controls.length > 0 ? 0.5 : null };
  const detail = { row, controls } as unknown as ResultDetail;
  const drawn = render(<ControlSides detail={detail} outline={undefined} />);
  return { ...drawn, drawAgain: () => drawn.rerender(<ControlSides detail={{ ...detail }} outline={undefined} />) };
}

it("shows every control of both sides in a row of its own, with its score", () => {
  sides(
    [region("topic", "choices", { choices: ["Bug"] }), region("stars", "rating", { rating: 3 })],
    [region("topic", "choices", { choices: ["Bug"] }), region("stars", "rating", { rating: 4 })],
    [
      { name: "topic", score: 1, exact: true },
      { name: "stars", score: 0.75, exact: false },
    ],
  );
  const rows = screen.getAllByRole("row").map((row) => row.textContent);
  expect(rows).toEqual([
    "ControlPredictionGround truthScore",
    expect.stringMatching(/^topicBugBug100.%$/),
    expect.stringMatching(/^stars3475.%$/),
  ]);
  expect(screen.getByRole("img", { name: "Not exact" })).toBeTruthy();
});

it("marks what differs in a long text, and shows a path of a taxonomy as one", () => {
  const text = "The parcel came two weeks late, and the box was open when it came.";
  const { container, drawAgain } = sides(
    [region("reply", "textarea", { text: [text.replace("two weeks", "ten days")] })],
    [region("reply", "textarea", { text: [text] })],
  );
  const times = vi.mocked(presentableDiff).mock.calls.length;
  expect(times).toBeGreaterThan(0);
  drawAgain();
  expect(presentableDiff, "compared again when nothing has changed").toHaveBeenCalledTimes(times);
  expect([...container.querySelectorAll("del")].map((part) => part.textContent).join("")).toContain("two");
  expect([...container.querySelectorAll("ins")].map((part) => part.textContent).join("")).toContain("ten");
  expect(container.textContent).toContain("only in the ground truth");
  sides(null, [region("kind", "taxonomy", { taxonomy: [["Food", "Fruit"]] })]);
  expect(screen.getByText("Food / Fruit")).toBeTruthy();
});
