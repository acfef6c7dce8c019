/** Dialogs that the first screen does without until somebody asks for them. */
import { type ComponentProps, lazy, Suspense } from "react";
import type { BinDialog } from "./BinDialog";
import type { EditPromptDialog } from "./EditPromptDialog";
import type { ExportPromptsDialog } from "./ExportPromptsDialog";

const Bin = lazy(async () => ({ default: (await import("./BinDialog")).BinDialog }));
const Edit = lazy(async () => ({ default: (await import("./EditPromptDialog")).EditPromptDialog }));
const Export = lazy(async () => ({ default: (await import("./ExportPromptsDialog")).ExportPromptsDialog }));

export function LazyBinDialog(props: ComponentProps<typeof BinDialog>) {
  return (
    <Suspense>
      <Bin {...props} />
    </Suspense>
  );
}

export function LazyEditPromptDialog(props: ComponentProps<typeof EditPromptDialog>) {
  return (
    <Suspense>
      <Edit {...props} />
    </Suspense>
  );
}

export function LazyExportPromptsDialog(props: ComponentProps<typeof ExportPromptsDialog>) {
  return (
    <Suspense>
      <Export {...props} />
    </Suspense>
  );
}
