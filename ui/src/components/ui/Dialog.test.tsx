import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import { useCommand, useHotkeys } from "@/components/commands";
import { ConfirmDialog, FormDialog } from "./Dialog";
import { Field, TextInput } from "./Field";

type AskedProps = { onSubmit: () => void; waiting?: boolean; disabledReason?: string; confirms?: boolean };

function Asked(props: AskedProps) {
  useHotkeys(() => {});
  return (
    <FormDialog onClose={() => {}} title="A name" action="Give it" {...props}>
      <Field label="Name">
        <TextInput value="Ann" onChange={() => {}} />
      </Field>
    </FormDialog>
  );
}

it.each<[string, Omit<AskedProps, "onSubmit">, number]>([
  ["by Enter, by the keys that confirm a dialog, and by its button", {}, 3],
  ["no second time while it is under way", { waiting: true }, 0],
  ["by none of them while it cannot be", { disabledReason: "Give a name first." }, 0],
])("is submitted %s", async (_, props, times) => {
  const onSubmit = vi.fn();
  render(<Asked onSubmit={onSubmit} {...props} />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("textbox", { name: "Name" }));
  await user.keyboard("{Enter}");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await user.click(screen.getByRole("button", { name: "Give it" }));
  expect(onSubmit).toHaveBeenCalledTimes(times);
});

it("is confirmed by Enter at once where it only asks whether", async () => {
  const onSubmit = vi.fn();
  render(<Asked onSubmit={onSubmit} confirms />);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Give it" })));
  await userEvent.setup().keyboard("{Enter}");
  expect(onSubmit).toHaveBeenCalledTimes(1);
});

function Question({ onBeneath = () => {} }: { onBeneath?: () => void }) {
  const [open, setOpen] = useState(true);
  useHotkeys(() => {});
  useCommand("review.reject", onBeneath);
  return (
    <>
      <main id="main" tabIndex={-1} />
      <ConfirmDialog
        open={open}
        onClose={() => setOpen(false)}
        title="Remove it?"
        action="Remove it"
        onConfirm={() => {}}
      >
        It is gone then.
      </ConfirmDialog>
    </>
  );
}

it("leaves the keyboard in the screen where nothing of it had asked", async () => {
  render(<Question />);
  await userEvent.setup().click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
});

it("lets the page beneath answer as soon as it closes, and not only once it has faded", async () => {
  const forever = { finished: new Promise(() => {}) };
  Element.prototype.getAnimations = () => [forever as unknown as Animation];
  const onBeneath = vi.fn();
  render(<Question onBeneath={onBeneath} />);
  const user = userEvent.setup();
  await user.keyboard("x");
  expect(onBeneath).not.toHaveBeenCalled();
  await user.keyboard("{Escape}x");
  expect(screen.queryByText("It is gone then."), "it still fades").not.toBeNull();
  expect(onBeneath).toHaveBeenCalledTimes(1);
  Reflect.deleteProperty(Element.prototype, "getAnimations");
});
