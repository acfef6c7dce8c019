import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { EntryInput } from "./EntryInput";
import type { EntryField, Typed } from "./providers";

function Entered({ field }: { field: EntryField }) {
  const [entered, setEntered] = useState<Typed>({});
  return <EntryInput field={field} entered={entered} onEnter={setEntered} error={undefined} />;
}

it.each([
  { name: "credentials", label: "JSON credentials", file: "Credentials file", paste: '{"type": ' },
  { name: "certificate", label: "Custom CA", file: "Certificate file", paste: "-----BEGIN CERTIFICATE-----" },
] as const)("forgets what was wrong with a file of $name once something else is pasted", async (kind) => {
  const field: EntryField = {
    name: kind.name === "credentials" ? "credentials" : "custom_ca",
    label: kind.label,
    hint: "What it is",
    kind: kind.name,
  };
  render(<Entered field={field} />);
  const user = userEvent.setup({ applyAccept: false });
  await user.upload(screen.getByLabelText(kind.file), new File(["x".repeat(300_000)], "film.mov"));
  expect(await screen.findByText(/film\.mov has .+: too much for/)).toBeTruthy();
  await user.click(screen.getByRole("textbox"));
  await user.paste(kind.paste);
  expect(screen.queryByText(/too much for/)).toBeNull();
});
