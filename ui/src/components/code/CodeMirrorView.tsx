import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { CodeViewProps } from "./CodeView";
import { snippetLanguage } from "./snippets";
import { codeColours, codeTheme } from "./theme";

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
          language === "xml" ? xml() : language === "json" ? json() : snippetLanguage(language),
          codeColours,
          codeTheme,
        ],
      }),
    });
    return () => view.destroy();
  }, [text, language, label]);
  return <div ref={place} className="h-full select-text" />;
}
