import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import type { OutlineNode } from "@/ipc/bindings";
import { DateTimeField, NumberField } from "./Fields";

const node = { name: "field", minimum: null, maximum: 10 } as OutlineNode;

function Number_() {
  const [value, setValue] = useState<number | null>(4);
  return (
    <>
      <NumberField node={node} value={value} onChange={setValue} />
      <output>{String(value)}</output>
    </>
  );
}

function Date_() {
  const [value, setValue] = useState<string | null>("2024-02-27");
  return (
    <>
      <DateTimeField node={node} value={value} onChange={setValue} />
      <output>{String(value)}</output>
    </>
  );
}

const kept = () => document.querySelector("output")?.textContent;

it("keeps no number beyond its bounds, and what was there before", async () => {
  render(<Number_ />);
  const field = screen.getByRole("textbox", { name: "field" });
  await userEvent.type(field, "5");
  expect([kept(), field.getAttribute("aria-invalid")]).toEqual(["4", "true"]);
  await userEvent.clear(field);
  expect(kept()).toBe("null");
  await userEvent.type(field, "7");
  expect([kept(), field.getAttribute("aria-invalid")]).toEqual(["7", "false"]);
});

it("keeps a date until another is written, and lets a time be typed behind it", async () => {
  render(<Date_ />);
  const field = screen.getByRole("textbox", { name: "field" });
  await userEvent.type(field, "x");
  expect([kept(), field.getAttribute("aria-invalid")]).toEqual(["2024-02-27", "true"]);
  await userEvent.type(field, "{Backspace} 10:30");
  expect(kept()).toBe("2024-02-27 10:30");
  await userEvent.clear(field);
  expect(kept()).toBe("null");
});
