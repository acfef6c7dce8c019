import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useCommand } from "@/components/commands";
import { PromptText, type PromptTextHandle } from "@/components/prompt-text/PromptText";
import { Button, IconButton } from "@/components/ui/Button";
import { Menu, MenuItem } from "@/components/ui/Menu";
import { Select } from "@/components/ui/Select";
import type { DraftContent, Message, Role, VariableFormat, VariableInfo } from "@/ipc/bindings";
import { written } from "@/lib/template";
import { VariableChips } from "./VariableChips";

const roles: readonly { value: Role; label: string; hint: string }[] = [
  { value: "SYSTEM", label: "System", hint: "Who the model is and how it answers" },
  { value: "USER", label: "User", hint: "The question about one task" },
  { value: "ASSISTANT", label: "Assistant", hint: "An answer to learn from" },
  { value: "TOOL", label: "Tool", hint: "What a tool answered to a call of the assistant" },
];
const roleNames = Object.fromEntries(roles.map(({ value, label }) => [value, label])) as Record<Role, string>;

type MessageListProps = {
  content: DraftContent;
  variables: readonly VariableInfo[];
  onChange: (messages: Message[]) => void;
  onFormat: (format: VariableFormat) => void;
  /** The cursor starts in the question: the prompt is new. */
  startsFocused?: boolean;
};

/** The messages of a prompt, in the order in which they are sent, and the variables to put into them. */
export function MessageList({ content, variables, onChange, onFormat, startsFocused = false }: MessageListProps) {
  const { messages, input_variable_format: format } = content;
  const editors = useRef(new Map<number, PromptTextHandle>());
  const [focused, setFocused] = useState<number | null>(null);
  const [choosing, setChoosing] = useState(false);
  // Messages have no names of their own: keys that move with them keep each editor with its text.
  const [keys, setKeys] = useState(() => messages.map((_, index) => index));
  const next = useRef(messages.length);
  if (keys.length !== messages.length) {
    // A restored version has other messages than the draft had.
    setKeys(messages.map(() => next.current++));
  }

  const change = (messages: Message[], keys: number[]) => {
    setKeys(keys);
    onChange(messages);
  };
  const edit = (index: number, part: Partial<Message>) =>
    onChange(messages.map((message, place) => (place === index ? { ...message, ...part } : message)));
  const move = (index: number, to: number) => change(moved(messages, index, to), moved(keys, index, to));
  const remove = (index: number) =>
    change(
      messages.filter((_, place) => place !== index),
      keys.filter((_, place) => place !== index),
    );
  const add = (role: Role) => {
    const message: Message = { role, content: "" };
    const key = next.current++;
    if (role === "SYSTEM") change([message, ...messages], [key, ...keys]);
    else change([...messages, message], [...keys, key]);
    requestAnimationFrame(() => editors.current.get(key)?.focus());
  };
  const insert = (name: string) => {
    const lastUser = keys[messages.findLastIndex((message) => message.role === "USER")];
    const key = focused !== null && editors.current.has(focused) ? focused : lastUser;
    if (key !== undefined) editors.current.get(key)?.insert(written(name, format));
  };
  useCommand("prompt.variables", () => setChoosing(true));
  const starts = useRef(startsFocused);
  useEffect(() => {
    if (!starts.current) return;
    // The last editor is that of the question.
    const last = [...editors.current.values()].at(-1);
    // The dialog that led here gives its focus back first.
    const frame = requestAnimationFrame(() => last?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);

  return (
    <div className="flex flex-col gap-3">
      <VariableChips
        content={content}
        variables={variables}
        choosing={choosing}
        onChoosing={setChoosing}
        onInsert={insert}
        onFormat={onFormat}
      />
      {messages.map((message, index) => {
        const key = keys[index] ?? index;
        const name = `${roleNames[message.role]} message${messages.length > 2 ? ` ${index + 1}` : ""}`;
        return (
          <section
            key={key}
            aria-label={name}
            className="rounded-md border bg-background focus-within:border-border-field has-[.cm-focused]:outline-2 has-[.cm-focused]:-outline-offset-1 has-[.cm-focused]:outline-focus"
          >
            <div className="flex items-center gap-1 rounded-t-md border-b bg-surface py-1 pr-1.5 pl-0.5">
              <Select
                label={`Role of message ${index + 1}`}
                value={message.role}
                onChange={(role) => edit(index, { role })}
                options={roles}
                className="h-7 border-transparent bg-transparent font-semibold"
              />
              <div className="flex-1" />
              {index > 0 && (
                <IconButton icon={ArrowUp} size="small" label="Move up" onClick={() => move(index, index - 1)} />
              )}
              {index < messages.length - 1 && (
                <IconButton icon={ArrowDown} size="small" label="Move down" onClick={() => move(index, index + 1)} />
              )}
              <IconButton
                icon={Trash2}
                size="small"
                label={`Remove ${name.toLowerCase()}`}
                disabledReason={messages.length === 1 ? "A prompt needs a message" : undefined}
                onClick={() => remove(index)}
              />
            </div>
            {message.tool_calls !== undefined && message.tool_calls !== null && (
              <p
                className="truncate border-b px-3 py-1 font-mono text-xs text-subtler"
                title={JSON.stringify(message.tool_calls)}
              >
                calls {JSON.stringify(message.tool_calls)}
              </p>
            )}
            <PromptText
              ref={(handle) => {
                if (handle === null) editors.current.delete(key);
                else editors.current.set(key, handle);
              }}
              label={name}
              value={message.content ?? ""}
              onChange={(text) => edit(index, { content: text })}
              onFocus={() => setFocused(key)}
              format={format}
              variables={variables}
              placeholder={placeholders[message.role]}
            />
          </section>
        );
      })}
      <div>
        <Menu
          trigger={
            <Button icon={Plus} look="string" size="small">
              Add message
            </Button>
          }
        >
          {roles.map(({ value, label, hint }) => (
            <MenuItem key={value} hint={hint} onClick={() => add(value)}>
              {label}
            </MenuItem>
          ))}
        </Menu>
      </div>
    </div>
  );
}

const placeholders: Record<Role, string> = {
  SYSTEM: "Say who the model is and what each class means.",
  USER: "Ask about one task. Type { to insert a variable.",
  ASSISTANT: "An answer as it should be.",
  TOOL: "What the tool answered.",
};

function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const others = items.filter((_, place) => place !== from);
  return [...others.slice(0, to), ...items.slice(from, from + 1), ...others.slice(to)];
}
