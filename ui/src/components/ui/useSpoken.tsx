import { type ReactNode, useCallback, useEffect, useState } from "react";

/** How long it stays for a screen reader to come to it; later it would be read where it is no news. */
const SPOKEN_MS = 5_000;

/** What a screen reader is told in passing: the place for it, and the way to say something, or with "" nothing any more. */
export function useSpoken(): [spoken: ReactNode, say: (text: string) => void] {
  const [{ text, time }, setSpoken] = useState({ text: "", time: 0 });
  const say = useCallback((text: string) => setSpoken(({ time }) => ({ text, time: time + 1 })), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said again stays as long again
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => say(""), SPOKEN_MS);
    return () => clearTimeout(timer);
  }, [text, time, say]);
  const spoken = (
    <span role="status" className="sr-only">
      {/* The same words a second time are told as well. */}
      <span key={time}>{text}</span>
    </span>
  );
  return [spoken, say];
}
