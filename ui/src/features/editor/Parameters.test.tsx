import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ComponentProps, useState } from "react";
import { expect, it } from "vitest";
import { Parameters } from "./Parameters";

type Params = ComponentProps<typeof Parameters>["value"];

it("keeps a seed whatever is written over the other parameters", async () => {
  const user = userEvent.setup();
  let now: Params = { invocation_params: { temperature: 0 }, extra: { seed: 7, top_k: 40 } };
  function Editor() {
    const [value, setValue] = useState(now);
    now = value;
    return <Parameters value={value} onChange={setValue} model={undefined} />;
  }
  render(<Editor />);
  await user.click(screen.getByRole("button", { name: "Parameters (3)" }));
  const others = await screen.findByRole("textbox", { name: "Other, as JSON" });
  expect(others).toHaveProperty("value", JSON.stringify({ top_k: 40 }, null, 2));
  await user.clear(others);
  await user.click(others);
  await user.paste('{"stop": ["x"]}');
  expect(now).toEqual({ invocation_params: { temperature: 0 }, extra: { seed: 7, stop: ["x"] } });
  await user.clear(others);
  await user.paste('{"seed": 8}');
  expect(screen.getByText("Seed has a field of its own, above.")).toBeTruthy();
  expect(now.extra).toEqual({ seed: 7 });
  await user.clear(others);
  await user.paste('{"temperature": 1}');
  expect(screen.getByText("Temperature has a field of its own, above.")).toBeTruthy();
  expect(now, "none says two things").toEqual({ invocation_params: { temperature: 0 }, extra: { seed: 7 } });
});

it("offers the levels of effort that the model takes, sends none unasked, and says what is left out", async () => {
  const user = userEvent.setup();
  let now: Params = { invocation_params: { temperature: 0 }, extra: {} };
  let levels = ["none", "low", "high"];
  function Editor() {
    const [value, setValue] = useState(now);
    now = value;
    return <Parameters value={value} onChange={setValue} model={{ reasoning: levels, refuses: ["temperature"] }} />;
  }
  const { unmount } = render(<Editor />);
  await user.click(screen.getByRole("button", { name: "Parameters (1)" }));
  expect(screen.getByText("What the model does not take of it is left out.")).toBeTruthy();
  const effort = await screen.findByRole("combobox", { name: "Reasoning effort" });
  expect(effort.textContent).toBe("Provider default");
  await user.click(effort);
  expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(["Provider default", ...levels]);
  await user.click(screen.getByRole("option", { name: "low" }));
  expect(now).toEqual({ invocation_params: { temperature: 0, reasoning_effort: "low" }, extra: {} });

  unmount();
  levels = [];
  render(<Editor />);
  await user.click(screen.getByRole("button", { name: "Parameters (2)" }));
  expect(await screen.findByText("The model does not take low; it is left out.")).toBeTruthy();
  await user.click(screen.getByRole("combobox", { name: "Reasoning effort" }));
  await user.click(screen.getByRole("option", { name: "Provider default" }));
  expect(now.invocation_params).toEqual({ temperature: 0 });
});

it("shows a value that no server takes, which came from elsewhere, with what is expected", async () => {
  const value = { invocation_params: { temperature: "hot" }, extra: {} };
  render(<Parameters value={value} onChange={() => undefined} model={undefined} />);
  await userEvent.setup().click(screen.getByRole("button", { name: "Parameters (1)" }));
  expect(await screen.findByRole("textbox", { name: "Temperature" })).toHaveProperty("value", '"hot"');
  expect(screen.getByText("A number from 0 to 2")).toBeTruthy();
});
