import { EditorView } from "@codemirror/view";

/** CodeMirror in the program's roles of colour, so that both themes come from one place. */
export const promptTheme = EditorView.theme({
  "&": { color: "var(--content)", backgroundColor: "transparent", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "1.55", maxHeight: "40vh" },
  ".cm-content": { padding: "8px 12px", caretColor: "var(--content)" },
  ".cm-line": { padding: "0" },
  ".cm-cursor": { borderLeftColor: "var(--content)" },
  ".cm-placeholder": { color: "var(--subtler)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--focus) 35%, transparent) !important",
  },
  ".cm-variable": {
    color: "var(--primary-content)",
    backgroundColor: "var(--primary-tint)",
    borderRadius: "3px",
    padding: "1px 2px",
    fontWeight: "500",
  },
  ".cm-variable-unknown": {
    color: "var(--warning-content)",
    backgroundColor: "var(--warning-tint)",
    textDecoration: "underline wavy var(--warning-mark) 1px",
    textUnderlineOffset: "3px",
  },
  ".cm-escape": { color: "var(--subtler)" },
  ".cm-lintRange-warning": { backgroundImage: "none" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--content)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
    boxShadow: "0 4px 16px rgb(0 0 0 / 18%)",
    overflow: "hidden",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "14em" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "4px 10px", lineHeight: "20px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--primary-tint)",
    color: "var(--content)",
  },
  ".cm-completionDetail": { color: "var(--subtler)", fontStyle: "normal", marginLeft: "10px" },
  ".cm-diagnostic": { borderLeft: "3px solid var(--warning-mark)", padding: "6px 10px" },
  ".cm-diagnosticAction": {
    backgroundColor: "var(--primary)",
    color: "var(--on-primary)",
    borderRadius: "4px",
    padding: "2px 8px",
    marginLeft: "10px",
  },
});
