/** Settings of the workspace, which the command line obeys too, and the look of this window. Changes apply at once. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { runCommand } from "@/components/commands";
import { Loaded } from "@/components/Loaded";
import { Checkbox } from "@/components/ui/Checkbox";
import { Dialog } from "@/components/ui/Dialog";
import { Field, TextInput } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import { toast } from "@/components/ui/toast";
import type { Settings, Theme } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import { preferencesQuery, settingsQuery } from "@/ipc/queries";

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const theme = useQuery(preferencesQuery()).data?.theme ?? "system";
  return (
    <Dialog
      open
      onClose={onClose}
      title="Settings"
      description="Changes apply at once. Those of runs and media are kept in the workspace; the command line obeys them too."
    >
      <div className="flex flex-col gap-6">
        <Section title="Appearance">
          <Segmented
            label="Theme"
            value={theme}
            onChange={(next) => runCommand(`app.theme-${next}`)}
            options={THEMES}
          />
        </Section>
        <Loaded query={useQuery(settingsQuery())} what="the settings">
          {(settings) => <WorkspaceSettings settings={settings} />}
        </Loaded>
      </div>
    </Dialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col items-start gap-3">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}

type NumberSetting = "concurrency" | "media_side_px" | "media_megabytes_max";

function WorkspaceSettings({ settings }: { settings: Settings }) {
  const set = (part: Partial<Settings>) => ipc.setSettings({ ...settings, ...part });
  const number = (name: NumberSetting, label: string, hint: string) => (
    <NumberRow name={name} label={label} hint={hint} value={settings[name]} onSet={(value) => set({ [name]: value })} />
  );
  return (
    <>
      <Section title="Runs">
        {number("concurrency", "Requests at once", "How many tasks a run asks about at the same time. 1 to 512.")}
      </Section>
      <Section title="Pictures and PDFs">
        {number(
          "media_side_px",
          "Longest side",
          "In pixels. Larger pictures are made smaller before they are shown or sent. 256 to 8,192.",
        )}
        {number("media_megabytes_max", "Largest file", "In megabytes. Larger ones are not read. 1 to 500.")}
        <Checkbox
          checked={settings.media_from_web}
          onChange={(media_from_web) =>
            void set({ media_from_web }).catch((error) =>
              toast({ kind: "failed", title: "The setting could not be kept", description: messageOf(error) }),
            )
          }
          hint="Whoever keeps a picture learns that it was looked at."
        >
          Read from web addresses
        </Checkbox>
      </Section>
    </>
  );
}

type NumberRowProps = {
  name: NumberSetting;
  label: string;
  hint: string;
  value: number;
  onSet: (value: number) => Promise<unknown>;
};

/** A number that is kept when the field is left, or on Enter. */
function NumberRow({ name, label, hint, value, onSet }: NumberRowProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const keep = useMutation({ mutationFn: onSet });
  const [isNumber, setNumber] = useState(true);
  const commit = () => {
    const next = Number(text.trim());
    const whole = /^\d{1,6}$/.test(text.trim());
    setNumber(whole);
    if (whole && next !== value) keep.mutate(next);
    else if (whole) keep.reset();
  };
  const error = !isNumber
    ? "Type a whole number."
    : keep.isError
      ? (fieldError(keep.error, name) ?? messageOf(keep.error))
      : undefined;
  return (
    <Field label={label} hint={hint} error={error}>
      <TextInput
        size="medium"
        inputMode="numeric"
        value={text}
        onChange={setText}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          commit();
        }}
        className="max-w-32"
      />
    </Field>
  );
}
