import { EditorView } from "@codemirror/view";
import { tooltipTheme } from "@/components/code/tooltips";

/** CodeMirror in the program's roles of colour, so that both themes come from one place. */
export const promptTheme = [
  tooltipTheme,
  EditorView.theme({
    "&": { color: "var(--content)", backgroundColor: "transparent", fontSize: "14px" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "inherit", lineHeight: "1.55" },
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
      textDecorationLine: "underline",
      textDecorationStyle: "wavy",
      textDecorationColor: "var(--warning-mark)",
      textUnderlineOffset: "3px",
    },
    // A border and no underline: not every webview knows the short form of one with a style, a colour and a thickness.
    ".cm-literal": { borderBottom: "2px dotted var(--warning-mark)" },
    ".cm-escape": { color: "var(--subtler)" },
    ".cm-lintRange-warning": { backgroundImage: "none" },
  }),
];
