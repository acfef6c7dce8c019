/** Code in the program's roles of colour, so that both themes come from one place. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const codeTheme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "transparent", color: "var(--content)", fontSize: "0.75rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.25rem", overflow: "auto" },
  ".cm-content": { padding: "0.5rem 0" },
  ".cm-line": { padding: "0 0.75rem" },
});

// Words carry the meaning, colours only group them, so four roles are enough.
export const codeColours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.tagName, tags.propertyName], color: "var(--primary-content)" },
    { tag: [tags.attributeName, tags.keyword], color: "var(--warning-content)" },
    { tag: [tags.attributeValue, tags.string], color: "var(--positive-content)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--negative-content)" },
    { tag: [tags.comment, tags.angleBracket, tags.separator, tags.brace, tags.squareBracket], color: "var(--subtler)" },
  ]),
);
