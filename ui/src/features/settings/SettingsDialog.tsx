/** Settings of the workspace, which the command line obeys too, and the look of this window. Changes apply at once. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { type ReactNode, type Ref, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Checkbox } from "@/components/ui/Checkbox";
import { Dialog } from "@/components/ui/Dialog";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { toast } from "@/components/ui/toast";
import type { Settings } from "@/ipc/bindings";
import { fieldError, ipc, messageOf } from "@/ipc/client";
import {
  appInfoQuery,
  contactsQuery,
  crashReportQuery,
  localApiQuery,
  preferencesQuery,
  pushesQuery,
  serversQuery,
  settingsQuery,
  workspaceFileQuery,
} from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { AboutSection } from "./AboutSection";
import { AppearanceSection } from "./AppearanceSection";
import { DataSection } from "./DataSection";
import { LocalApiSection } from "./LocalApiSection";
import { NetworkSection } from "./NetworkSection";
import { AmountRow, NumberRow } from "./NumberRow";
import { PrivacySection } from "./PrivacySection";
import { PARTS, parts, type Reading, type SettingsPart } from "./parts";
import { WorkspaceSection } from "./WorkspaceSection";

type SettingsDialogProps = {
  /** Where it begins; in the network, with what leaves this computer. */
  at: SettingsPart;
  /** To another part, which the address then names. */
  onGo: (to: SettingsPart) => void;
  /** To what is read over the part that led there. */
  onRead: (what: Reading, from: "privacy" | "about") => void;
  /** The dialog that lies over this one. */
  over: ReactNode;
  /** The section of those servers. */
  labelStudio: ReactNode;
  onClose: () => void;
};

export function SettingsDialog({ at, onGo, onRead, over, labelStudio, onClose }: SettingsDialogProps) {
  const offline = useRef<HTMLElement>(null);
  const isRead = useIsRead();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Settings"
      size="large"
      bare
      description="Changes apply at once. Those of runs, media and network are kept in the workspace; the command line obeys them too."
    >
      <Contents at={at} isRead={isRead} offline={offline} onGo={onGo}>
        {isRead ? (
          <AllSections offline={offline} labelStudio={labelStudio} onRead={onRead} />
        ) : (
          <Delayed>
            <div role="status" aria-label="Reading the settings" className="flex max-w-xl flex-col gap-4">
              <Skeleton className="h-6 w-40" />
              <Skeleton className="h-40" />
              <Skeleton className="h-24" />
            </div>
          </Delayed>
        )}
      </Contents>
      {over}
    </Dialog>
  );
}

/** All that the sections show. */
const READ = [
  preferencesQuery(),
  settingsQuery(),
  contactsQuery(),
  serversQuery(),
  pushesQuery(),
  localApiQuery(),
  workspaceFileQuery(),
  crashReportQuery(),
  appInfoQuery(),
];

/**
 * Whether all of it was read once, or could not be. The sections are shown together: one that took its room as it is read
 * would move away those below it, under the pointer.
 */
function useIsRead(): boolean {
  const isReading = useQueries({ queries: READ, combine: (all) => all.some(({ isFetching }) => isFetching) });
  const [wasRead, setWasRead] = useState(!isReading);
  if (!isReading && !wasRead) setWasRead(true);
  return wasRead;
}

type AllSectionsProps = Pick<SettingsDialogProps, "labelStudio" | "onRead"> & { offline: Ref<HTMLElement> };

function AllSections({ offline, labelStudio, onRead }: AllSectionsProps) {
  return (
    <div className="flex max-w-xl flex-col gap-7">
      <Section part="settings">
        <AppearanceSection />
      </Section>
      <Section part="label-studio">{labelStudio}</Section>
      <Loaded query={useQuery(settingsQuery())} what="the settings">
        {(settings) => <WorkspaceSettings settings={settings} offlineRef={offline} />}
      </Loaded>
      <Section part="local-api">
        <LocalApiSection />
      </Section>
      <Section part="data">
        <DataSection />
        <WorkspaceSection />
      </Section>
      <Section part="privacy">
        <PrivacySection onDiagnostics={() => onRead("diagnostics", "privacy")} />
      </Section>
      {/* As high as what is seen of the sections, so that this one too can begin at the top. */}
      <Section part="about" className="min-h-[100cqh]">
        <AboutSection onRead={(what) => onRead(what, "about")} />
      </Section>
    </div>
  );
}

type ContentsProps = Pick<SettingsDialogProps, "onGo"> & {
  at: SettingsPart;
  isRead: boolean;
  offline: RefObject<HTMLElement | null>;
  children: ReactNode;
};

/** All sections below each other, and beside them their names, which lead there. */
function Contents({ at, isRead, offline, onGo, children }: ContentsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [here, setHere] = useState(at);
  const heads = () => [...(scroller.current?.querySelectorAll<HTMLElement>("[data-section]") ?? [])];
  /** The last one that begins at the top or above. */
  const follow = () => {
    if (scroller.current === null) return;
    const { top } = scroller.current.getBoundingClientRect();
    const passed = heads().filter((head) => head.getBoundingClientRect().top < top + 48);
    const name = passed.at(-1)?.dataset.section;
    setHere(parts.find((part) => part === name) ?? "settings");
  };
  const headOf = (part: SettingsPart) => heads().find((head) => head.dataset.section === part);
  const scrollTo = (part: SettingsPart) => headOf(part)?.scrollIntoView({ block: "start" });
  // Before it is painted, so that it is never seen elsewhere.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is not there yet is gone to once it is read
  useLayoutEffect(() => {
    setHere(at);
    const head = headOf(at);
    const { activeElement } = document;
    // Whoever pressed a name in the list goes on there, and so does who is in the section already.
    const isThere = activeElement?.closest("[data-parts]") != null || head?.closest("section")?.contains(activeElement);
    if (!isThere) (at === "network" ? offline.current : head)?.focus({ preventScroll: true });
    scrollTo(at);
  }, [at, isRead]);
  return (
    <div className="flex h-160 min-h-0">
      <nav
        aria-label="Sections"
        data-parts
        className="flex w-48 shrink-0 flex-col gap-0.5 border-r bg-surface p-2 max-[760px]:hidden"
      >
        {parts.map((part) => (
          <button
            key={part}
            type="button"
            aria-current={part === here ? "true" : undefined}
            onClick={() => (part === at ? scrollTo(part) : onGo(part))}
            className="flex h-8 items-center rounded-sm px-3 text-left text-sm text-subtle hover:bg-surface-hover hover:text-content aria-current:bg-primary-tint aria-current:font-semibold aria-current:text-content"
          >
            {PARTS[part]}
          </button>
        ))}
      </nav>
      <div ref={scroller} onScroll={follow} className="scroll-area min-w-0 flex-1 px-6 py-5 [container-type:size]">
        {children}
      </div>
    </div>
  );
}

type SectionProps = { part: SettingsPart; className?: string; children: ReactNode };

function Section({ part, className, children }: SectionProps) {
  return (
    <section className={classes("flex flex-col items-start gap-3", className)}>
      <h3 data-section={part} tabIndex={-1} className="scroll-mt-5 text-base font-semibold outline-none">
        {PARTS[part]}
      </h3>
      {children}
    </section>
  );
}

type NumberSetting = "concurrency" | "media_side_px" | "media_megabytes_max";

type WorkspaceSettingsProps = { settings: Settings; offlineRef: Ref<HTMLElement> };

function WorkspaceSettings({ settings, offlineRef }: WorkspaceSettingsProps) {
  const set = (part: Partial<Settings>) => ipc.setSettings({ ...settings, ...part });
  const keep = (part: Partial<Settings>) =>
    void set(part).catch((error) =>
      toast({ kind: "failed", title: "The setting could not be kept", description: messageOf(error) }),
    );
  const number = (name: NumberSetting, label: string, hint: string) => (
    <NumberRow
      label={label}
      hint={hint}
      value={settings[name]}
      onSet={(value) => set({ [name]: value })}
      errorOf={(error) => fieldError(error, name)}
    />
  );
  return (
    <>
      <Section part="run-settings">
        {number(
          "concurrency",
          "Requests at once",
          "At most: a run asks about fewer tasks at once where its server takes fewer. 1 to 512.",
        )}
        <AmountRow
          label="Budget a day"
          hint="In dollars, for all runs together; they pause before it is passed. Days are those of UTC."
          value={settings.budget_micros}
          onSet={(budget_micros) => set({ budget_micros })}
          errorOf={(error) => fieldError(error, "budget_micros")}
        />
      </Section>
      <Section part="media-settings">
        {number(
          "media_side_px",
          "Longest side",
          "In pixels. Larger pictures are made smaller before they are shown or sent. 256 to 8,192.",
        )}
        {number("media_megabytes_max", "Largest file", "In megabytes. Larger ones are not read. 1 to 500.")}
        <Checkbox
          checked={settings.media_from_web}
          onChange={(media_from_web) => keep({ media_from_web })}
          hint="Whoever hosts a picture can see that it was read."
        >
          Read from web addresses
        </Checkbox>
      </Section>
      <Section part="network">
        <NetworkSection ref={offlineRef} offline={settings.offline} onOffline={(offline) => keep({ offline })} />
      </Section>
    </>
  );
}
