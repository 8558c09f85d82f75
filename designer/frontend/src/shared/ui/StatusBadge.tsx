import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconHelpHexagon,
  IconPlayerPause,
  IconPlayerSkipForward,
  IconPointFilled,
  IconProgress,
  IconRefreshAlert,
  type TablerIcon,
} from "@tabler/icons-react";
import { statusText } from "@/shared/i18n/status.en";
import classes from "./StatusBadge.module.css";

export type Tone = "grey" | "blue" | "green" | "amber" | "red" | "violet";

interface StatusLook {
  tone: Tone;
  icon: TablerIcon;
  word: string;
}

/** Colour, icon and word of every status of runs, steps, connections and errors. */
const LOOKS: Record<string, [Tone, TablerIcon, string?]> = {
  pending: ["grey", IconCircleDashed],
  ready: ["grey", IconPointFilled],
  queued: ["grey", IconClock],
  waiting: ["grey", IconClock],
  skipped: ["grey", IconPlayerSkipForward],
  cancelled: ["grey", IconBan],
  superseded: ["grey", IconPlayerSkipForward],
  disabled: ["grey", IconBan],
  expired: ["grey", IconBan],
  paused: ["grey", IconPlayerPause],
  draft: ["grey", IconCircleDashed],
  running: ["blue", IconProgress],
  succeeded: ["green", IconCircleCheck],
  active: ["green", IconCircleCheck],
  retried: ["green", IconCircleCheck],
  retrying: ["amber", IconRefreshAlert],
  needs_consent: ["amber", IconAlertTriangle],
  reconnect: ["red", IconRefreshAlert],
  failed: ["red", IconCircleX],
  open: ["red", IconCircleX],
  in_doubt: ["violet", IconHelpHexagon],
};

export function statusLook(status: string): StatusLook {
  // A connection says "ready" where a step says it too; both read well as a calm word.
  const [tone, icon] = LOOKS[status] ?? ["grey", IconPointFilled];
  const word = status in LOOKS ? statusText(status as "pending") : status;
  return { tone, icon, word };
}

interface StatusBadgeProps {
  status: string;
  /** Replaces the word, for instance "Ready" of a connection. */
  label?: string;
  tone?: Tone;
  size?: "sm" | "md";
  /** Shows the icon alone; the word stays for screen readers. */
  iconOnly?: boolean;
}

export function StatusBadge({ status, label, tone, size = "md", iconOnly }: StatusBadgeProps) {
  const look = statusLook(status);
  const Icon = look.icon;
  const word = label ?? look.word;
  return (
    <span
      className={classes.badge}
      data-tone={tone ?? look.tone}
      data-size={size}
      data-status={status}
      data-icon-only={iconOnly || undefined}
      title={iconOnly ? word : undefined}
    >
      <Icon
        size={size === "sm" ? 13 : 14}
        stroke={2}
        aria-hidden
        className={status === "running" ? classes.spin : undefined}
      />
      <span className={iconOnly ? "cw-visually-hidden" : undefined}>{word}</span>
    </span>
  );
}
