/** The fields that a provider cannot do without and that were left empty: all of them are marked at once. */
import { type RefObject, useEffect, useState } from "react";
import { type Entry, type EntryField, missingWords } from "./providers";

type TextOf = (name: Entry) => string;

export function useMissing(fields: readonly EntryField[], textOf: TextOf, form: RefObject<HTMLFormElement | null>) {
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tries, form]);
  return {
    /** Whether all is there; marks what is not, and leads to the first of it. */
    isWhole: (given: TextOf = textOf) => {
      const isWhole = fields.every((field) => missingWords(field, given) === undefined);
      setTries(isWhole ? 0 : tries + 1);
      return isWhole;
    },
    missingOf: (field: EntryField) => (tries > 0 && fields.includes(field) ? missingWords(field, textOf) : undefined),
    forgetMissing: () => setTries(0),
  };
}
