/**
 * Takes the results of a run out of the window: as files for programs, spreadsheets and Label Studio, as a report, or back to
 * the server that the project came from.
 */
import { getRouteApi } from "@tanstack/react-router";
import { CloudUpload, Download } from "lucide-react";
import { useState } from "react";
import { useCommand } from "@/components/commands";
import { Button } from "@/components/ui/Button";
import { Menu, MenuCheckbox, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { toast } from "@/components/ui/toast";
import type { ExportFormat, RowFilter, RowQuery, RunSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { cellOf, cellWords } from "@/lib/cells";
import { formatCount } from "@/lib/format";
import { ReportDialog } from "./ReportDialog";

const route = getRouteApi("/prompts/$promptId");

type ExportMenuProps = {
  run: RunSummary;
  promptName: string;
  /** The project of the run came from a Label Studio server. */
  isLinked: boolean;
};

export function ExportMenu({ run, promptName, isLinked }: ExportMenuProps) {
  const { filter = "all", sort = "position", q = "", ...rest } = route.useSearch();
  const query: RowQuery = { filter, sort, search: q, cell: cellOf(rest) };
  const filterWords = queryWords(query);
  const navigate = route.useNavigate();
  const giveBack = () => void navigate({ search: (old) => ({ ...old, run: run.id, dialog: "push" }) });
  const refused = run.done === 0 ? { disabledReason: "There is nothing to give back yet" } : {};
  useCommand("run.give-back", giveBack, { enabled: isLinked, ...refused });
  const [onlyShown, setOnlyShown] = useState(true);
  const [isReporting, setReporting] = useState(false);
  const nothing = run.done === 0 ? "There is nothing to export yet" : undefined;
  const exportable = nothing === undefined ? {} : { disabledReason: nothing };
  useCommand("results.csv", () => void write("csv"), exportable);
  useCommand("results.jsonl", () => void write("jsonl"), exportable);
  useCommand("results.label-studio", () => void write("label-studio"), exportable);
  useCommand("results.report", () => setReporting(true), exportable);
  const name = `${promptName} v${run.version_number} run ${run.number}`;
  const write = async (format: ExportFormat) => {
    const isPart = filterWords !== undefined && onlyShown;
    try {
      const path = await ipc.chooseExportPath(format, name);
      if (path === null) return;
      // The order of the table goes along with what it shows.
      const rows = await ipc.exportPredictions(
        run.id,
        format,
        filterWords === undefined || isPart ? query : null,
        path,
      );
      const what = formatCount(rows, "result");
      toast({ title: isPart ? `${what} written: ${filterWords}` : `${what} written`, description: path });
    } catch (error) {
      toast({ kind: "failed", title: "The results were not written", description: messageOf(error) });
    }
  };
  return (
    <>
      {isLinked && (
        <Button icon={CloudUpload} command="run.give-back" {...refused}>
          Give back…
        </Button>
      )}
      <Menu
        align="end"
        trigger={
          <Button icon={Download} disabledReason={nothing}>
            Export
          </Button>
        }
      >
        {filterWords !== undefined && (
          <>
            <MenuCheckbox
              checked={onlyShown}
              onChange={setOnlyShown}
              hint={onlyShown ? filterWords : `All ${formatCount(run.done, "result")} are written`}
            >
              Only what the table shows
            </MenuCheckbox>
            <MenuSeparator />
          </>
        )}
        <MenuItem hint="All columns, for spreadsheets" onClick={() => void write("csv")}>
          CSV
        </MenuItem>
        <MenuItem hint="One result a line, for scripts" onClick={() => void write("jsonl")}>
          JSON Lines
        </MenuItem>
        <MenuItem hint="Tasks with predictions, to import there" onClick={() => void write("label-studio")}>
          Label Studio
        </MenuItem>
        <MenuSeparator />
        <MenuItem hint="All of the run on a page, to read and send around" onClick={() => setReporting(true)}>
          Report
        </MenuItem>
      </Menu>
      {isReporting && <ReportDialog run={run} name={name} onClose={() => setReporting(false)} />}
    </>
  );
}

const FILTERS: Readonly<Record<Exclude<RowFilter, "all">, string>> = {
  correct: "correct ones",
  wrong: "wrong ones",
  failed: "failed ones",
  unscored: "those not scored",
  needs_review: "those that need review",
  changed: "changed ones",
};

/** "wrong ones, “parcel”": which results the table shows, in words; nothing if it is all of them. */
function queryWords({ filter, search, cell }: RowQuery): string | undefined {
  const words = [
    ...(filter === "all" ? [] : [FILTERS[filter]]),
    ...(cell === null ? [] : [cellWords(cell)]),
    ...(search === "" ? [] : [`“${search}”`]),
  ];
  return words.length === 0 ? undefined : words.join(", ");
}
