import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { isAvailable } from "./commands";
import { ListHead } from "./ListHead";

it.each([0, 2])("is searched by the keys where there is a search: of %d", (count) => {
  const search = { label: "Search projects", value: "", onChange: () => {} };
  render(
    <ListHead title="Projects" count={count} search={search}>
      {null}
    </ListHead>,
  );
  expect(isAvailable("screen.find")).toBe(count > 0);
});
