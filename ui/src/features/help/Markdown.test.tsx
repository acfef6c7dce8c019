import { readFileSync } from "node:fs";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import guide from "./guide.md?raw";
import { Markdown } from "./Markdown";
import news from "./news.md?raw";

it("makes headings, lists and marked words, and leaves HTML as the text that it is", () => {
  const { container } = render(
    <Markdown text={"# Title\n\n## One `x`\n\nIs **bold** and\n_slanted_, as a_b_c, <b>text</b>.\n\n- a\n- b"} />,
  );
  expect(screen.getByRole("heading", { name: "One x" })).toBeTruthy();
  expect(container.querySelector("p")?.textContent).toBe("Is bold and slanted, as a_b_c, <b>text</b>.");
  expect(container.querySelector("strong")?.textContent).toBe("bold");
  expect(container.querySelector("b"), "nothing that it reads is taken for HTML").toBeNull();
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["a", "b"]);
});

it.each([guide, news])("leaves no mark of our texts unread", (text) => {
  const { container } = render(<Markdown text={text} />);
  expect(container.textContent).not.toMatch(/[*`#]|\b_|_\b/);
});

it("tells first of the version that this is", () => {
  // From the folder of package.json, where vitest stands.
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  render(<Markdown text={news} />);
  expect(screen.getAllByRole("heading")[0]?.textContent).toMatch(new RegExp(`^${version.replaceAll(".", "\\.")}\\b`));
});
