import { Children, type ReactNode } from "react";
import { classes } from "@/lib/classes";
import type { TermName } from "@/lib/terms";
import { Term } from "./Term";

/** Where values stand alone, in one line: what belongs beside them is then for readers of the screen. */
export type Short = "narrow" | "always";

/** By how many there are: as wide as each other, and as many in each row. */
const folds: Record<number, string> = {
  3: "grid-cols-3",
  4: "grid-cols-2 @2xl:grid-cols-4",
  // Where neither width nor height is left, as at 200 % zoom, they share one line by what each has to say.
  6: "grid-cols-3 @4xl:grid-cols-6 data-short:@min-[50rem]:grid-cols-6 low:data-short:@max-[50rem]:@lg:grid-cols-[repeat(6,auto)]",
};

type CardRowProps = {
  className?: string | undefined;
  short?: Short | undefined;
  children: ReactNode;
};

/** Numbers side by side, each with its name and what belongs beside it: `Card`s, in a container. */
export function CardRow({ className, short, children }: CardRowProps) {
  const fold = folds[Children.toArray(children).length] ?? "grid-cols-[repeat(auto-fit,minmax(10.5rem,1fr))]";
  return (
    // Where it is given more height, as beside an open result, it fills that.
    <div className="@container grid grow grid-cols-[minmax(0,1fr)]">
      <dl
        data-short={short}
        className={classes("grid overflow-hidden rounded-md border bg-background", fold, className)}
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
        "-mt-px -ml-px min-w-0 border-t border-l px-3 py-1.5 short:content-center short:px-2.5 short:py-1 @max-4xl:short:px-2",
        interval !== undefined && "short:min-w-max",
      )}
    >
      {/* A term cuts itself, and what holds it must not cut its outline. */}
      <dt className={classes("text-xs text-subtler", term === undefined && "truncate")}>
        {term === undefined ? title : <Term of={term}>{title}</Term>}
      </dt>
      <dd>
        <span
          className={classes(
            "block text-lg leading-6 short:truncate short:text-base @max-4xl:short:text-sm font-semibold whitespace-nowrap tabular-nums first-letter:uppercase",
            tone === "negative" && "text-negative-content",
          )}
        >
          {value}
          {interval !== undefined && (
            // What else is said beside the value tells a reader of the screen.
            <span
              aria-hidden
              className="ml-1 hidden text-xs font-normal text-subtler short:inline @max-4xl:short:text-2xs"
            >
              {interval}
            </span>
          )}
        </span>
        <span className="block text-xs text-subtler short:sr-only">{children}</span>
      </dd>
    </div>
  );
}
