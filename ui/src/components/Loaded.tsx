import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { QueryProblem } from "./QueryProblem";
import { Delayed, Skeleton } from "./ui/Skeleton";

type LoadedProps<Data> = {
  query: UseQueryResult<Data>;
  /** What is read, as "the runs": named while it is waited for, and when it could not be read. */
  what: string;
  children: (data: Data) => ReactNode;
};

/** What a query read; until then its outline, and what is wrong if it cannot be read. */
export function Loaded<Data>({ query, what, children }: LoadedProps<Data>) {
  if (query.isError) {
    const title = `${what.charAt(0).toUpperCase()}${what.slice(1)} could not be read`;
    return <QueryProblem title={title} error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (query.data === undefined) {
    return (
      <Delayed>
        <div role="status" aria-label={`Reading ${what}`} className="flex flex-col gap-2 p-4">
          <Skeleton className="h-8 w-72" />
          <Skeleton className="h-14" />
          <Skeleton className="h-10" />
        </div>
      </Delayed>
    );
  }
  return children(query.data);
}
