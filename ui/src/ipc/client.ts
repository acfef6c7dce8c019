/**
 * The way to Rust. Components call `ipc.deletePrompt(id)` or read a query of `queries.ts`; an error that Rust answers
 * arrives as a thrown `IpcFailure`, whose `code` is for branching and whose `message` is for reading.
 */
import { convertFileSrc, invoke } from "@tauri-apps/api/core";
import { sentence } from "@/lib/format";
import { commands, type ErrorCode, events, type IpcError, type Result } from "./bindings";

type Commands = typeof commands;
type Events = typeof events;
type PayloadOf<Source> = Source extends { listen(handler: infer Handler): unknown }
  ? Handler extends (event: infer Event) => unknown
    ? Event extends { payload: infer Payload }
      ? Payload
      : never
    : never
  : never;

/** What stands at the other end of the wire: Tauri in the app, a scripted one in tests. */
export type Boundary = {
  commands: Commands;
  events: { [Name in keyof Events]: EventSource<PayloadOf<Events[Name]>> };
  /** The address of a piece of media, from the path that names it. */
  mediaUrl: (path: string) => string;
  /** Draws the page so many times as large. */
  setZoom: (factor: number) => void;
};
type EventSource<Payload> = { listen(handler: (event: { payload: Payload }) => void): Promise<() => void> };

let boundary: Boundary = {
  commands,
  events,
  mediaUrl: (path) => convertFileSrc(path, "media"),
  // The webview's own: sizes of the window and its queries about them follow it, which those of CSS do not.
  setZoom: (value) => void invoke("plugin:webview|set_webview_zoom", { value }),
};

/** Replaces the other end; called once, before anything else speaks. */
export function connect(other: Boundary): void {
  boundary = other;
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
  [Name in keyof Commands]: (...args: Parameters<Commands[Name]>) => Promise<Answer<Commands[Name]>>;
};

/** Every command of the bindings, with the error thrown instead of returned. */
export const ipc = new Proxy({} as Ipc, {
  get(_, name) {
    return async (...args: unknown[]) => {
      const command = boundary.commands[name as keyof Commands] as (
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

/** Calls `handler` with each payload of the event until the returned function is called. */
export function listen<Name extends keyof Events>(
  name: Name,
  handler: (payload: PayloadOf<Events[Name]>) => void,
): () => void {
  let stopped = false;
  let stop: (() => void) | undefined;
  const source = boundary.events[name] as EventSource<PayloadOf<Events[Name]>>;
  void source
    .listen((event) => {
      if (!stopped) handler(event.payload);
    })
    .then((unlisten) => {
      if (stopped) unlisten();
      else stop = unlisten;
    });
  return () => {
    stopped = true;
    stop?.();
  };
}
