/** Dialogs that the first screen does without until somebody asks for them. */
import { type ComponentProps, lazy, Suspense } from "react";
import type { EditPromptDialog } from "./EditPromptDialog";
import type { ExportPromptsDialog } from "./ExportPromptsDialog";

const Edit = lazy(async () => ({ default: (await import("./EditPromptDialog")).EditPromptDialog }));
const Export = lazy(async () => ({ default: (await import("./ExportPromptsDialog")).ExportPromptsDialog }));

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
