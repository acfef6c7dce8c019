import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { Delta } from "./Delta";

const said = (part: Partial<Parameters<typeof Delta>[0]>) =>
  render(<Delta of={4} words={(value) => `${value} points`} {...part} />).container.textContent;

it("tells a change that may be chance from one that is better or worse", () => {
  expect(said({})).toBe("▲ 4 points, better");
  expect(said({ isLessBetter: true })).toBe("▲ 4 points, worse");
  expect(said({ isOpen: true }), "nothing is known of how sure it is").toBe("▲ 4 points, which may be chance");
  expect(said({ range: { low: -1, high: 9 } })).toContain("which may be chance");
  expect(said({ range: { low: 1, high: 9 }, isOpen: true }), "its interval says more").toContain("better");
  expect(said({ range: { low: -0.032, high: 0.051 } }), "a dash would look like a minus").toContain(
    "(\u22123.2 to 5.1)",
  );
  expect(said({ of: 0, isOpen: true })).toBe("no change");
  expect(said({ of: null })).toBe("");
});
