import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { CodeViewProps } from "./CodeView";

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--content)", fontSize: "0.75rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.25rem", overflow: "auto" },
  ".cm-content": { padding: "0.5rem 0" },
  ".cm-line": { padding: "0 0.75rem" },
});

// Words carry the meaning, colours only group them, so four roles are enough.
const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.tagName, tags.propertyName], color: "var(--primary-content)" },
    { tag: [tags.attributeName], color: "var(--warning-content)" },
    { tag: [tags.attributeValue, tags.string], color: "var(--positive-content)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--negative-content)" },
    { tag: [tags.comment, tags.angleBracket, tags.separator, tags.brace, tags.squareBracket], color: "var(--subtler)" },
  ]),
);

export default function CodeMirrorView({ text, language, label }: CodeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorState.readOnly.of(true),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
          language === "xml" ? xml() : json(),
          colours,
          theme,
        ],
      }),
    });
    return () => view.destroy();
  }, [text, language, label]);
  return <div ref={place} className="h-full select-text" />;
}
