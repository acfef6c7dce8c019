/** The two halves of a prompt's screen: what is asked above, what came of it below. Where there is no room for both, they take turns. */
import { useCallback, useRef, useState } from "react";
import { type LayoutChangedMeta, usePanelRef } from "react-resizable-panels";

/** With less, a half shows nothing that is of use, and folds: a message with its head; two results with all that is above them. */
export const EDITOR_PX = 112;
export const OUTCOMES_PX = 304;

/** What is always there of the lower half: its tabs, and their line. */
export const TABS_PX = 41;

/** What the editor has of the height at first, in percent. */
function editorShare(hasOutcomes: boolean): number {
  const isLowerThan = (height_px: number) => window.matchMedia(`(max-height: ${height_px}px)`).matches;
  if (isLowerThan(560)) return hasOutcomes ? 0 : 100;
  return isLowerThan(700) ? 30 : 44;
}

function useHalf(folded_px: number) {
  const ref = usePanelRef();
  const [isFolded, setFolded] = useState(false);
  const onResize = useCallback(
    ({ inPixels }: { inPixels: number }) => setFolded(inPixels <= folded_px + 1),
    [folded_px],
  );
  return { ref, isFolded, onResize };
}

type Name = "editor" | "outcomes";

/** `hasOutcomes`: there is something to see below, which is then what a low window shows first. */
export function useHalves(hasOutcomes: boolean) {
  const editor = useHalf(0);
  const outcomes = useHalf(TABS_PX);
  const [share] = useState(() => editorShare(hasOutcomes));
  const { ref: above } = editor;
  const { ref: below } = outcomes;
  /** The half that was asked for last stays where a window becomes too low for both. */
  const asked = useRef<Name>(hasOutcomes ? "outcomes" : "editor");
  const show = useCallback(
    (name: Name) => {
      asked.current = name;
      const [half, other] = name === "editor" ? [above, below] : [below, above];
      half.current?.expand();
      if (half.current?.isCollapsed()) other.current?.collapse();
    },
    [above, below],
  );
  const showOutcomes = useCallback(() => show("outcomes"), [show]);
  const toggleEditor = () => {
    if (editor.isFolded) {
      show("editor");
    } else {
      asked.current = "outcomes";
      above.current?.collapse();
    }
  };
  const onLayoutChanged = (_: unknown, { isUserInteraction }: LayoutChangedMeta) => {
    const isFolded = below.current?.isCollapsed() === true;
    if (isUserInteraction) asked.current = isFolded ? "editor" : "outcomes";
    else if (isFolded && asked.current === "outcomes") above.current?.collapse();
  };
  return {
    shares: { editor: String(share), outcomes: String(100 - share) },
    editor,
    outcomes,
    toggleEditor,
    showOutcomes,
    onLayoutChanged,
  };
}
