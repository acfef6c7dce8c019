import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { applyAppearance } from "@/components/appearance";
import type { Theme } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { appInfoQuery, createQueryClient, preferencesQuery } from "@/ipc/queries";
import { setLocale } from "@/lib/format";
import { App } from "./App";
import { refuseBrowserMenu } from "./desktop";
import { applyTheme } from "./theme";

/** Brings up the window: what the first paint needs to know is asked for before it, so that nothing jumps or flashes. */
export async function start(): Promise<void> {
  const element = document.getElementById("root");
  if (element === null) throw new Error("index.html has #root");
  if (import.meta.env.PROD) refuseBrowserMenu();
  applyAppearance();
  const root = createRoot(element);
  const client = createQueryClient();
  let problem: string | null;
  let theme: Theme = "system";
  let isChosen = false;
  try {
    const [info, preferences] = await Promise.all([
      client.fetchQuery(appInfoQuery()),
      client.fetchQuery(preferencesQuery()),
    ]);
    setLocale(info.locale);
    theme = preferences.theme;
    applyTheme(theme);
    isChosen = info.workspace_is_chosen;
    problem = info.workspace_problem;
  } catch (error) {
    problem = messageOf(error);
  }
  /** Rarely needed, and with more than a first paint is to wait for. */
  const explain = async (message: string) => {
    const { StartProblem } = await import("./StartProblem");
    return <StartProblem client={client} message={message} theme={theme} isChosen={isChosen} />;
  };
  root.render(<StrictMode>{problem === null ? <App client={client} /> : await explain(problem)}</StrictMode>);
  // Two frames on, the first paint is on the screen: the window may show itself.
  requestAnimationFrame(() => requestAnimationFrame(() => void ipc.windowReady()));
}
