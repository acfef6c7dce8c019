/** The two halves of a prompt's screen: what is asked above, what came of it below. Where there is no room for both, they take turns. */
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { type LayoutChangedMeta, usePanelRef } from "react-resizable-panels";

/** With less, a half shows nothing that is of use, and folds: a message with its head; two results with all that is above them. */
const EDITOR_PX = 112;
const OUTCOMES_PX = 304;
/** The words that say that nothing came of it yet. */
const NOTHING_PX = 176;

/** What is always there of the lower half: its tabs, and their line. */
const TABS_PX = 41;
const DIVIDER_PX = 1;

/** What the editor has of the height at first, in percent. */
function editorShare(hasOutcomes: boolean): number {
  const isLowerThan = (height_px: number) => window.matchMedia(`(max-height: ${height_px}px)`).matches;
  if (isLowerThan(560)) return hasOutcomes ? 0 : 100;
  if (!hasOutcomes) return 60;
  return isLowerThan(700) ? 30 : 44;
}

/**
 * What both halves have together, as far as one of them could need it. No half may need more: it could not be shown at all, and
 * where one fills the window it scrolls.
 */
function useRoom(around: RefObject<HTMLElement | null>): number {
  const [room_px, setRoom] = useState(OUTCOMES_PX);
  useLayoutEffect(() => {
    const element = around.current;
    if (element === null) return;
    const measure = () => setRoom(Math.min(Math.max(element.clientHeight - DIVIDER_PX, TABS_PX + 1), OUTCOMES_PX));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [around]);
  return room_px;
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
  const around = useRef<HTMLDivElement>(null);
  const room_px = useRoom(around);
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
  const least = { editor: EDITOR_PX, outcomes: hasOutcomes ? OUTCOMES_PX : NOTHING_PX };
  const sizes = {
    editor: { defaultSize: String(share), minSize: Math.min(least.editor, room_px) },
    outcomes: {
      defaultSize: String(100 - share),
      minSize: Math.min(least.outcomes, room_px),
      collapsedSize: TABS_PX,
    },
  };
  return {
    /** What holds both. */
    around,
    sizes,
    editor,
    outcomes,
    toggleEditor,
    showOutcomes,
    onLayoutChanged,
  };
}
