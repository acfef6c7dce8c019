import { useEffect, useState } from "react";
import { formatDateTime, formatRelativeTime } from "@/lib/format";

/** A moment as "5 minutes ago", the exact time on hover; it grows older by itself. */
export function RelativeTime({ iso, className }: { iso: string; className?: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={iso} title={formatDateTime(iso)} className={className}>
      {formatRelativeTime(iso, now)}
    </time>
  );
}
