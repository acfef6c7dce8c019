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
    return <Parameters value={value} onChange={setValue} />;
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
});
