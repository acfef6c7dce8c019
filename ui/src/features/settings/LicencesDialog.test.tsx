import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { createQueryClient } from "@/ipc/queries";
import { LicencesDialog } from "./LicencesDialog";
import ALL from "./licences.json?raw";

const LICENCES = JSON.stringify({
  packages: [
    { kind: "crate", name: "anyhow", version: "1.0.0", licence: "MIT OR Apache-2.0", texts: [1] },
    { kind: "npm", name: "react", version: "19.0.0", licence: "ISC", texts: [0] },
    { kind: "npm", name: "react-dom", version: "19.0.0", licence: "MIT", texts: [1, 0] },
  ],
  texts: ["Permission to use this software", "Permission is hereby granted, free of charge"],
});

function opened(answer: () => Response) {
  vi.stubGlobal("fetch", async () => answer());
  render(
    <QueryClientProvider client={createQueryClient()}>
      <LicencesDialog onClose={() => {}} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

it("shows the licence of a package with its words", async () => {
  const user = opened(() => new Response(LICENCES));
  await user.type(await screen.findByRole("searchbox", { name: "Search packages and licences" }), "react-dom");
  await screen.findByText("1 package");
  const row = screen.getByRole("listitem");
  expect(row.textContent).toMatch(/react-dom.*MIT/);
  await user.click(within(row).getByText("react-dom"));
  await within(row).findByText(/Permission is hereby granted, free of charge/);
  within(row).getByText(/Permission to use this software/);
});

it("says that nothing has a name", async () => {
  const user = opened(() => new Response(LICENCES));
  await user.type(await screen.findByRole("searchbox"), "no such package");
  await screen.findByText("No package or licence has this name.");
});

it("says when the list cannot be read, and reads it again", async () => {
  let isThere = false;
  const user = opened(() => (isThere ? new Response(LICENCES) : new Response("", { status: 404 })));
  await screen.findByText("The licences could not be read");
  isThere = true;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("searchbox");
});

it("knows the words of every licence", () => {
  const { packages, texts } = JSON.parse(ALL) as { packages: { texts: number[] }[]; texts: string[] };
  expect(packages.length).toBeGreaterThan(400);
  for (const { texts: places } of packages) {
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(texts[place]?.length).toBeGreaterThan(100);
  }
});
