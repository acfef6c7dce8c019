import { ExportDialog } from "@/components/ExportDialog";
import type { PromptFormat, PromptSummary } from "@/ipc/bindings";
import { ipc } from "@/ipc/client";
import { formatCount } from "@/lib/format";

/** One prompt, or all of them where none is given. */
export function ExportPromptsDialog({ prompt, onClose }: { prompt: PromptSummary | null; onClose: () => void }) {
  const write = async (format: PromptFormat) => {
    const path = await ipc.choosePromptsPath(format, prompt?.name ?? "prompts");
    if (path === null) return null;
    const written = await ipc.exportPrompts(prompt === null ? [] : [prompt.id], format, path);
    return { what: formatCount(written.prompts, "prompt"), path: written.path, leftOut: written.refused };
  };
  return (
    <ExportDialog
      title={prompt === null ? "Export all prompts" : "Export prompt"}
      description={prompt?.name}
      formats={[
        { value: "touchstone", label: "Touchstone", hint: "Everything, exactly, to be imported here again" },
        { value: "arize", label: "Arize", hint: "Versions and labels, as the Arize prompts API has them" },
        { value: "phoenix", label: "Phoenix", hint: "The newest version" },
        { value: "langfuse", label: "Langfuse", hint: "Every version, in double braces" },
        { value: "promptfoo", label: "promptfoo", hint: "Every version, as a config in YAML" },
      ]}
      write={write}
      onClose={onClose}
    />
  );
}
