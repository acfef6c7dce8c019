/** What the scripted program says of itself, and what is set in it. */
import type { LocalApi, MenuSection, Opening, Preferences, Settings } from "./bindings";
import { Refused } from "./fake-refused";
import type { FakeState } from "./fake-state";

type Program = { hasKeychain: boolean; isLocked: boolean; preferences: Partial<Preferences> };

export function settingsCommands({ send }: FakeState, { hasKeychain, isLocked, preferences }: Program) {
  let localApi: LocalApi = {
    settings: { enabled: false, port: 47_360, spelling: "current" },
    has_token: false,
    address: null,
    problem: null,
  };
  let saved: Preferences = { theme: "light", sidebar_collapsed: false, compact_rows: false, ...preferences };
  let settings: Settings = {
    concurrency: 8,
    media_side_px: 2048,
    media_megabytes_max: 20,
    media_from_web: true,
    budget_micros: null,
    offline: false,
  };
  return {
    appInfo: () => ({
      version: "0.1.0",
      workspace_path: "/home/ann/.local/share/touchstone/workspace.sqlite",
      workspace_is_chosen: false,
      locale: "en-GB",
      keychain_available: hasKeychain,
      workspace_problem: isLocked
        ? "The workspace /home/ann/.local/share/touchstone/workspace.sqlite was written by a newer version of Touchstone (schema 9, this version knows up to 4)."
        : null,
    }),
    windowReady: () => null,
    preferences: () => saved,
    setPreferences: (next: Preferences) => {
      saved = next;
      return null;
    },
    takeOpenings: () => [] as Opening[],
    openingsOf: (paths: string[]): Opening[] => {
      const workspaces = paths.filter((path) => path.endsWith(".touchstone"));
      const others = paths.filter((path) => !path.endsWith(".touchstone"));
      return [
        ...workspaces.map((path): Opening => ({ kind: "workspace", path })),
        ...(others.length > 0 ? [{ kind: "import", paths: others } satisfies Opening] : []),
      ];
    },
    chooseWorkspace: () => null as string | null,
    switchWorkspace: (_: string | null) => null,
    quit: (_: boolean) => null,
    stayOpen: () => null,
    toggleFullscreen: () => null,
    setMenu: (_: MenuSection[]) => null,
    settings: () => settings,
    setSettings: (next: Settings) => {
      if (next.concurrency < 1) throw new Refused("invalid", "Choose a number from 1 to 512.", "concurrency");
      settings = next;
      send.changed({ kind: "settings" });
      return null;
    },
    localApi: () => localApi,
    setLocalApi: (settings: LocalApi["settings"]) => {
      if (settings.enabled && !localApi.has_token)
        throw new Refused("invalid", "make a token first; programs need it to call");
      localApi = { ...localApi, settings, address: settings.enabled ? `http://127.0.0.1:${settings.port}` : null };
      send.changed({ kind: "settings" });
      return localApi;
    },
    makeLocalApiToken: () => {
      localApi = { ...localApi, has_token: true };
      send.changed({ kind: "settings" });
      return "ts_Vt0cLq3lE2mZ9bq7xY1sD8wN5kR4uJ6hG0aPfXcTzQo";
    },
  };
}
