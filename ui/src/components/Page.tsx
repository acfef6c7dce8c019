/** What a screen tells the window around it: its title and where it stands. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { createContext, Fragment, type ReactNode, useContext, useEffect } from "react";
import { createPortal } from "react-dom";
import { classes } from "@/lib/classes";

type Crumb = { label: string; to: LinkProps["to"]; params?: Record<string, string>; search?: object };

/** The place in the header that breadcrumbs are put into. */
export const BreadcrumbSlot = createContext<HTMLElement | null>(null);

type PageProps = {
  /** The window's title and the last part of the breadcrumb. */
  title: string;
  /** The screens above this one. */
  above?: readonly Crumb[];
  /** Beside the title: what changes it. */
  titleAction?: ReactNode;
  className?: string;
  children: ReactNode;
};

export function Page({ title, above = [], titleAction, className, children }: PageProps) {
  const slot = useContext(BreadcrumbSlot);
  useEffect(() => {
    document.title = `${title} - Touchstone`;
  }, [title]);
  return (
    <>
      {slot !== null && createPortal(<Breadcrumb title={title} above={above} action={titleAction} />, slot)}
      <div className={classes("flex h-full min-h-0 flex-col", className)}>{children}</div>
    </>
  );
}

/** Characters of a name that is about as wide as the least that is left of a long one. */
const SHORT = 8;

type BreadcrumbProps = { title: string; above: readonly Crumb[]; action: ReactNode };

function Breadcrumb({ title, above, action }: BreadcrumbProps) {
  return (
    <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1">
      <ol className="flex min-w-0 items-center gap-2 text-base">
        {above.map(({ label, to, params, search }, index) => (
          <Fragment key={label}>
            {/* The names on the way give way before the one that is open; the first is a word of ours, and a short one has nothing to give. */}
            <li
              className={classes(
                "max-w-60 truncate",
                index === 0 || label.length <= SHORT ? "shrink-0" : "min-w-12 shrink-99",
              )}
              title={label}
              dir="auto"
            >
              <Link
                {...({ to, params, search } as LinkProps)}
                activeOptions={{ exact: true }}
                className="rounded-sm text-subtler hover:text-content"
              >
                {label}
              </Link>
            </li>
            <li aria-hidden className="text-subtler">
              /
            </li>
          </Fragment>
        ))}
        <li aria-current="page" className="min-w-0 truncate" title={title} dir="auto">
          {title}
        </li>
      </ol>
      {action}
    </nav>
  );
}
