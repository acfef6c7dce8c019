/** The text of a labeling config: completion from our table of tags, problems where they are, one history of edits. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type ElementSpec, xml } from "@codemirror/lang-xml";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { codeColours, codeTheme } from "@/components/code/theme";
import { tooltipTheme } from "@/components/code/tooltips";
import type { ConfigProblem, Tag } from "@/ipc/bindings";
import { sentence } from "@/lib/format";
import { replacement } from "./replacement";

export type XmlEditorHandle = {
  /** Makes the text this one as a single edit, which one undo takes back; the cursor stays where it was. */
  replace: (text: string) => void;
  /** Shows a place and puts the cursor there. */
  show: (from: number, to: number) => void;
};

type XmlEditorProps = {
  label: string;
  text: string;
  onChange: (text: string) => void;
  /** Places are those of `text` as it is now. */
  problems: readonly ConfigProblem[];
  tags: readonly Tag[];
  ref?: Ref<XmlEditorHandle>;
};

/** Keys of CodeMirror's default map that are commands of the program. */
const OURS = new Set(["Mod-Enter", "Mod-/", "Mod-[", "Mod-]", "Alt-ArrowLeft", "Alt-ArrowRight"]);
const editing = defaultKeymap.filter(({ key }) => key === undefined || !OURS.has(key));

const theme = EditorView.theme({
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--subtler)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--surface)" },
  ".cm-cursor": { borderLeftColor: "var(--content)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--focus) 35%, transparent) !important",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--primary-tint)", color: "inherit" },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--negative-content)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--warning-mark)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--primary-content)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--negative-content)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--primary-content)" },
  ".cm-panels": { backgroundColor: "var(--surface)", color: "var(--content)", borderColor: "var(--border)" },
  ".cm-panel input, .cm-panel button": { fontFamily: "inherit", fontSize: "0.75rem" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-tint)", outline: "1px solid var(--warning-mark)" },
});

export function XmlEditor({ label, text, onChange, problems, tags, ref }: XmlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const language = useRef(new Compartment());
  const latest = useRef({ onChange });
  latest.current = { onChange };

  // The editor is made once; what it was made with is brought up to date by the effects below.
  const initial = useRef({ label, text, tags });
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const { label, text, tags } = initial.current;
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          history(),
          lineNumbers(),
          lintGutter(),
          drawSelection(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          search({ top: true }),
          EditorView.lineWrapping,
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...searchKeymap.filter(({ key }) => key !== "Mod-g"),
            ...lintKeymap,
            ...historyKeymap,
            ...editing,
          ]),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
          codeColours,
          codeTheme,
          tooltipTheme,
          theme,
          language.current.of(xml({ elements: elementsOf(tags) })),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(xml({ elements: elementsOf(tags) })) });
  }, [tags]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== null)
      editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(problems, editor.state.doc.length)));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    replace: (text) => {
      const editor = view.current;
      const change = editor === null ? null : replacement(editor.state.doc.toString(), text);
      if (change !== null) editor?.dispatch({ changes: change, userEvent: "input" });
    },
    show: (from, to) => {
      const editor = view.current;
      if (editor === null) return;
      const { length } = editor.state.doc;
      editor.dispatch({
        selection: { anchor: Math.min(from, length), head: Math.min(to, length) },
        scrollIntoView: true,
      });
      editor.focus();
    },
  }));

  return <div ref={host} className="h-full min-h-0 select-text [&_.cm-editor]:h-full" />;
}

function diagnosticsOf(problems: readonly ConfigProblem[], length: number): Diagnostic[] {
  return problems.map(({ severity, from, to, message, fix }) => ({
    severity,
    from: Math.min(from, length),
    to: Math.min(to, length),
    message: sentence(message),
    actions:
      fix === null
        ? []
        : [
            {
              name: fix.label,
              apply: (editor) => editor.dispatch({ changes: { from: fix.from, to: fix.to, insert: fix.insert } }),
            },
          ],
  }));
}

function elementsOf(tags: readonly Tag[]): ElementSpec[] {
  const anywhere = tags.filter(({ kind }) => kind !== "label").map(({ name }) => name);
  return tags.map((tag) => ({
    name: tag.name,
    top: tag.name === "View",
    children: tag.children.length > 0 ? [...tag.children] : tag.kind === "visual" ? anywhere : [],
    completion: { type: "type", detail: tag.summary },
    attributes: tag.attributes.map((attribute) => ({
      name: attribute.name,
      values: [...attribute.values],
      completion: { detail: attribute.summary, boost: attribute.required ? 1 : 0 },
    })),
  }));
}
