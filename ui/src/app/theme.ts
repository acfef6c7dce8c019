import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { toast } from "@/components/ui/toast";
import type { Preferences, Theme } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { preferencesQuery } from "@/ipc/queries";

const systemIsDark = () => window.matchMedia("(prefers-color-scheme: dark)");

export function applyTheme(theme: Theme): void {
  const scheme = theme === "system" ? (systemIsDark().matches ? "dark" : "light") : theme;
  document.documentElement.dataset.colorScheme = scheme;
}

/** The window's preferences, and how to change some of them: shown at once, then saved. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const client = useQueryClient();
  const { queryKey } = preferencesQuery();
  const { data } = useQuery(preferencesQuery());
  const preferences: Preferences = data ?? { theme: "system", sidebar_collapsed: false, compact_rows: false };
  const { mutate } = useMutation({
    mutationFn: ipc.setPreferences,
    onMutate: (next: Preferences) => client.setQueryData(queryKey, next),
    onError: (error) => {
      toast({ kind: "failed", title: "The preferences could not be saved", description: messageOf(error) });
      void client.invalidateQueries({ queryKey });
    },
  });
  return [preferences, (change) => mutate({ ...preferences, ...change })];
}

/** Follows the chosen theme and, when that is the system's, the system. */
export function useAppliedTheme(theme: Theme): void {
  useEffect(() => {
    applyTheme(theme);
    if (theme !== "system") return;
    const media = systemIsDark();
    const follow = () => applyTheme("system");
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, [theme]);
}

/** Rows of lists are as close as they were asked to be; tables that are windows over their rows are told so in pixels. */
export function useAppliedDensity(isCompact: boolean): void {
  useEffect(() => {
    document.documentElement.dataset.density = isCompact ? "compact" : "comfortable";
  }, [isCompact]);
}
