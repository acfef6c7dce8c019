import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useMemo, useState } from "react";
import { expect, it, vi } from "vitest";
import { ClassPicker, type PickedClass } from "./ClassPicker";

type Named = Partial<PickedClass> & { id: string };

function Picker({ named, counted }: { named: readonly Named[]; counted?: () => void }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const items = useMemo(
    () =>
      named.map((one) => {
        const words = one.words ?? [one.id];
        return {
          text: one.id,
          ...one,
          get words() {
            counted?.();
            return words;
          },
        };
      }),
    [named, counted],
  );
  const press = (id: string) => setChosen((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id]));
  return <ClassPicker name="topic" items={items} isPressed={(id) => chosen.includes(id)} onPress={press} isMultiple />;
}

const many = (count: number): Named[] => Array.from({ length: count }, (_, index) => ({ id: `Topic ${index + 1}` }));
const field = () => screen.getByRole("combobox", { name: "Filter classes of topic" });
const options = () => screen.queryAllByRole("option").map(({ textContent }) => textContent);
const beside = () => screen.queryAllByRole("button", { pressed: true }).map(({ textContent }) => textContent);

it("shows no filter where the classes are few", () => {
  render(<Picker named={many(19)} />);
  expect([screen.queryByRole("combobox"), screen.getAllByRole("button").length]).toEqual([null, 19]);
});

it("chooses among a thousand by typing, and keeps what is chosen in sight", async () => {
  render(<Picker named={many(1000)} />);
  expect(options()).toHaveLength(60);
  screen.getByText("and 940 more classes; filter to see them");
  await userEvent.type(field(), "topic 777{Enter}");
  expect([beside(), (field() as HTMLInputElement).value]).toEqual([["Topic 777"], ""]);
  await userEvent.type(field(), "topic 12{ArrowDown}{ArrowDown}{ArrowUp}");
  expect(options().slice(0, 2)).toEqual(["Topic 12", "Topic 120"]);
  expect(document.getElementById(field().getAttribute("aria-activedescendant") ?? "")?.textContent).toBe("Topic 120");
  expect(beside()).toEqual(["Topic 777"]);
});

it("clears by Escape, and lets go of the keys by another", async () => {
  render(<Picker named={many(30)} />);
  await userEvent.type(field(), "nowhere");
  screen.getByText("No class has “nowhere” in its name.");
  await userEvent.keyboard("{Escape}");
  expect([options().length, document.activeElement]).toEqual([30, field()]);
  await userEvent.keyboard("{Escape}");
  expect(document.activeElement).toBe(document.body);
});

it.each([
  ["its alias", "ship", "Delivery"],
  ["words in any order", "account bank", "Bank account"],
  ["writing from right to left", "شكوى", "شكوى بخصوص الفاتورة"],
])("finds a class by %s", async (_, query, found) => {
  render(
    <Picker
      named={[
        ...many(30),
        { id: "shipping", text: "Delivery", words: ["Delivery", "shipping"] },
        { id: "Bank account" },
        { id: "شكوى بخصوص الفاتورة" },
      ]}
    />,
  );
  await userEvent.type(field(), query);
  expect(options()).toEqual([found]);
});

it("says where in a tree a class is that was found", async () => {
  const leaf = { id: "leaf", text: "Cat", path: "Animal / Cat", words: ["Animal / Cat"], depth: 1 };
  render(<Picker named={[...many(30), leaf]} />);
  await userEvent.type(field(), "cat");
  expect(options()).toEqual(["Animal / Cat"]);
});

it("looks for what was typed once, whatever is chosen", async () => {
  const counted = vi.fn();
  const named = many(30);
  render(<Picker named={named} counted={counted} />);
  await userEvent.type(field(), "topic 2");
  const before = counted.mock.calls.length;
  expect(before).toBeGreaterThan(0);
  await userEvent.click(screen.getByRole("option", { name: "Topic 2" }));
  expect([beside(), counted.mock.calls.length]).toEqual([[], before]);
  expect(screen.getByRole("option", { name: "Topic 2", selected: true })).toBeTruthy();
});
