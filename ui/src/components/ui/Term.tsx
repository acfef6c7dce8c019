import { cloneElement, type ReactElement, type ReactNode } from "react";
import { type TermName, terms } from "@/lib/terms";
import { Tip } from "./Tip";

type ExplainedProps = { as: string | undefined; children: ReactElement<Record<string, unknown>> };

/** What can be pressed, with what its word means: by the pointer, by Tab, and for readers of the screen. */
export function Explained({ as, children }: ExplainedProps) {
  if (as === undefined) return children;
  return <Tip content={as}>{cloneElement(children, { "aria-description": as })}</Tip>;
}

type TermProps = {
  of: TermName;
  /** What stands for it here, in full: told before what it means. */
  more?: string;
  children: ReactNode;
};

/** A word that not everybody knows: what it means is told to who points at it, and to who comes to it by Tab. */
export function Term({ of, more, children }: TermProps) {
  return (
    <Explained as={more === undefined ? terms[of] : `${more}\n${terms[of]}`}>
      <button
        type="button"
        className="inline max-w-full cursor-help truncate rounded-sm align-bottom text-inherit underline decoration-border-field decoration-dotted underline-offset-3 outline-offset-0"
      >
        {children}
      </button>
    </Explained>
  );
}
