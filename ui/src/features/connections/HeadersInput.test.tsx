import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { HeadersInput, rowsOf } from "./HeadersInput";

function Headers({ names }: { names: string[] }) {
  const [rows, setRows] = useState(rowsOf(names));
  return <HeadersInput rows={rows} onChange={setRows} untilQuit={false} error={undefined} />;
}

const button = (name: string) => screen.getByRole("button", { name });

it("goes on with the next header once one is removed, and with adding after the last", async () => {
  render(<Headers names={["x-team", "x-room", "x-floor"]} />);
  const user = userEvent.setup();
  await user.click(button("Remove the header x-team"));
  expect(document.activeElement).toBe(button("Remove the header x-room"));
  await user.keyboard("{Enter}{Enter}");
  expect(document.activeElement).toBe(button("Add a header"));
  expect(screen.queryAllByRole("textbox")).toEqual([]);
});

it("goes on with the name of a header that is added, which is called by its place until it has one", async () => {
  render(<Headers names={["x-team"]} />);
  const user = userEvent.setup();
  await user.click(button("Add a header"));
  expect(document.activeElement).toBe(screen.getByLabelText("Name of header 2"));
  expect(screen.getByLabelText("Value of header 2")).toBeTruthy();
  expect(button("Remove header 2")).toBeTruthy();
  await user.keyboard("x-room");
  expect(screen.getByLabelText("Value of x-room")).toBeTruthy();
  await user.click(screen.getByLabelText("Value of x-team"));
  await user.keyboard("blue");
  expect(document.activeElement, "it is led there once").toBe(screen.getByLabelText("Value of x-team"));
});
