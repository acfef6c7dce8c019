/** Files that are dropped on the window: who takes them is whatever asks for them last, and without anybody the import. */
import { useEffect, useRef } from "react";
import type { FileDrop } from "@/ipc/bindings";

type Taker = (drop: FileDrop) => void;

/** The newest is last and wins. */
const takers: Taker[] = [];

/** Takes what is dragged over the window, and dropped on it, while the calling component is mounted. */
export function useFileDrop(take: Taker): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const taker: Taker = (drop) => latest.current(drop);
    takers.push(taker);
    return () => {
      takers.splice(takers.indexOf(taker), 1);
    };
  }, []);
}

/** Hands `drop` to whoever takes it; whether somebody did. */
export function handOver(drop: FileDrop): boolean {
  const taker = takers.at(-1);
  taker?.(drop);
  return taker !== undefined;
}
