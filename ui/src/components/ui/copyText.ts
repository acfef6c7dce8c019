import { toast } from "./toast";

/** Puts a text on the clipboard. Whether it took it; that it did not is told, with `what` the text is: "row". */
export async function copyText(text: string, what: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast({ kind: "failed", title: `The clipboard did not take the ${what}` });
    return false;
  }
}
