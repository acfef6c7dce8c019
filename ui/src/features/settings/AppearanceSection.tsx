/** How this window is drawn. */
import { useQuery } from "@tanstack/react-query";
import { Minus, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { changeAppearance, useAppearance, ZOOMS, zoomBy } from "@/components/appearance";
import { runCommand } from "@/components/commands";
import { Button, IconButton } from "@/components/ui/Button";
import { Segmented } from "@/components/ui/Segmented";
import type { Theme } from "@/ipc/bindings";
import { preferencesQuery } from "@/ipc/queries";
import { formatPercent } from "@/lib/format";

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];
const ROWS = [
  { value: "comfortable", label: "Comfortable" },
  { value: "compact", label: "Compact" },
] as const;
const CONTRASTS = [
  { value: "system", label: "System" },
  { value: "more", label: "More" },
] as const;
const MOTIONS = [
  { value: "system", label: "System" },
  { value: "reduced", label: "Reduced" },
] as const;

export function AppearanceSection() {
  const preferences = useQuery(preferencesQuery()).data;
  const { zoom, contrast, motion } = useAppearance();
  const rows = preferences?.compact_rows === true ? "compact" : "comfortable";
  return (
    <div className="flex w-full flex-col gap-3">
      <Row label="Theme">
        <Segmented
          label="Theme"
          value={preferences?.theme ?? "system"}
          onChange={(next) => runCommand(`app.theme-${next}`)}
          options={THEMES}
        />
      </Row>
      <Row label="Rows" hint="How close together the rows of lists and tables are.">
        <Segmented
          label="Rows"
          value={rows}
          onChange={(next) => next !== rows && runCommand("app.rows")}
          options={ROWS}
        />
      </Row>
      <Row label="Zoom">
        <div className="flex items-center gap-1">
          <IconButton
            icon={Minus}
            look="outlined"
            label="Zoom out"
            command="app.zoom-out"
            disabledReason={zoom === ZOOMS[0] ? "This is the smallest" : undefined}
            onClick={() => zoomBy(-1)}
          />
          <output aria-live="polite" className="w-16 text-center tabular-nums">
            {formatPercent(zoom / 100, 0)}
          </output>
          <IconButton
            icon={Plus}
            look="outlined"
            label="Zoom in"
            command="app.zoom-in"
            disabledReason={zoom === ZOOMS.at(-1) ? "This is the largest" : undefined}
            onClick={() => zoomBy(1)}
          />
          {zoom !== 100 && (
            <Button look="string" className="ml-1" onClick={() => changeAppearance({ zoom: 100 })}>
              Actual size
            </Button>
          )}
        </div>
      </Row>
      <Row label="Contrast" hint="More: stronger borders, and no faint text.">
        <Segmented
          label="Contrast"
          value={contrast}
          onChange={(contrast) => changeAppearance({ contrast })}
          options={CONTRASTS}
        />
      </Row>
      <Row label="Motion" hint="Reduced: nothing slides or fades.">
        <Segmented
          label="Motion"
          value={motion}
          onChange={(motion) => changeAppearance({ motion })}
          options={MOTIONS}
        />
      </Row>
    </div>
  );
}

function Row({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
      <div className="min-w-40 flex-1">
        <div className="text-sm">{label}</div>
        {hint !== undefined && <p className="text-xs text-subtler">{hint}</p>}
      </div>
      {children}
    </div>
  );
}
