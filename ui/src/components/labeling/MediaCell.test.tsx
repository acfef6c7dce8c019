import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { JsonValue } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";
import { MediaCell } from "./MediaCell";

const show = (value: JsonValue) => {
  connect(createFake("lived"));
  return render(<MediaCell taskId={7} field="image" value={value} />).container;
};

it("shows a small picture and the name of its file, and the name alone where the picture cannot be read", () => {
  const cell = show("file:///pictures/street-1.jpg");
  expect(cell.textContent).toBe("street-1.jpg");
  expect(screen.getByTitle("file:///pictures/street-1.jpg")).toBeTruthy();
  const picture = cell.querySelector("img") as HTMLImageElement;
  expect(picture.getAttribute("loading")).toBe("lazy");
  fireEvent.error(picture);
  expect(cell.querySelector("img")).toBeNull();
  expect(cell.textContent).toBe("street-1.jpg");
});

it.each<[JsonValue, string, boolean]>([
  ["https://example.org/a/b.png", "b.png", false],
  [["/pages/1.png", "/pages/2.png"], "1.png, 2.png", true],
  [" HTTPS://example.org/a/b.png", "b.png", false],
  [[], "", false],
  [null, "", false],
])("names %j, and asks nothing on the web for it", (value, name, isAsked) => {
  const cell = show(value);
  expect(cell.textContent).toBe(name);
  expect(cell.querySelector("img") !== null).toBe(isAsked);
});

it("puts no more of a long text into a cell than is seen of it", () => {
  expect(show(`data:;base64,${"A".repeat(100_000)}`).textContent?.length).toBeLessThan(1_000);
  expect(show(Array.from({ length: 1_000 }, (_, page) => `/pages/${page}.png`)).textContent?.length).toBeLessThan(
    1_000,
  );
});
