import { type ReactNode, useEffect, useState } from "react";

/** How long it stays for a screen reader to come to it; later it would be read where it is no news. */
const SPOKEN_MS = 5_000;

/** What a screen reader is told in passing: the place for it, and the way to say something, or with "" nothing any more. */
export function useSpoken(): [spoken: ReactNode, say: (text: string) => void] {
  const [text, say] = useState("");
  useEffect(() => {
    if (text === "") return;
    const timer = setTimeout(() => say(""), SPOKEN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const spoken = (
    <span role="status" className="sr-only">
      {text}
    </span>
  );
  return [spoken, say];
}
