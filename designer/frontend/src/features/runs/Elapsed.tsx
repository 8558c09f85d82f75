import { useEffect, useState } from "react";
import { formatDuration } from "@/shared/time";

/** The time since a moment, ticking each second. */
export function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));
  return <span className="cw-numbers">{formatDuration(seconds * 1000)}</span>;
}
