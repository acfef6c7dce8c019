/** The editor of one message: plain text in which `{variables}` are told apart. */
import { autocompletion, type Completion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { type Diagnostic, linter } from "@codemirror/lint";
import { Compartment, EditorState, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  placeholder as placeholderText,
  tooltips,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { VariableFormat, VariableInfo } from "@/ipc/bindings";
import { escapesOf, literalsOf, nearestName, rootOf, variablesOf, written } from "@/lib/template";
import { promptTheme } from "./theme";

export type PromptTextHandle = {
  /** Puts text where the cursor is, or in place of the selection, and goes on from there. */
  insert: (text: string) => void;
  focus: () => void;
};

type PromptTextProps = {
  /** Accessible name. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  onFocus?: () => void;
  format: VariableFormat;
  variables: readonly VariableInfo[];
  placeholder?: string;
  ref?: Ref<PromptTextHandle>;
};

/** Keys of CodeMirror's default map that are commands of the program. */
const OURS = new Set(["Mod-Enter", "Mod-/", "Mod-[", "Mod-]", "Alt-ArrowLeft", "Alt-ArrowRight"]);
const editing = defaultKeymap.filter(({ key }) => key === undefined || !OURS.has(key));

export function PromptText({
  label,
  value,
  onChange,
  onFocus,
  format,
  variables,
  placeholder = "",
  ref,
}: PromptTextProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const latest = useRef({ onChange, onFocus, value });
  latest.current = { onChange, onFocus, value };

  // The editor is made once; what it was made with is brought up to date by the effects below.
  const initial = useRef({ label, placeholder, format, variables });
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    const { label, placeholder, format, variables } = initial.current;
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          exactLines,
          history(),
          drawSelection(),
          EditorView.lineWrapping,
          keymap.of([...completionKeymap, ...historyKeymap, ...editing]),
          placeholderText(placeholder),
          EditorView.contentAttributes.of({
            "aria-label": label,
            tabindex: "0",
            spellcheck: "true",
            autocorrect: "off",
          }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const text = update.state.doc.toString();
            if (text !== latest.current.value) latest.current.onChange(text);
          }),
          EditorView.domEventHandlers({ focus: () => latest.current.onFocus?.() }),
          promptTheme,
          // Suggestions are wider than a column may be, which would cut them off and scroll.
          tooltips({ position: "fixed", parent: document.body }),
          language.current.of(templateLanguage(format, variables)),
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
    view.current?.dispatch({ effects: language.current.reconfigure(templateLanguage(format, variables)) });
  }, [format, variables]);

  // A version that is restored, a draft that is discarded: text that was not typed here.
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const editor = view.current;
      if (editor === null) return;
      editor.dispatch(editor.state.replaceSelection(text), { scrollIntoView: true });
      editor.focus();
    },
    focus: () => view.current?.focus(),
  }));

  return <div ref={host} className="min-h-0" dir="auto" />;
}

/** Line ends are content and stay what they are; only what is pasted gets those of this editor. */
const exactLines = [
  EditorState.lineSeparator.of("\n"),
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
];

function templateLanguage(format: VariableFormat, variables: readonly VariableInfo[]) {
  const names = variables.map(({ name }) => name);
  return [
    marks(format, names),
    linter((editor) => unknownVariables(editor, format, names), { delay: 200 }),
    completion(format, variables),
  ];
}

/** A prompt that is aimed at no project yet may have any variables. */
function isKnown(path: string, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(path) || names.includes(rootOf(path));
}

function marks(format: VariableFormat, names: readonly string[]) {
  const known = Decoration.mark({ class: "cm-variable" });
  const unknown = Decoration.mark({ class: "cm-variable cm-variable-unknown" });
  const literal = (title: string) => Decoration.mark({ class: "cm-literal", attributes: { title } });
  const brace = literal("A brace without its other half is no variable: it is sent as it is.");
  const braces = literal("No name of a variable stands between these braces: they are sent as they are.");
  const doubledBrace = Decoration.mark({ class: "cm-escape", attributes: { title: "Stands for one brace" } });
  const build = ({ state }: EditorView): DecorationSet => {
    const text = state.doc.toString();
    const found = [
      ...variablesOf(text, format).map((variable) => ({
        ...variable,
        mark: isKnown(variable.path, names) ? known : unknown,
      })),
      ...escapesOf(text, format).map((range) => ({ ...range, mark: doubledBrace })),
      ...literalsOf(text, format).map((range) => ({ ...range, mark: range.to - range.from === 1 ? brace : braces })),
    ].sort((a, b) => a.from - b.from);
    const builder = new RangeSetBuilder<Decoration>();
    for (const { from, to, mark } of found) builder.add(from, to, mark);
    return builder.finish();
  };
  return ViewPlugin.define(
    (editor) => ({
      decorations: build(editor),
      update(update: ViewUpdate) {
        if (update.docChanged) this.decorations = build(update.view);
      },
    }),
    { decorations: (plugin) => plugin.decorations },
  );
}

/** Fields of the tasks whose names cannot be written in this format: what looks like them is sent as it stands. */
function unwritable(text: string, format: VariableFormat, names: readonly string[]): Diagnostic[] {
  return literalsOf(text, format)
    .filter(({ from, to }) => names.includes(text.slice(from, to).replace(/^\{\s*|\s*\}$/g, "")))
    .map(({ from, to }) => ({
      from,
      to,
      severity: "warning",
      message:
        "A number, or a name with signs or a _ before it, is no variable in this format. Write variables as {{name}}, or rename the field.",
    }));
}

function unknownVariables({ state }: EditorView, format: VariableFormat, names: readonly string[]): Diagnostic[] {
  const text = state.doc.toString();
  const unknown = variablesOf(text, format)
    .filter(({ path }) => !isKnown(path, names))
    .map(({ path, from, to }) => {
      const near = nearestName(rootOf(path), names);
      const diagnostic: Diagnostic = {
        from,
        to,
        severity: "warning",
        message: `The tasks have no ${written(path, format)}.${near === null ? "" : ` Did you mean ${written(near, format)}?`}`,
      };
      if (near !== null) {
        diagnostic.actions = [
          {
            name: `Use ${written(near, format)}`,
            apply: (editor, from, to) => editor.dispatch({ changes: { from, to, insert: written(near, format) } }),
          },
        ];
      }
      return diagnostic;
    });
  return [...unknown, ...unwritable(text, format, names)];
}

function completion(format: VariableFormat, variables: readonly VariableInfo[]) {
  const options: Completion[] = variables.map(({ name, sample }) => ({
    label: name,
    detail: sample.length > 40 ? `${sample.slice(0, 40)}…` : sample,
    apply: (editor, _, from, to) => {
      // Closing braces that are there already are not doubled.
      const closing = format === "MUSTACHE" ? "}}" : "}";
      const end = editor.state.sliceDoc(to, to + closing.length) === closing ? to + closing.length : to;
      editor.dispatch({
        changes: { from, to: end, insert: name + closing },
        selection: { anchor: from + name.length + closing.length },
      });
    },
  }));
  return autocompletion({
    icons: false,
    override: [
      (context: CompletionContext) => {
        if (format === "NONE") return null;
        const opening = format === "MUSTACHE" ? /\{\{[\p{Alphabetic}\p{N}_ -]*$/u : /\{[\p{Alphabetic}\p{N}_ -]*$/u;
        const typed = context.matchBefore(opening);
        return typed === null ? null : { from: typed.from + (format === "MUSTACHE" ? 2 : 1), options };
      },
    ],
  });
}
