import { useState } from "react";
import { useKeysHere } from "@/components/commands";

type Named = { id: string; name: string };

/** As much of a name as a menu of the system has room for. */
const NAME_MAX = 48;

/**
 * The row of a list that the keyboard is at, for its commands: `asked` is what `useCommand` has to know of one that does
 * `verb` to it. From the palette it is carried out once the focus is there, so `row` stays what it was.
 */
export function useRowAt<Row extends Named>(rows: readonly Row[]) {
  useKeysHere("row.rename", "row.delete");
  const [id, setId] = useState<string | null>(null);
  const [isThere, setThere] = useState(false);
  const row = rows.find((row) => row.id === id);
  const isAsked = isThere && row !== undefined;
  return {
    row,
    asked: (verb: "Rename" | "Delete") => ({
      enabled: isAsked,
      title: isAsked ? `${verb} ${shortened(row.name)}` : undefined,
    }),
    onFocus: (row: Row) => {
      setId(row.id);
      setThere(true);
    },
    onLeave: () => setThere(false),
  };
}

function shortened(name: string): string {
  const letters = Array.from(name);
  return letters.length <= NAME_MAX ? name : `${letters.slice(0, NAME_MAX).join("").trimEnd()}…`;
}
