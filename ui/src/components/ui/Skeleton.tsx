import { type ReactNode, useEffect, useState } from "react";
import { classes } from "@/lib/classes";

export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden
      className={classes("animate-[skeleton_1.6s_ease-in-out_infinite] rounded-sm bg-inset", className)}
    />
  );
}

/** Shows its children only when the wait has lasted long enough to be noticed. */
export function Delayed({ ms = 150, children }: { ms?: number; children: ReactNode }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return due ? children : null;
}
