/** The parts of the settings by their names in the address, in the order in which they stand below each other. */
export const PARTS = {
  settings: "Appearance",
  // Before the hosts of the network, of which each server that is connected is one more: it stays in sight.
  "label-studio": "Label Studio",
  "run-settings": "Runs",
  "media-settings": "Pictures and PDFs",
  network: "Network",
  "local-api": "Local API",
  data: "Data",
  privacy: "Privacy and logs",
  about: "About",
} as const;

export type SettingsPart = keyof typeof PARTS;

export const parts = Object.keys(PARTS) as SettingsPart[];

export function isSettings(dialog: string | undefined): dialog is SettingsPart {
  return dialog !== undefined && dialog in PARTS;
}

/** What is read over the part that leads there. */
export type Reading = "diagnostics" | "licences" | "news";
