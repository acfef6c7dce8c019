import type { QueryClient } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { applyAppearance } from "@/components/appearance";
import type { Theme } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { appInfoQuery, createQueryClient, preferencesQuery } from "@/ipc/queries";
import { setLocale } from "@/lib/format";
import { App } from "./App";
import { refuseBrowserMenu } from "./desktop";
import { followPlace, readPlace } from "./place";
import { createAppRouter } from "./router";
import { applyTheme } from "./theme";
import { takeFirstPlace } from "./useOpenings";

/** Brings up the window: what the first paint needs to know is asked for before it, so that nothing jumps or flashes. */
export async function start(): Promise<void> {
  const element = document.getElementById("root");
  if (element === null) throw new Error("index.html has #root");
  if (import.meta.env.PROD) refuseBrowserMenu();
  applyAppearance();
  const root = createRoot(element);
  const client = createQueryClient();
  let theme: Theme = "system";
  let isChosen = false;
  /** Rarely needed, and with more than a first paint is to wait for. */
  const explain = async (message: string) => {
    const { StartProblem } = await import("./StartProblem");
    return <StartProblem client={client} message={message} theme={theme} isChosen={isChosen} />;
  };
  let page: ReactNode;
  try {
    // Without it the program begins as on any other day, and says so when it asks again with the first screen.
    const first = takeFirstPlace().catch(() => undefined);
    const [info, preferences] = await Promise.all([
      client.fetchQuery(appInfoQuery()),
      client.fetchQuery(preferencesQuery()),
    ]);
    setLocale(info.locale);
    theme = preferences.theme;
    applyTheme(theme);
    isChosen = info.workspace_is_chosen;
    const problem = info.workspace_problem;
    page = problem === null ? await open(client, info.workspace_path, await first) : await explain(problem);
  } catch (error) {
    page = await explain(messageOf(error));
  }
  flushSync(() => root.render(<StrictMode>{page}</StrictMode>));
  // The window shows itself with what the first screen asked for. No frame can be waited for: none is drawn of a hidden window.
  await whenRead(client);
  setTimeout(() => void ipc.windowReady());
}

/** The program at its first screen, which is known before it is put up: nothing of it is made twice. */
async function open(
  client: QueryClient,
  workspace: string,
  place: Awaited<ReturnType<typeof takeFirstPlace>>,
): Promise<ReactNode> {
  const router = createAppRouter(client);
  const left = router.history.location.pathname === "/" ? readPlace(workspace) : undefined;
  const first = place === undefined ? left : router.buildLocation(place).href;
  if (first !== undefined) router.history.replace(first);
  followPlace(router, workspace);
  await router.load();
  return <App client={client} router={router} />;
}

/** Until no answer is waited for. */
function whenRead(client: QueryClient): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (client.isFetching() > 0) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = client.getQueryCache().subscribe(look);
    look();
  });
}
