import { cloneElement, type ReactElement, type ReactNode } from "react";
import { type TermName, terms } from "@/lib/terms";
import { Tip } from "./Tip";

type ExplainedProps = { as: string | undefined; children: ReactElement<Record<string, unknown>> };

/** What can be pressed, with what its word means: by the pointer, by Tab, and for readers of the screen. */
export function Explained({ as, children }: ExplainedProps) {
  if (as === undefined) return children;
  // Above, and from where the word begins: what it explains is below it.
  return (
    <Tip content={as} side="top" align="start">
      {cloneElement(children, { "aria-description": as })}
    </Tip>
  );
}

type TermProps = {
  of: TermName;
  /** What stands for it here, in full: told before what it means. */
  more?: string;
  /** Another word that is met with it: told after it. */
  also?: TermName | undefined;
  children: ReactNode;
};

/** A word that not everybody knows: what it means is told to who points at it, and to who comes to it by Tab. */
export function Term({ of, more, also, children }: TermProps) {
  const told = [more, terms[of], also && terms[also]];
  return (
    <Explained as={told.filter((words) => words !== undefined).join("\n")}>
      <button
        type="button"
        className="inline max-w-full cursor-help truncate rounded-sm align-bottom text-inherit underline decoration-border-field decoration-dotted underline-offset-3 outline-offset-0"
      >
        {children}
      </button>
    </Explained>
  );
}
