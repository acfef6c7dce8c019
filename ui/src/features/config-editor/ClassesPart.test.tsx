import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Outline } from "@/ipc/bindings";
import { ClassesPart } from "./ClassesPart";

const topics = (count: number) => Array.from({ length: count }, (_, at) => `Topic ${String(at).padStart(2, "0")}`);

/** A control with these classes; `depth` is that of a tree. */
function outline(names: readonly string[], depth = 1): Outline {
  const classes = names.map((value) => ({ value, alias: null, hotkey: null, colour: "#D4380D" }));
  const paths = names.map((name) => Array.from({ length: depth }, () => name));
  return { nodes: [{ kind: "control", tag: "Choices", name: "topic", classes, paths }] } as unknown as Outline;
}

const names = () => screen.getAllByRole<HTMLInputElement>("textbox", { name: /^Name of/ }).map(({ value }) => value);

it("moves a class by keyboard, but none of a filtered list or a tree", async () => {
  const user = userEvent.setup();
  const onEdit = vi.fn().mockResolvedValue(undefined);
  const { rerender } = render(<ClassesPart outline={outline(topics(20))} onEdit={onEdit} />);
  const up = async () => {
    await user.click(screen.getByRole("textbox", { name: "Name of Topic 01" }));
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
  };
  await up();
  expect(onEdit).toHaveBeenCalledExactlyOnceWith({ kind: "move_class", control: "topic", class: "Topic 01", to: 0 });
  await user.type(screen.getByRole("searchbox"), "Topic 0");
  await up();
  await user.clear(screen.getByRole("searchbox"));
  rerender(<ClassesPart outline={outline(topics(20), 2)} onEdit={onEdit} />);
  await up();
  expect(onEdit).toHaveBeenCalledOnce();
});

it("finds anew what was edited beside the list, and keeps the row that is renamed", async () => {
  const user = userEvent.setup();
  const onEdit = vi.fn().mockResolvedValue(undefined);
  const { rerender } = render(<ClassesPart outline={outline(topics(20))} onEdit={onEdit} />);
  await user.type(screen.getByRole("searchbox"), "1");
  const found = [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((at) => topics(20)[at]);
  expect(names()).toEqual(found);
  const row = screen.getByRole("textbox", { name: "Name of Topic 12" });
  await user.clear(row);
  await user.type(row, "Refund{Enter}");
  const renamed = topics(20).with(12, "Refund");
  rerender(<ClassesPart outline={outline(renamed)} onEdit={onEdit} />);
  expect(names()).toEqual(found.with(3, "Refund"));
  expect(document.activeElement).toBe(row);
  const next = screen.getByRole("textbox", { name: "Name of Topic 13" });
  await user.clear(next);
  await user.type(next, "Parcel{Enter}");
  const both = renamed.with(13, "Parcel");
  rerender(<ClassesPart outline={outline(both)} onEdit={onEdit} />);
  expect(names(), "each that was renamed stays").toEqual(found.with(3, "Refund").with(4, "Parcel"));
  rerender(<ClassesPart outline={outline(renamed.with(11, "Return").with(5, "Topic 51"))} onEdit={onEdit} />);
  expect(names(), "edited in the XML").toEqual(["Topic 01", "Topic 51", "Topic 10", "Refund", ...found.slice(4)]);
  await user.type(screen.getByRole("searchbox"), "5");
  expect(names()).toEqual(["Topic 15"]);
});
