import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { TipProvider } from "@/components/ui/Tip";
import { followEvents } from "@/ipc/events";
import { ErrorBoundary } from "./ErrorBoundary";
import type { AppRouter } from "./router";

/** The whole program behind the first paint. */
export function App({ client, router }: { client: QueryClient; router: AppRouter }) {
  useEffect(() => followEvents(client), [client]);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <TipProvider delay={500}>
          <RouterProvider router={router} />
        </TipProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
