import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { formatAgo, formatDateTime } from "./format";

const REFRESH_MS = 15_000;

/** A moment as "3 min. ago"; the exact time is its tooltip. Keeps itself current. */
export function TimeAgo({ at }: { at: string | null | undefined }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), REFRESH_MS);
    return () => window.clearInterval(timer);
  }, []);
  if (!at) return <span>{formatAgo(at)}</span>;
  return (
    <Tooltip label={formatDateTime(at)}>
      <time dateTime={at}>{formatAgo(at, now)}</time>
    </Tooltip>
  );
}
