import { Download } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { toast } from "@/components/ui/toast";
import type { ExportFormat, RunSummary } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { formatCount } from "@/lib/format";

export function ExportMenu({ run, promptName }: { run: RunSummary; promptName: string }) {
  const write = async (format: ExportFormat) => {
    try {
      const ending = format === "jsonl" ? "jsonl" : "json";
      const path = await ipc.chooseExportPath(
        format,
        `${promptName} v${run.version_number} run ${run.number}.${ending}`,
      );
      if (path === null) return;
      const rows = await ipc.exportPredictions(run.id, format, path);
      toast({ title: `${formatCount(rows, "prediction")} written`, description: path });
    } catch (error) {
      toast({ kind: "failed", title: "The predictions were not written", description: messageOf(error) });
    }
  };
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={Download} disabledReason={run.done === 0 ? "There is nothing to export yet" : undefined}>
          Export
        </Button>
      }
    >
      <MenuItem hint="One result a line, for scripts" onClick={() => void write("jsonl")}>
        JSON Lines
      </MenuItem>
      <MenuItem hint="Tasks with predictions, to import there" onClick={() => void write("label-studio")}>
        Label Studio
      </MenuItem>
    </Menu>
  );
}
