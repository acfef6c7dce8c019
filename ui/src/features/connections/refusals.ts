/** What was refused of what was sent: told at a field for as long as what was sent stands there. */
import { useState } from "react";
import { fieldError } from "@/ipc/client";

type Values = Record<string, unknown>;

export function useRefusals(error: unknown, values: Values) {
  const [sent, setSent] = useState<Values>({});
  return {
    /** Notes what is sent, if that is not what is entered. */
    noteSent: (given: Values = values) => setSent(given),
    refusalOf: (name: string) => (values[name] === sent[name] ? fieldError(error, name) : undefined),
  };
}
