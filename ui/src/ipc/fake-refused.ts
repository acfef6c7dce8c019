import type { IpcError } from "./bindings";

/** What Rust would refuse, as the scripted boundary says it. */
export class Refused extends Error {
  readonly error: IpcError;
  constructor(code: IpcError["code"], message: string, field: string | null = null) {
    super(message);
    this.error = { code, message, field };
  }
}
