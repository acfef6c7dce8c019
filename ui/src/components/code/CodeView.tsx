import { lazy, Suspense } from "react";
import { classes } from "@/lib/classes";
import type { SnippetSyntax } from "./snippets";

const CodeMirrorView = lazy(() => import("./CodeMirrorView"));

export type CodeViewProps = {
  text: string;
  language: "xml" | "json" | SnippetSyntax;
  /** Accessible name. */
  label: string;
  className?: string;
};

/** Code to read, with its language's colours. The highlighter is a chunk of its own; until it is there the text is plain. */
export function CodeView(props: CodeViewProps) {
  return (
    <div className={classes("min-h-0 overflow-hidden rounded-md border bg-surface", props.className)}>
      <Suspense
        fallback={
          <pre className="scroll-area h-full px-3 py-2 font-mono text-xs whitespace-pre-wrap">{props.text}</pre>
        }
      >
        <CodeMirrorView {...props} />
      </Suspense>
    </div>
  );
}
