import { EditorView } from "@codemirror/view";

/** What an editor lays over its text: suggestions, and problems with what mends them. */
export const tooltipTheme = EditorView.theme({
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
