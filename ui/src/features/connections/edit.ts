/** Changes to a connection, each made by the form that it was entered in: what is refused is told there. */
import { useMutation } from "@tanstack/react-query";
import type { ConnectionEdit, ConnectionSummary, SavedConnection } from "@/ipc/bindings";
import { IpcFailure, ipc } from "@/ipc/client";
import { NOTHING_ENTERED } from "./providers";

export function useEdit(connection: ConnectionSummary, onSaved: (saved: SavedConnection) => void) {
  const edit = useMutation({
    // Its variables may be a key: they are forgotten with the form, not five minutes later.
    gcTime: 0,
    // The forms of a panel may be saved at once; one after the other, each begins with what the one before left.
    scope: { id: `connection ${connection.id}` },
    mutationFn: (change: Partial<ConnectionEdit>) =>
      ipc.editConnection(connection.id, {
        ...NOTHING_ENTERED,
        until_quit: connection.key_storage === "until_quit",
        ...change,
      }),
    onSuccess: (saved) => {
      // A form stays open after it was saved, and would go on holding the key.
      edit.reset();
      onSaved(saved);
    },
  });
  return edit;
}

export function isKeychainMissing(error: unknown): boolean {
  return error instanceof IpcFailure && error.code === "keychain_unavailable";
}
