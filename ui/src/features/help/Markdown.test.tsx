import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import guide from "./guide.md?raw";
import { Markdown } from "./Markdown";

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

it("leaves no mark of the guide unread", () => {
  const { container } = render(<Markdown text={guide} />);
  expect(container.textContent).not.toMatch(/[*`#]|\b_|_\b/);
});
