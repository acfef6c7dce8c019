/** How large and how plain this window is drawn, beside its theme. Kept on this machine; the system's own wishes are followed. */
import { useSyncExternalStore } from "react";
import { setWindowZoom } from "@/ipc/client";
import { keep, readKept } from "@/lib/kept";

export type Appearance = {
  /** In per cent. */
  zoom: number;
  contrast: "system" | "more";
  motion: "system" | "reduced";
};

/** In per cent; the steps are those of browsers. */
export const ZOOMS = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200] as const;

const KEY = "appearance";
const AS_MADE: Appearance = { zoom: 100, contrast: "system", motion: "system" };

let current = checked(readKept(KEY));
const listeners = new Set<() => void>();

function checked(kept: unknown): Appearance {
  const { zoom, contrast, motion } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<
    Record<keyof Appearance, unknown>
  >;
  return {
    zoom: ZOOMS.find((step) => step === zoom) ?? AS_MADE.zoom,
    contrast: contrast === "more" ? contrast : AS_MADE.contrast,
    motion: motion === "reduced" ? motion : AS_MADE.motion,
  };
}

export function changeAppearance(change: Partial<Appearance>): void {
  current = { ...current, ...change };
  keep(KEY, current);
  applyAppearance();
  for (const listener of listeners) listener();
}

export function useAppearance(): Appearance {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => current,
  );
}

/** The next larger zoom, or with -1 the next smaller one; the last one stays. */
export function zoomBy(steps: 1 | -1): void {
  const at = ZOOMS.indexOf(current.zoom as (typeof ZOOMS)[number]) + steps;
  changeAppearance({ zoom: ZOOMS[Math.min(Math.max(0, at), ZOOMS.length - 1)] ?? AS_MADE.zoom });
}

const systemWants = {
  contrast: window.matchMedia("(prefers-contrast: more)"),
  motion: window.matchMedia("(prefers-reduced-motion: reduce)"),
};
let zoomed = AS_MADE.zoom;

/** Brings the window to it; the style sheets ask for `data-contrast` and `data-motion`. */
export function applyAppearance(): void {
  const { zoom, contrast, motion } = current;
  const { dataset } = document.documentElement;
  if (contrast === "more" || systemWants.contrast.matches) dataset.contrast = "more";
  else delete dataset.contrast;
  if (motion === "reduced" || systemWants.motion.matches) dataset.motion = "reduced";
  else delete dataset.motion;
  if (zoom === zoomed) return;
  zoomed = zoom;
  setWindowZoom(zoom / 100);
}

for (const media of Object.values(systemWants)) media.addEventListener("change", applyAppearance);
