import type { ReactNode } from "react";
import { classes } from "@/lib/classes";
import type { TermName } from "@/lib/terms";
import { Term } from "./Term";

type CardRowProps = {
  className: string;
  /** Where the row is narrow, values alone: what belongs beside them is then for readers of the screen. */
  isShort?: boolean;
  children: ReactNode;
};

/** Numbers side by side, each with its name and what belongs beside it: `Card`s, in a container. */
export function CardRow({ className, isShort = false, children }: CardRowProps) {
  return (
    // Where it is given more height, as beside an open result, it fills that.
    <div className="@container grid grow grid-cols-[minmax(0,1fr)]">
      <dl
        data-short={isShort || undefined}
        className={classes("grid overflow-hidden rounded-md border bg-background", className)}
      >
        {children}
      </dl>
    </div>
  );
}

type CardProps = {
  title: string;
  /** What the title means, where not everybody knows. */
  term?: TermName | undefined;
  value: string;
  /** "(83.5–90.0)": stays with its value where nothing else does. */
  interval?: string | undefined;
  tone?: "negative" | undefined;
  children?: ReactNode;
};

export function Card({ title, term, value, interval, tone, children }: CardProps) {
  return (
    <div
      className={classes(
        "-mt-px -ml-px min-w-0 border-t border-l px-3 py-1.5 @max-4xl:in-data-short:content-center @max-4xl:in-data-short:px-2.5 @max-4xl:in-data-short:py-1 @max-2xl:in-data-short:px-2",
        interval !== undefined && "@max-4xl:in-data-short:min-w-max",
      )}
    >
      {/* A term cuts itself, and what holds it must not cut its outline. */}
      <dt className={classes("text-xs text-subtler", term === undefined && "truncate")}>
        {term === undefined ? title : <Term of={term}>{title}</Term>}
      </dt>
      <dd>
        <span
          className={classes(
            "block text-lg leading-6 @max-4xl:in-data-short:truncate @max-4xl:in-data-short:text-base @max-2xl:in-data-short:text-sm font-semibold whitespace-nowrap tabular-nums first-letter:uppercase",
            tone === "negative" && "text-negative-content",
          )}
        >
          {value}
          {interval !== undefined && (
            // What else is said beside the value tells a reader of the screen.
            <span
              aria-hidden
              className="ml-1 hidden text-xs font-normal text-subtler @max-4xl:in-data-short:inline @max-2xl:in-data-short:text-2xs"
            >
              {interval}
            </span>
          )}
        </span>
        <span className="block text-xs text-subtler @max-4xl:in-data-short:sr-only">{children}</span>
      </dd>
    </div>
  );
}
