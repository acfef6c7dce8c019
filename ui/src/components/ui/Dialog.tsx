import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useId, useRef, useState } from "react";
import { CommandLayer, useCommand } from "@/components/commands";
import { classes } from "@/lib/classes";
import { Button, IconButton } from "./Button";
import { stopInPage } from "./stopInPage";

const backdrop =
  "fixed inset-0 z-40 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0";
const popup =
  "fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-3rem)] low:max-h-[calc(100dvh-1rem)] max-w-[calc(100vw-3rem)] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden rounded-md bg-background text-content shadow-dialog ring-1 ring-border outline-none transition-[opacity,scale] duration-200 ease-out data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0";

const widths = {
  small: "w-[440px]",
  medium: "w-[600px]",
  large: "w-[920px]",
  full: "w-[1160px] h-[calc(100dvh-5rem)] low:h-[calc(100dvh-1rem)]",
};

type DialogProps = {
  open: boolean;
  /** Called for Esc, the close button and a press outside; the owner decides. */
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  size?: keyof typeof widths;
  /** Stays in sight below the scrolling body. */
  footer?: ReactNode;
  /** Right of the title. */
  actions?: ReactNode;
  /** Where typing begins; without it the dialog itself takes the focus, and its first control is one Tab away. */
  initialFocus?: RefObject<HTMLElement | null>;
  /** What has the focus once the dialog is closed; without it what had it before. */
  finalFocus?: () => HTMLElement | boolean | null;
  /** The body brings its own padding and scrolling. */
  bare?: boolean;
  /** What the keys that confirm a dialog do. */
  onSubmit?: () => void;
  children: ReactNode;
};

export function Dialog({ open, onClose, title, description, size = "medium", footer, actions, ...rest }: DialogProps) {
  const popupElement = useRef<HTMLDivElement>(null);
  const goBack = useWayBack(open, popupElement);
  const { initialFocus = popupElement, finalFocus = goBack, bare = false, onSubmit, children } = rest;
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        {/* One may lie over another, which then rests as the page does. */}
        <BaseDialog.Backdrop forceRender data-backdrop className={backdrop} />
        <BaseDialog.Popup
          ref={popupElement}
          data-dialog
          className={classes(popup, widths[size])}
          initialFocus={initialFocus}
          finalFocus={finalFocus}
          onKeyDown={letBackPass}
        >
          <CommandLayer isClosing={!open}>
            <CloseOnBack onClose={onClose} />
            {onSubmit !== undefined && <SubmitOnKeys onSubmit={onSubmit} />}
            <header className="flex items-start gap-3 border-b py-4 pr-14 pl-6 low:py-2.5">
              <div className="min-w-0 flex-1">
                <BaseDialog.Title className="text-xl font-semibold">{title}</BaseDialog.Title>
                {description !== undefined && (
                  <BaseDialog.Description className="mt-0.5 text-sm text-subtler">{description}</BaseDialog.Description>
                )}
              </div>
              {actions}
            </header>
            {bare ? children : <div className="scroll-area min-h-0 flex-1 px-6 py-5 low:py-3">{children}</div>}
            {footer !== undefined && (
              <footer className="flex items-center justify-end gap-2 border-t bg-surface px-6 py-3 low:py-2">
                {footer}
              </footer>
            )}
            {/* Last in the order of Tab: what the dialog is about comes first. */}
            <BaseDialog.Close
              render={<IconButton icon={X} label="Close" className="absolute top-3.5 right-4 low:top-2" />}
            />
          </CommandLayer>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** What has the focus once a dialog is closed: what had it before, or else where the keyboard was in the page. */
function useWayBack(open: boolean, popup: RefObject<HTMLElement | null>): () => HTMLElement | boolean | null {
  // From the palette, which is gone, or from an address there is nothing to go back to by itself.
  const [opened, setOpened] = useState({ open: false, isFromPage: false });
  if (open !== opened.open) {
    setOpened({ open, isFromPage: open ? stopInPage.has(document.activeElement) : opened.isFromPage });
  }
  return () => {
    if (opened.isFromPage) return true;
    // What it lies over keeps the keyboard to itself. Notices and what else is over the page leave it alone.
    const dialogs = [...document.querySelectorAll("[data-dialog]")];
    if (dialogs.some((other) => other !== popup.current)) return true;
    const now = document.activeElement;
    if (now !== document.body && popup.current?.contains(now) === false) return now as HTMLElement;
    const last = stopInPage.last();
    if (last?.id !== "main") return last;
    // The screen itself: its first stop, which is what it would come to, may be a button that refuses.
    last.focus();
    return false;
  };
}

/** A popup keeps the arrow keys to itself, and with them those of Back. */
export function letBackPass(event: { altKey: boolean; preventBaseUIHandler: () => void }): void {
  if (event.altKey) event.preventBaseUIHandler();
}

/** Inside the layer, as the next one: Back leaves what lies over the page first, and asks whatever closing it asks. */
export function CloseOnBack({ onClose }: { onClose: () => void }) {
  useCommand("app.back", onClose);
  return null;
}

/** Inside the layer, so that it answers while the dialog is open. */
function SubmitOnKeys({ onSubmit }: { onSubmit: () => void }) {
  useCommand("form.submit", onSubmit);
  return null;
}

type FormDialogProps = Omit<DialogProps, "open" | "footer" | "bare" | "onSubmit"> & {
  /** What is to be in sight beside the button, however far the body is scrolled. */
  summary?: ReactNode;
  /** A verb, with its object where the title does not name it: "Add label". */
  action: ReactNode;
  onSubmit: () => void;
  /** What was submitted is under way. */
  waiting?: boolean;
  disabledReason?: string | undefined;
  /** Mostly nothing is entered, so that Enter submits at once. */
  confirms?: boolean;
};

/** Asks for something. Its button, Enter in a field and the keys that confirm a dialog submit it, and none of them twice. */
export function FormDialog({
  action,
  onSubmit,
  waiting = false,
  disabledReason,
  summary,
  confirms = false,
  children,
  ...dialog
}: FormDialogProps) {
  const form = useId();
  const button = useRef<HTMLButtonElement>(null);
  const submit = () => {
    if (!waiting && disabledReason === undefined) onSubmit();
  };
  return (
    <Dialog
      {...dialog}
      {...(confirms && { initialFocus: button })}
      open
      onSubmit={submit}
      footer={
        <>
          {summary !== undefined && <div className="min-w-0 flex-1">{summary}</div>}
          <Button onClick={dialog.onClose}>Cancel</Button>
          <Button
            ref={button}
            type="submit"
            form={form}
            variant="primary"
            look="filled"
            waiting={waiting}
            disabledReason={disabledReason}
          >
            {action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {children}
      </form>
    </Dialog>
  );
}

type ConfirmDialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** A verb with its object: "Remove key". */
  action: string;
  tone?: "primary" | "negative";
  waiting?: boolean;
  onConfirm: () => void;
};

/** Asks before something that cannot be undone; whatever can be undone is done, and offers the way back in a toast. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  children,
  action,
  tone = "negative",
  waiting,
  onConfirm,
}: ConfirmDialogProps) {
  const popupElement = useRef<HTMLDivElement>(null);
  const goBack = useWayBack(open, popupElement);
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop forceRender data-backdrop className={backdrop} />
        <AlertDialog.Popup
          ref={popupElement}
          data-dialog
          className={classes(popup, widths.small)}
          finalFocus={goBack}
          onKeyDown={letBackPass}
        >
          <CommandLayer isClosing={!open}>
            <CloseOnBack onClose={onClose} />
            <div className="px-6 pt-5 pb-4">
              <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
              <AlertDialog.Description render={<div />} className="mt-1.5 text-sm text-subtle">
                {children}
              </AlertDialog.Description>
            </div>
            <footer className="flex items-center justify-end gap-2 px-6 pb-5">
              {/* It has the focus at first, and shows it whatever asked: Enter is to be no surprise. */}
              <AlertDialog.Close render={<Button className="focus:outline-2 focus:outline-focus">Cancel</Button>} />
              <Button variant={tone} look="filled" onClick={onConfirm} waiting={waiting ?? false}>
                {action}
              </Button>
            </footer>
          </CommandLayer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
