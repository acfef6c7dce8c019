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
import { AboutSection } from "./AboutSection";
import { AppearanceSection } from "./AppearanceSection";
import { DataSection } from "./DataSection";
import { LocalApiSection } from "./LocalApiSection";
import { NetworkSection } from "./NetworkSection";
import { AmountRow, NumberRow } from "./NumberRow";
import { PrivacySection } from "./PrivacySection";
import { WorkspaceSection } from "./WorkspaceSection";

/** In the order in which they stand below each other. */
const SECTIONS = [
  "Appearance",
  // Before the hosts of the network, of which each server that is connected is one more: it stays in sight.
  "Label Studio",
  "Runs",
  "Pictures and PDFs",
  "Network",
  "Local API",
  "Data",
  "Privacy and logs",
  "About",
] as const;
type SectionTitle = (typeof SECTIONS)[number];

type SettingsDialogProps = {
  /** The section that it begins at, if not at the top; of the network, what leaves this computer. */
  at?: "network" | "label-studio" | "local-api" | "data" | "privacy" | "about" | undefined;
  /** The section of those servers. */
  labelStudio: ReactNode;
  onClose: () => void;
};

export function SettingsDialog({ at, labelStudio, onClose }: SettingsDialogProps) {
  const offline = useRef<HTMLElement>(null);
  const begin = useRef<HTMLHeadingElement>(null);
  const isRead = useIsRead();
  return (
    <Dialog
      open
      onClose={onClose}
      title="Settings"
      size="large"
      bare
      {...(at === "network" ? { initialFocus: offline } : at !== undefined ? { initialFocus: begin } : {})}
      description="Changes apply at once. Those of runs, media and network are kept in the workspace; the command line obeys them too."
    >
      <Contents>
        {isRead ? (
          <AllSections at={at} offline={offline} begin={begin} labelStudio={labelStudio} />
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

type AllSectionsProps = Pick<SettingsDialogProps, "at" | "labelStudio"> & {
  offline: RefObject<HTMLElement | null>;
  /** The heading of the section that it begins at. */
  begin: RefObject<HTMLHeadingElement | null>;
};

function AllSections({ at, offline, begin, labelStudio }: AllSectionsProps) {
  const titleRef = (section: typeof at) => (at === section ? { titleRef: begin } : {});
  // Before it is painted, so that it is never seen elsewhere.
  useLayoutEffect(() => {
    const [element, block] =
      at === "network" ? ([offline.current, "center"] as const) : ([begin.current, "start"] as const);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block });
  }, [at, offline, begin]);
  return (
    <div className="flex max-w-xl flex-col gap-7">
      <Section title="Appearance">
        <AppearanceSection />
      </Section>
      <Section title="Label Studio" {...titleRef("label-studio")}>
        {labelStudio}
      </Section>
      <Loaded query={useQuery(settingsQuery())} what="the settings">
        {(settings) => <WorkspaceSettings settings={settings} offlineRef={offline} />}
      </Loaded>
      <Section title="Local API" {...titleRef("local-api")}>
        <LocalApiSection />
      </Section>
      <Section title="Data" {...titleRef("data")}>
        <DataSection />
        <WorkspaceSection />
      </Section>
      <Section title="Privacy and logs" {...titleRef("privacy")}>
        <PrivacySection />
      </Section>
      <Section title="About" {...titleRef("about")}>
        <AboutSection />
      </Section>
    </div>
  );
}

/** All sections below each other, and beside them their names, which lead there. */
function Contents({ children }: { children: ReactNode }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [here, setHere] = useState<SectionTitle>(SECTIONS[0]);
  const heads = () => [...(scroller.current?.querySelectorAll<HTMLElement>("[data-section]") ?? [])];
  /** The last one that begins above the upper third; at the end, the last. */
  const follow = () => {
    if (scroller.current === null) return;
    const { top, height } = scroller.current.getBoundingClientRect();
    const { scrollTop, scrollHeight, clientHeight } = scroller.current;
    const isEnd = scrollTop > 0 && scrollTop + clientHeight >= scrollHeight - 1;
    const passed = heads().filter((head) => isEnd || head.getBoundingClientRect().top < top + height / 3);
    const title = passed.at(-1)?.dataset.section;
    setHere(SECTIONS.find((one) => one === title) ?? SECTIONS[0]);
  };
  const goTo = (title: SectionTitle) => {
    heads()
      .find((head) => head.dataset.section === title)
      ?.scrollIntoView({ block: "start" });
    setHere(title);
  };
  return (
    <div className="flex h-160 min-h-0">
      <nav
        aria-label="Sections"
        className="flex w-48 shrink-0 flex-col gap-0.5 border-r bg-surface p-2 max-[760px]:hidden"
      >
        {SECTIONS.map((title) => (
          <button
            key={title}
            type="button"
            aria-current={title === here ? "true" : undefined}
            onClick={() => goTo(title)}
            className="flex h-8 items-center rounded-sm px-3 text-left text-sm text-subtle hover:bg-surface-hover hover:text-content aria-current:bg-primary-tint aria-current:font-semibold aria-current:text-content"
          >
            {title}
          </button>
        ))}
      </nav>
      <div ref={scroller} onScroll={follow} className="scroll-area min-w-0 flex-1 px-6 py-5">
        {children}
      </div>
    </div>
  );
}

type SectionProps = { title: SectionTitle; titleRef?: Ref<HTMLHeadingElement>; children: ReactNode };

function Section({ title, titleRef, children }: SectionProps) {
  return (
    <section className="flex flex-col items-start gap-3">
      <h3
        ref={titleRef}
        data-section={title}
        tabIndex={titleRef === undefined ? undefined : -1}
        className="scroll-mt-5 text-base font-semibold outline-none"
      >
        {title}
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
      <Section title="Runs">
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
      <Section title="Pictures and PDFs">
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
      <Section title="Network">
        <NetworkSection ref={offlineRef} offline={settings.offline} onOffline={(offline) => keep({ offline })} />
      </Section>
    </>
  );
}
