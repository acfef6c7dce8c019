import { QueryClient, QueryClientProvider, queryOptions } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { describe, expect, it, vi } from "vitest";
import { DataTable, type TableHandle } from "./DataTable";

type Row = { id: number };
const TOTAL = 1_000_000;

const handle = createRef<TableHandle<Row>>();

function draw(read = async (offset: number, limit: number) => page(offset, limit)) {
  const onOpen = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <DataTable<Row>
        ref={handle}
        label="Rows"
        columns={[
          { id: "id", title: "Id", width: "80px", cell: (row) => `row ${row.id}`, text: (row) => `row ${row.id}` },
          { id: "half", title: "Half", width: "1fr", cell: (row) => row.id / 2, text: (row) => String(row.id / 2) },
        ]}
        pageQuery={(offset, limit) =>
          queryOptions({ queryKey: ["rows", offset, limit], queryFn: () => read(offset, limit) })
        }
        rowHeight={40}
        onOpen={onOpen}
        empty="Nothing here"
      />
    </QueryClientProvider>,
  );
  return onOpen;
}

function page(offset: number, limit: number) {
  const rows = Array.from({ length: Math.min(limit, TOTAL - offset) }, (_, index) => ({ id: offset + index }));
  return { total: TOTAL, rows };
}

describe("data table", () => {
  it("draws only rows near the ones in sight, and tells assistive technology of all", async () => {
    draw();
    await screen.findByText("row 0");
    expect(screen.getByRole("grid").getAttribute("aria-rowcount")).toBe("1000001");
    expect(screen.getAllByRole("row").length).toBeLessThan(60);
  });

  it("goes to the last of a million rows by one key, and opens it by another", async () => {
    const onOpen = draw();
    const user = userEvent.setup();
    (await screen.findByText("row 0")).closest<HTMLElement>("[role=row]")?.focus();
    await user.keyboard("{End}");
    const last = await screen.findByText("row 999999");
    await waitFor(() => expect(document.activeElement).toBe(last.closest("[role=row]")));
    await user.keyboard("{Enter}");
    expect(onOpen).toHaveBeenCalledWith({ id: 999_999 }, 999_999);
  });

  it("copies the cells of the row that the keyboard is at", async () => {
    draw();
    const user = userEvent.setup();
    (await screen.findByText("row 0")).closest<HTMLElement>("[role=row]")?.focus();
    await user.keyboard("{ArrowDown}{Control>}c{/Control}");
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe("row 1\t0.5"));
  });

  it("says what is wrong instead of staying empty", async () => {
    draw(async () => {
      throw new Error("The workspace is locked by another program.");
    });
    expect(await screen.findByText("The workspace is locked by another program.")).toBeTruthy();
  });

  it("shows what to do when there is no row", async () => {
    draw(async () => ({ total: 0, rows: [] }));
    expect(await screen.findByText("Nothing here")).toBeTruthy();
    handle.current?.focus();
    expect(document.activeElement, "the keyboard stays with the table").toBe(screen.getByRole("grid"));
  });
});
