import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { DraftContent, PromptDetail } from "@/ipc/bindings";
import { ipc } from "@/ipc/client";
import { promptQuery } from "@/ipc/queries";
import { DraftKeeper, type DraftState } from "./draftKeeper";

export type DraftHandle = DraftState & {
  edit: (content: DraftContent) => void;
  flush: () => Promise<void>;
};

/** The draft of a prompt, saved as it is typed, and at once when the window loses the focus or the screen is left. */
export function useDraft(prompt: PromptDetail): DraftHandle {
  const client = useQueryClient();
  const id = prompt.summary.id;
  const [keeper] = useState(
    () =>
      new DraftKeeper(prompt.draft.content, async (content) => {
        const draft = await ipc.saveDraft(id, content);
        client.setQueryData(promptQuery(id).queryKey, (old) => (old === undefined ? old : { ...old, draft }));
      }),
  );
  const state = useSyncExternalStore(keeper.subscribe, keeper.snapshot);

  // The cache keeps the identity of content that is the same: this is about drafts that came from elsewhere.
  const stored = prompt.draft.content;
  useEffect(() => {
    if (JSON.stringify(stored) !== JSON.stringify(keeper.snapshot().content)) keeper.arrive(stored);
  }, [keeper, stored]);

  useEffect(() => {
    const flush = () => void keeper.flush().catch(() => {});
    window.addEventListener("blur", flush);
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("blur", flush);
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [keeper]);

  const flush = useCallback(() => keeper.flush(), [keeper]);
  return { ...state, edit: (content) => keeper.edit(content), flush };
}
