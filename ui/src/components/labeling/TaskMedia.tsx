/** Pictures and documents of the task that is shown, as Rust reads them. */
import { useQuery } from "@tanstack/react-query";
import { FileText, ImageOff, Maximize2, Minimize2, RotateCw } from "lucide-react";
import { createContext, type ReactNode, useContext, useState } from "react";
import { Button, IconButton } from "@/components/ui/Button";
import type { MediaInfo } from "@/ipc/bindings";
import { mediaUrl } from "@/ipc/client";
import { mediaInfoQuery } from "@/ipc/queries";
import { classes } from "@/lib/classes";
import { formatBytes, formatNumber, sentence } from "@/lib/format";
import { fileName } from "@/lib/path";

/** The task whose data is shown. Without one, as in a template, media is only named. */
export const TaskContext = createContext<number | undefined>(undefined);

/** Pixels of the longer side that a picture is shown with: sharp on a large screen, quick to send there. */
export const SHOWN_PX = 1_600;

/** A picture that is less wide is made so wide, to be worked on. */
const TINY_PX = 192;

type TaskMediaProps = {
  /** The object that shows it, by name. */
  name: string;
  /** The field of the data that names it. */
  variable: string;
  /** How many it names. */
  count: number;
  /** Lies over each picture, whose corners are its own. */
  over?: (index: number, info: MediaInfo | undefined) => ReactNode;
};

/** All media that one object shows. */
export function TaskMedia({ name, variable, count, over }: TaskMediaProps) {
  const taskId = useContext(TaskContext);
  const infos = useQuery({ ...mediaInfoQuery(taskId ?? 0, variable), enabled: taskId !== undefined });
  if (taskId === undefined) return null;
  return (
    <div className="flex flex-col gap-2">
      {Array.from({ length: count }, (_, index) => {
        const info = infos.data?.[index];
        const label = count === 1 ? name : `${name}, ${formatNumber(index + 1)} of ${formatNumber(count)}`;
        if (infos.isError || (info !== undefined && info.problem !== null)) {
          return (
            <Unusable
              key={index}
              label={label}
              source={info?.source}
              problem={info?.problem ?? infos.error?.message ?? "It could not be read"}
              onRetry={() => void infos.refetch()}
            />
          );
        }
        if (info?.kind === "pdf") return <PdfCard key={index} label={label} info={info} />;
        return (
          <Picture key={index} label={label} src={mediaUrl({ taskId, variable, index }, SHOWN_PX)} info={info}>
            {over?.(index, info)}
          </Picture>
        );
      })}
    </div>
  );
}

type PictureProps = { label: string; src: string; info: MediaInfo | undefined; children: ReactNode };

function Picture({ label, src, info, children }: PictureProps) {
  const [isShown, setShown] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const { width = null, height = null } = info ?? {};
  const isKnown = width !== null && height !== null;
  // The space is there before the picture is, so that nothing jumps.
  const fit = isKnown ? { width: `min(100%, ${Math.max(width, TINY_PX)}px, 60vh * ${width / height})` } : {};
  return (
    <figure className="relative">
      <div className={classes(isWhole && "max-h-[70vh] overflow-auto")}>
        <div className={classes("relative", !isKnown && "w-fit")} style={isWhole ? { width: "fit-content" } : fit}>
          <img
            src={src}
            alt={label}
            draggable={false}
            onLoad={() => setShown(true)}
            style={isKnown ? { aspectRatio: `${width} / ${height}` } : undefined}
            {...(isWhole && isKnown ? { width, height } : {})}
            className={classes(
              "block rounded-sm bg-inset select-none",
              isWhole ? "max-w-none" : isKnown ? "w-full" : "max-h-[60vh] max-w-full",
              !isShown && "min-h-16 animate-pulse",
            )}
          />
          {isShown && children}
        </div>
      </div>
      <figcaption className="mt-1 flex items-center gap-2 text-xs text-subtler tabular-nums">
        {isKnown && `${formatNumber(width)} × ${formatNumber(height)} pixels`}
        {info?.bytes != null && ` · ${formatBytes(info.bytes)}`}
        <IconButton
          icon={isWhole ? Minimize2 : Maximize2}
          size="small"
          label={isWhole ? "Fit the picture" : "Actual size"}
          onClick={() => setWhole(!isWhole)}
        />
      </figcaption>
    </figure>
  );
}

function PdfCard({ label, info }: { label: string; info: MediaInfo }) {
  return (
    <div className="flex items-center gap-3 rounded-sm border bg-surface px-3 py-2">
      <FileText aria-hidden className="size-6 shrink-0 text-subtle" strokeWidth={1.5} />
      <div className="min-w-0">
        <p className="truncate text-sm font-medium" title={info.source}>
          {info.source.startsWith("data:") ? "In the task itself" : fileName(info.source)}
        </p>
        <p className="text-xs text-subtler">
          {label}: PDF{info.bytes !== null && `, ${formatBytes(info.bytes)}`}
        </p>
      </div>
    </div>
  );
}

type UnusableProps = { label: string; source: string | undefined; problem: string; onRetry: () => void };

function Unusable({ label, source, problem, onRetry }: UnusableProps) {
  return (
    <div className="flex items-start gap-3 rounded-sm border border-negative-border bg-negative-tint px-3 py-2.5 text-sm">
      <ImageOff aria-hidden className="mt-0.5 size-4 shrink-0 text-negative-content" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">“{label}” cannot be used</p>
        <p className="break-words text-negative-content">{sentence(problem)}</p>
        {source !== undefined && source !== "" && <p className="mt-0.5 text-xs break-all text-subtle">{source}</p>}
      </div>
      <Button size="small" icon={RotateCw} onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
