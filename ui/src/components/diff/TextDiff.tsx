/** Two texts against each other, by word; what is the same far from a change is folded away. */
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { textChanges } from "./textChanges";

export type DiffLook = "unified" | "side-by-side";

const theme = EditorView.theme({
  "&": { color: "var(--content)", backgroundColor: "var(--background)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "1.55" },
  ".cm-content": { padding: "8px 0" },
  ".cm-line": { padding: "0 12px" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": {
    backgroundColor: "var(--negative-tint)",
  },
  "&.cm-merge-b .cm-changedLine, .cm-insertedLine, .cm-changedLine": { backgroundColor: "var(--positive-tint)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "color-mix(in srgb, var(--negative-content) 22%, transparent)",
  },
  "&.cm-merge-b .cm-changedText, .cm-changedText": {
    background: "color-mix(in srgb, var(--positive-content) 24%, transparent)",
  },
  ".cm-deletedChunk": { paddingLeft: "12px" },
  // CodeMirror's own gutter is white on both themes.
  ".cm-gutters": { backgroundColor: "transparent", border: "none" },
  "& .cm-deletedLineGutter, &.cm-merge-a .cm-changedLineGutter": { background: "var(--negative-content)" },
  "& .cm-changedLineGutter, &.cm-merge-b .cm-changedLineGutter": { background: "var(--positive-content)" },
  ".cm-collapsedLines": {
    background: "var(--surface)",
    color: "var(--subtle)",
    padding: "4px 12px",
    borderBlock: "1px solid var(--border)",
  },
  // The library's sign is in no font that we can count on.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"⋯" !important' },
});

const shared: Extension = [
  theme,
  // Other line ends are content, and no line ends of the comparison.
  EditorState.lineSeparator.of("\n"),
  EditorView.lineWrapping,
  EditorState.readOnly.of(true),
  EditorView.contentAttributes.of({ "aria-readonly": "true", tabindex: "0" }),
];
const collapseUnchanged = { margin: 2, minSize: 6 };
const diffConfig = { override: textChanges };

const code = Prec.high(EditorView.theme({ ".cm-scroller": { fontFamily: "var(--font-mono)" } }));

type TextDiffProps = { before: string; after: string; look: DiffLook; label: string; isCode?: boolean };

export function TextDiff({ before, after, look, label, isCode = false }: TextDiffProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const named = (which: string) => [
      EditorView.contentAttributes.of({ "aria-label": `${label}, ${which}` }),
      isCode ? code : [],
    ];
    const view =
      look === "unified"
        ? new EditorView({
            parent,
            doc: after,
            extensions: [
              shared,
              named("changes"),
              // A text against itself is a text to read: nothing of it is folded away.
              before === after
                ? []
                : unifiedMergeView({
                    original: before,
                    mergeControls: false,
                    gutter: true,
                    collapseUnchanged,
                    diffConfig,
                  }),
            ],
          })
        : new MergeView({
            parent,
            a: { doc: before, extensions: [shared, named("before")] },
            b: { doc: after, extensions: [shared, named("after")] },
            gutter: true,
            collapseUnchanged,
            diffConfig,
          });
    return () => view.destroy();
  }, [before, after, look, label, isCode]);
  return <div ref={host} dir="auto" />;
}
