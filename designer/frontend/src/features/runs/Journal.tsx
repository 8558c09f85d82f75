import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run } from "@/api/types";
import { formatTime } from "@/shared/time";
import { JsonView, ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { eventWord } from "./events.en";
import classes from "./Journal.module.css";
import { journalQuery } from "./queries";

/** Everything that happened to the run, in order. */
export function Journal({ run, onSelect }: { run: Run; onSelect: (nodeId: string) => void }) {
  const { ws } = useWorkspace();
  const { data, error, refetch } = useQuery(journalQuery(ws, run.id, run.seq));
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (data?.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="md">
        {t("journal.empty")}
      </Text>
    );
  }
  return (
    <ol className={classes.events} aria-label={t("journal.label")} aria-busy={!data}>
      {data?.map((event) => (
        <li key={event.seq} className={classes.event}>
          <time dateTime={event.at} className={classes.time}>
            {formatTime(event.at)}
          </time>
          <div className={classes.words}>
            {event.node_id ? (
              <button
                type="button"
                className={classes.node}
                onClick={() => event.node_id && onSelect(event.node_id)}
              >
                {event.text}
              </button>
            ) : (
              <span>{event.text}</span>
            )}
            <details className={classes.data}>
              <summary title={event.kind}>{eventWord(event.kind)}</summary>
              <p className={classes.code}>
                {t("journal.code", { seq: String(event.seq) })} <code>{event.kind}</code>
              </p>
              {hasData(event.data) && (
                <JsonView
                  value={event.data}
                  label={t("journal.data", { seq: String(event.seq) })}
                  maxHeight={260}
                />
              )}
            </details>
          </div>
        </li>
      ))}
    </ol>
  );
}

function hasData(data: unknown): boolean {
  return typeof data === "object" && data !== null && Object.keys(data).length > 0;
}
