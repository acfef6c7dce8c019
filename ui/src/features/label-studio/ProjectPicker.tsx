// biome-ignore-all lint/a11y/useSemanticElements: a <select> cannot place its options by hand
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus stays in the search field, which says what is active
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the search field listens for the keys of the list
/** A list of any length to choose a server's project from: typing searches, arrows move, Enter takes. */
import { useQuery } from "@tanstack/react-query";
import { CircleSlash, Link2, TriangleAlert } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { QueryProblem } from "@/components/QueryProblem";
import { useRows } from "@/components/table/useRows";
import { useRowWindow } from "@/components/table/useRowWindow";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { SearchInput } from "@/components/ui/Field";
import { RelativeTime } from "@/components/ui/Time";
import type { ServerProject } from "@/ipc/bindings";
import { SERVER_PAGE_ROWS, serverProjectQuery, serverProjectsQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatNumber, sentence } from "@/lib/format";
import { projectWords } from "./words";

const HEAD_HEIGHT = 32;
const ROW_HEIGHT = 56;

/** How long typing, or a row, must rest before the server is asked. */
const REST_MS = 250;

const tracks =
  "grid content-center grid-cols-[minmax(0,1fr)_5.5rem_5.5rem_5.5rem_8.5rem] items-center gap-x-2 px-3 @max-[40rem]:grid-cols-[minmax(0,1fr)_5.5rem_5.5rem] @max-[26.25rem]:grid-cols-[minmax(0,1fr)_5rem]";
const givesWay = { first: "@max-[40rem]:hidden", second: "@max-[26.25rem]:hidden" };

type ProjectPickerProps = {
  /** Another server's list has another `key`. */
  serverId: string;
  /** The one that the list is at, once it was read. */
  onChoose: (project: ServerProject | null) => void;
  /** Enter, or a double press. */
  onTake: (project: ServerProject) => void;
  inputRef: RefObject<HTMLInputElement | null>;
  /** Asks for another address or token, where the server gives no list. */
  onChangeServer: () => void;
  /** Where the server itself is chosen. */
  children: ReactNode;
};

export function ProjectPicker({ serverId, onChoose, onTake, inputRef, onChangeServer, children }: ProjectPickerProps) {
  const list = useId();
  const [text, setText] = useState("");
  const [search, setSearch] = useState("");
  const [read, setRead] = useState<number>();
  const total = read ?? 0;
  const { scroller, rows, start, end, height, viewport, page, topOf, slotOf, showRow } = useRowWindow(
    total,
    ROW_HEIGHT,
    HEAD_HEIGHT,
  );
  const query = (offset: number) => serverProjectsQuery(serverId, search, offset);
  const { rowAt, known, failed, isPending } = useRows(query, start, end, total, SERVER_PAGE_ROWS);
  if (known !== undefined && known !== read) setRead(known);
  /** Until somebody moves it, the first that can be used of those in sight. */
  const [active, setActive] = useState<number | null>(null);
  const usable = () => {
    for (let index = start; index < end; index += 1) if (rowAt(index)?.ineligible === null) return index;
    return 0;
  };
  const current = Math.min(active ?? usable(), Math.max(0, total - 1));
  const row = total === 0 ? undefined : rowAt(current);
  // What its cells have asked for.
  const told = useQuery({ ...serverProjectQuery(serverId, row?.id ?? 0), enabled: false }).data;
  const project = told?.id === row?.id ? (told ?? row) : row;
  useEffect(() => inputRef.current?.focus(), [inputRef]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === search) return;
    const timer = setTimeout(() => {
      // Another search is another list: it begins at its top, so that no page of the old place is asked of it.
      setSearch(wanted);
      setActive(null);
      showRow(0);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [text, search, showRow]);
  // What Enter takes is what is told of beside the button.
  const choose = useRef(onChoose);
  choose.current = onChoose;
  useEffect(() => choose.current(project ?? null), [project]);

  const goTo = useCallback(
    (next: number) =>
      flushSync(() => {
        setActive(next);
        showRow(next);
      }),
    [showRow],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
    };
    const next = steps[event.key];
    if (next !== undefined && total > 0) {
      event.preventDefault();
      goTo(Math.min(Math.max(0, next), total - 1));
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      // What is still being typed has not been looked for.
      if (row !== undefined && text.trim() === search) onTake(row);
    }
  };

  const drawn: ReactNode[] = [];
  for (let index = start; index < end; index += 1) {
    const project = rowAt(index);
    const slot = slotOf(index);
    drawn[slot] = (
      <div
        key={slot}
        id={`${list}-${index}`}
        role="option"
        aria-selected={index === current}
        aria-disabled={project?.ineligible != null || undefined}
        aria-setsize={total}
        aria-posinset={index + 1}
        style={{ transform: `translateY(${topOf(index)}px)`, height: ROW_HEIGHT }}
        onClick={() => setActive(index)}
        onDoubleClick={() => project !== undefined && onTake(project)}
        className={classes(
          "absolute inset-x-0 top-0 cursor-default border-b text-sm select-none",
          tracks,
          index === current ? "bg-primary-tint inset-ring-1 inset-ring-primary-border" : "hover:bg-surface-hover",
        )}
      >
        {project === undefined ? (
          <span aria-hidden className="h-3 w-2/3 rounded-sm bg-inset" />
        ) : (
          <ProjectCells serverId={serverId} listed={project} />
        )}
      </div>
    );
  }
  // Scrolled away, the one that the list is at is no element that could be named.
  const isDrawn = row !== undefined && current >= start && current < end;
  const isEmpty = known === 0 && failed === undefined;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <div role="none" onKeyDown={onKeyDown} className="min-w-40 flex-1">
          <SearchInput
            ref={inputRef}
            label="Search the projects"
            value={text}
            onChange={setText}
            list={{ id: list, active: isDrawn ? `${list}-${current}` : undefined }}
          />
        </div>
        {children}
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col overflow-hidden rounded-md border">
        <div
          ref={scroller}
          id={list}
          role="listbox"
          aria-label="Projects of the server"
          aria-busy={isPending}
          tabIndex={-1}
          className="@container scroll-area min-h-0 flex-1 outline-none [contain:strict] [overflow-anchor:none]"
        >
          <div
            aria-hidden
            style={{ height: HEAD_HEIGHT }}
            className={classes("sticky top-0 z-10 border-b bg-surface text-xs font-semibold text-subtle", tracks)}
          >
            <span>Project</span>
            <span className="text-right">Tasks</span>
            <span className={classes("text-right", givesWay.first)}>Annotations</span>
            <span className={classes("text-right", givesWay.second)}>Ground truth</span>
            <span className={classes("pl-5", givesWay.first)}>Last change</span>
          </div>
          <div role="none" style={{ height }}>
            {/* Still in sight while the scrollbar moves, as in a table. */}
            <div
              role="none"
              className="sticky overflow-y-clip"
              style={{ top: HEAD_HEIGHT, height: Math.min(viewport, height) }}
            >
              <div ref={rows} role="none">
                {drawn}
              </div>
            </div>
          </div>
        </div>
        {known === undefined && failed === undefined && (
          <div
            role="status"
            aria-label="Reading the projects"
            className="absolute inset-x-0 top-8 bottom-0 flex flex-col bg-background"
          >
            {[0, 1, 2, 3].map((line) => (
              <div key={line} className="flex h-14 shrink-0 items-center border-b px-3">
                <div className="h-3 w-1/2 animate-[skeleton_1.6s_ease-in-out_infinite] rounded-sm bg-inset" />
              </div>
            ))}
          </div>
        )}
        {failed !== undefined && (
          <div className="scroll-area absolute inset-0 bg-background">
            <QueryProblem
              title="The projects could not be read"
              error={failed.error}
              onRetry={() => void failed.refetch()}
              action={<Button onClick={onChangeServer}>Change the server…</Button>}
            />
          </div>
        )}
        {isEmpty && (
          <div className="scroll-area absolute inset-x-0 top-8 bottom-0 bg-background">
            <EmptyState
              icon={CircleSlash}
              title={search === "" ? "No project that you may see" : `No project has “${search}” in its title`}
              className="py-8"
            >
              {search === ""
                ? "The token sees the projects that its user is a member of. Make one there, or have it shared with you."
                : "Titles are searched on the server."}
            </EmptyState>
          </div>
        )}
      </div>
    </div>
  );
}

/** What is told of a project, in the columns of the list; what lists do not tell is asked for where it stays in sight. */
function ProjectCells({ serverId, listed }: { serverId: string; listed: ServerProject }) {
  const [rested, setRested] = useState<number>();
  useEffect(() => {
    const timer = setTimeout(() => setRested(listed.id), REST_MS);
    return () => clearTimeout(timer);
  }, [listed.id]);
  const whole = useQuery({ ...serverProjectQuery(serverId, listed.id), enabled: rested === listed.id });
  const project = whole.data ?? listed;
  const { title, description, workspace, ineligible, warning, project_id } = project;
  const about = [workspace, description].filter((part) => part !== null && part !== "").join(" · ");
  return (
    <>
      <div className="flex min-w-0 items-center gap-2">
        <span
          className={classes("min-w-0 truncate font-semibold", ineligible !== null && "text-subtler")}
          title={title}
          dir="auto"
        >
          {title}
        </span>
        {project_id !== null && (
          <Badge size="small" tone="primary" icon={Link2} title="This project was pulled already">
            Is here
          </Badge>
        )}
        <span className="sr-only">, {projectWords(project)}.</span>
      </div>
      <Count>{project.tasks}</Count>
      <Count className={givesWay.first}>{project.annotations}</Count>
      <Count className={givesWay.second}>{project.ground_truths}</Count>
      <div className={classes("truncate pl-5 text-subtle", givesWay.first)}>
        {project.updated_at !== null && <RelativeTime iso={project.updated_at} />}
      </div>
      {ineligible !== null ? (
        <Remark icon={CircleSlash} className="text-subtle">
          {ineligible}
        </Remark>
      ) : warning !== null ? (
        <Remark icon={TriangleAlert} className="text-warning-content">
          {warning}
        </Remark>
      ) : whole.isError ? (
        <Remark icon={TriangleAlert} className="text-warning-content">
          whether a machine learning backend is connected could not be found out
        </Remark>
      ) : (
        <div className="col-span-full truncate text-left text-xs text-subtler" title={about} dir="auto">
          {about}
        </div>
      )}
    </>
  );
}

/** Below all columns, so that it can be read whole. */
function Remark({ icon: Icon, className, children }: { icon: typeof Link2; className: string; children: string }) {
  const words = sentence(children);
  return (
    <div className={classes("col-span-full flex min-w-0 gap-1 text-xs", className)} title={words}>
      <Icon aria-hidden className="mt-0.5 size-3 shrink-0" />
      <span className="line-clamp-2">{words}</span>
    </div>
  );
}

/** Said in words beside the title. */
function Count({ className, children }: { className?: string; children: number | null }) {
  return (
    <div aria-hidden className={classes("text-right text-subtle tabular-nums", className)}>
      {children === null ? "?" : formatNumber(children)}
    </div>
  );
}
