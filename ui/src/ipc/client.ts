/**
 * The way to Rust. Components call `ipc.deletePrompt(id)` or read a query of `queries.ts`; an error that Rust answers
 * arrives as a thrown `IpcFailure`, whose `code` is for branching and whose `message` is for reading.
 */
import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { sentence } from "@/lib/format";
import { type AppEvent, commands, type ErrorCode, type IpcError, type Result } from "./bindings";

type Commands = typeof commands;
export type EventName = AppEvent["name"];
export type PayloadOf<Name extends EventName> =
  Extract<AppEvent, { name: Name }> extends { payload: infer Payload } ? Payload : undefined;

/** What stands at the other end of the wire: Tauri in the app, a scripted one in tests. */
export type Boundary = {
  commands: Omit<Commands, "nextEvents">;
  /** Calls `tell` with all that happens from now on. */
  hear: (tell: (event: AppEvent) => void) => void;
  /** The address of a piece of media, from the path that names it. */
  mediaUrl: (path: string) => string;
  /** Draws the page so many times as large. */
  setZoom: (factor: number) => void;
};

/** How long Rust is left alone when it could not be asked, or had nothing to tell. */
const AGAIN_MS = 1000;

let boundary: Boundary = {
  commands,
  hear: async (tell) => {
    for (;;) {
      const events = await commands.nextEvents().catch(() => undefined);
      // Nothing at all is said only where somebody else listens too, who would be sent away in turn.
      if (events?.status === "ok" && events.data.length > 0) events.data.forEach(tell);
      else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  },
  mediaUrl: (path) => convertFileSrc(path, "media"),
  // The webview's own: sizes of the window and its queries about them follow it, which those of CSS do not.
  setZoom: (value) => void invoke("plugin:webview|set_webview_zoom", { value }),
};

/** Replaces the other end; called once, before anything else speaks. */
export function connect(other: Boundary): void {
  boundary = other;
  isHeard = false;
}

export class IpcFailure extends Error {
  override readonly name = "IpcFailure";
  readonly code: ErrorCode;
  /** The form field at fault, if one is. */
  readonly field: string | null;

  constructor(error: IpcError) {
    super(sentence(error.message));
    this.code = error.code;
    this.field = error.field;
  }
}

/** Whether somebody ended it who did not want it any more: nothing went wrong. */
export function isCanceled(error: unknown): boolean {
  return error instanceof IpcFailure && error.code === "canceled";
}

/** Every failure as words: what Rust said, or what broke on the way to it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message when the failure names `field`, for the form field's error line. */
export function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof IpcFailure && error.field === field ? error.message : undefined;
}

type Answer<Command> = Command extends (...args: never[]) => Promise<infer Outcome>
  ? Extract<Outcome, { status: "ok" }> extends { data: infer Data }
    ? Data
    : never
  : never;

export type Ipc = {
  [Name in keyof Boundary["commands"]]: (...args: Parameters<Commands[Name]>) => Promise<Answer<Commands[Name]>>;
};

/** Every command of the bindings, with the error thrown instead of returned. */
export const ipc = new Proxy({} as Ipc, {
  get(_, name) {
    return async (...args: unknown[]) => {
      const command = boundary.commands[name as keyof Ipc] as (
        ...args: unknown[]
      ) => Promise<Result<unknown, IpcError>>;
      const result = await command(...args);
      if (result.status === "error") throw new IpcFailure(result.error);
      return result.data;
    };
  },
});

export type MediaPlace = {
  taskId: number;
  /** The field of the task's data that names it. */
  variable: string;
  /** Its place in that field, from 0. */
  index: number;
};

/** Where the page finds a picture of a task, made smaller to `side` pixels if it is larger. */
export function mediaUrl({ taskId, variable, index }: MediaPlace, side: number): string {
  return boundary.mediaUrl(`${taskId}/${index}/${side}/${variable}`);
}

/** The same of a picture on this machine: nobody else is asked for it. */
export function thumbnailUrl({ taskId, variable, index }: MediaPlace, side: number): string {
  return boundary.mediaUrl(`here/${taskId}/${index}/${side}/${variable}`);
}

/** Draws the whole window so many times as large; 1 is its size as made. */
export function setWindowZoom(factor: number): void {
  boundary.setZoom(factor);
}

const listeners = new Map<EventName, Set<(payload: unknown) => void>>();
let isHeard = false;

/** Calls `handler` with each payload of the event until the returned function is called. */
export function listen<Name extends EventName>(name: Name, handler: (payload: PayloadOf<Name>) => void): () => void {
  if (!isHeard) {
    isHeard = true;
    boundary.hear(tell);
  }
  const own = (payload: unknown) => handler(payload as PayloadOf<Name>);
  const others = listeners.get(name) ?? new Set();
  listeners.set(name, others.add(own));
  return () => void others.delete(own);
}

function tell(event: AppEvent): void {
  const payload = "payload" in event ? event.payload : undefined;
  for (const listener of [...(listeners.get(event.name) ?? [])]) {
    try {
      listener(payload);
    } catch (error) {
      // Whoever else listens, and what happens next, is not its affair.
      reportError(error);
    }
  }
}
