import { Toast } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, Hourglass, Info, X } from "lucide-react";
import type { MouseEvent } from "react";
import { classes } from "@/lib/classes";
import { stopInPage } from "./stopInPage";

const manager = Toast.createToastManager();

type Notice = {
  /** One sentence: what happened. */
  title: string;
  description?: string;
  /** What happened went well, or wrong; or nothing has happened yet; or nothing happens, for a reason. */
  kind?: "done" | "failed" | "waiting" | "refused";
  /** The way back, or the next step. */
  action?: { label: string; run: () => void };
  /** Milliseconds in sight; ten seconds with an action. */
  timeout?: number;
};

/** Tells of something that happened, at the top of the window. A failure that stops the user is no toast: show it in place. */
export function toast({ title, description, kind = "done", action, timeout }: Notice): void {
  const id = manager.add({
    title,
    description,
    type: kind,
    priority: kind === "failed" ? "high" : "low",
    timeout: timeout ?? (action !== undefined || kind !== "done" ? 10_000 : 5_000),
    ...(action === undefined
      ? {}
      : {
          actionProps: {
            children: action.label,
            onClick: (event) => {
              dismiss(id, event);
              action.run();
            },
          },
        }),
  });
}

/**
 * A notice closed by one of its buttons takes the focus with it, unless that goes to the next notice or back to where F6 was
 * pressed: then the keyboard goes on where it was in the page. Under a dialog that is the dialog's to say.
 */
function dismiss(id: string, { currentTarget }: MouseEvent): void {
  const notice = currentTarget.closest("[data-notice]");
  manager.close(id);
  const now = document.activeElement;
  const isLost = now === document.body || notice?.contains(now) === true;
  if (isLost && document.querySelector("[data-dialog]") === null) stopInPage.last()?.focus({ preventScroll: true });
}

const goToNewest = (viewport: HTMLElement) => viewport.querySelector("button")?.focus();

/**
 * In the header, between the screen's name and the search: rows, their actions and the buttons of dialogs are all below, and
 * stay in sight, and the name makes room (`Header`). While a dialog is open, the lower left corner: its title is at the top,
 * its buttons are at the right. F6 leads to the first button of the newest.
 */
export function Toasts() {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport
          onFocus={({ target, currentTarget }) => {
            // Itself only by F6.
            if (target === currentTarget) goToNewest(currentTarget);
          }}
          onKeyDown={(event) => {
            if (event.key !== "F6") return;
            // From one of its buttons, which must not become the way back.
            event.preventDefault();
            event.stopPropagation();
            goToNewest(event.currentTarget);
          }}
          className="fixed top-1 right-(--notice-right) z-50 flex w-(--notice-width) max-w-[calc(100vw-var(--notice-right)-0.5rem)] flex-col gap-1 outline-none dialog:top-auto dialog:right-auto dialog:max-w-none dialog:bottom-3 dialog:left-3"
        >
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      data-notice
      swipeDirection={["up"]}
      className={classes(
        "rounded-md bg-inverted text-on-inverted shadow-popup transition-[opacity,translate] duration-200 ease-out data-ending-style:-translate-y-2 data-ending-style:opacity-0 data-limited:hidden data-starting-style:-translate-y-3 data-starting-style:opacity-0",
      )}
    >
      <Toast.Content className="flex items-center gap-2.5 py-0.5 pr-1.5 pl-3">
        {item.type === "failed" ? (
          <CircleAlert aria-hidden className="size-4 shrink-0 text-on-inverted-negative" />
        ) : item.type === "waiting" ? (
          <Hourglass aria-hidden className="size-4 shrink-0" />
        ) : item.type === "refused" ? (
          <Info aria-hidden className="size-4 shrink-0" />
        ) : (
          <CircleCheck aria-hidden className="size-4 shrink-0 text-on-inverted-positive" />
        )}
        <div className="min-w-0 flex-1 py-1 select-text">
          <Toast.Title className="text-sm font-medium break-words" />
          <Toast.Description className="text-xs break-words opacity-85" />
        </div>
        <Toast.Action className="h-7 shrink-0 rounded-sm px-2.5 text-sm font-semibold text-on-inverted-primary hover:bg-on-inverted/10" />
        <Toast.Close
          aria-label="Dismiss"
          onClick={(event) => {
            event.preventBaseUIHandler();
            dismiss(item.id, event);
          }}
          className="flex size-7 shrink-0 items-center justify-center rounded-sm opacity-80 hover:bg-on-inverted/10 hover:opacity-100"
        >
          <X aria-hidden className="size-4" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
