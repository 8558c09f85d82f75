import { Text, Timeline } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconHelpHexagon,
  IconProgress,
  IconRefreshAlert,
  IconSearch,
  type TablerIcon,
} from "@tabler/icons-react";
import type { Attempt, StepDetail } from "@/api/types";
import { formatDateTime, formatDuration, formatTime, TimeAgo } from "@/shared/time";
import type { Tone } from "@/shared/ui";
import { t } from "./en";
import { attemptError, type TimelineEntry, timeline } from "./model";
import classes from "./StepTimes.module.css";
import { sentences } from "./sentences";

const LOOKS: Record<NonNullable<Attempt["outcome"]>, [Tone, TablerIcon]> = {
  ok: ["green", IconCircleCheck],
  found: ["green", IconSearch],
  absent: ["grey", IconSearch],
  retry: ["amber", IconRefreshAlert],
  refused: ["red", IconCircleX],
  unknown: ["violet", IconHelpHexagon],
};

/** The attempts of a step and the waits between them, each with its reason. */
export function StepTimes({ detail }: { detail: StepDetail }) {
  const entries = timeline(detail);
  return (
    <>
      {detail.started_at === null && entries.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("step.times.nothing")}
        </Text>
      ) : (
        <dl className={classes.facts}>
          <dt>{t("step.times.started")}</dt>
          <dd>{formatDateTime(detail.started_at)}</dd>
          {detail.finished_at && (
            <>
              <dt>{t("step.times.finished")}</dt>
              <dd>{formatDateTime(detail.finished_at)}</dd>
            </>
          )}
          {detail.duration_ms !== null && (
            <>
              <dt>{t("step.times.took")}</dt>
              <dd>{formatDuration(detail.duration_ms)}</dd>
            </>
          )}
          {detail.port && (
            <>
              <dt>{t("step.times.port")}</dt>
              <dd>{detail.port}</dd>
            </>
          )}
        </dl>
      )}
      {entries.length === 0 ? (
        detail.started_at !== null && (
          <Text size="sm" c="dimmed">
            {t("step.times.none")}
          </Text>
        )
      ) : (
        <Timeline bulletSize={22} lineWidth={2} active={-1}>
          {entries.map((entry) => (
            <Entry key={entry.key} entry={entry} />
          ))}
        </Timeline>
      )}
    </>
  );
}

function Entry({ entry, ...rest }: { entry: TimelineEntry }) {
  if (entry.kind === "wait") {
    const reason = entry.after?.outcome ?? "other";
    const known = reason === "retry" || reason === "unknown" || reason === "absent";
    return (
      <Timeline.Item
        {...rest}
        lineVariant="dashed"
        bullet={<IconClock size={13} aria-hidden />}
        title={
          <span className={classes.wait}>
            {entry.durationMs === null ? (
              <>
                {t("wait.now")} <TimeAgo at={entry.until} />
              </>
            ) : (
              t("wait.took", { duration: formatDuration(entry.durationMs) })
            )}
          </span>
        }
      >
        <Text size="xs" c="dimmed">
          {t(`wait.because.${known ? reason : "other"}`)}
        </Text>
      </Timeline.Item>
    );
  }
  const { attempt } = entry;
  const [tone, Icon] = attempt.outcome ? LOOKS[attempt.outcome] : (["blue", IconProgress] as const);
  const error = attemptError(attempt);
  return (
    <Timeline.Item
      {...rest}
      bullet={<Icon size={14} aria-hidden style={{ color: `var(--cw-${tone})` }} />}
      title={
        <span className={classes.attempt}>
          {t(`attempt.${attempt.kind}`, { number: String(attempt.number) })}
          <b style={{ color: `var(--cw-${tone})` }}>
            {t(`outcome.${attempt.outcome ?? "running"}`)}
          </b>
        </span>
      }
    >
      {error && <Text size="sm">{sentences(error.message, error.hint)}</Text>}
      <Text size="xs" c="dimmed">
        {formatTime(entry.at)} · {formatDuration(entry.durationMs)}
      </Text>
    </Timeline.Item>
  );
}
