import { Group, Text, Tooltip } from "@mantine/core";
import { texts } from "@/shared/i18n";
import classes from "./LiveIndicator.module.css";
import { useLiveState } from "./useLiveState";

const t = texts({
  "live.live": "Live",
  "live.live.help": "Changes appear here as they happen.",
  "live.connecting": "Connecting",
  "live.connecting.help": "Opening the live connection. Meanwhile the page looks for news itself.",
  "live.reconnecting": "Reconnecting",
  "live.reconnecting.help":
    "The live connection broke. It comes back by itself; meanwhile the page looks for news itself.",
});

/** A quiet word on whether the screen follows what happens. */
export function LiveIndicator(props: { workspace: string; environment: string | null }) {
  const state = useLiveState(props.workspace, props.environment);
  return (
    <Tooltip label={t(`live.${state}.help`)} multiline w={240} openDelay={300}>
      <Group gap={6} wrap="nowrap" role="status" className={classes.indicator} data-state={state}>
        <span className={classes.dot} aria-hidden />
        <Text span size="xs" c="dimmed">
          {t(`live.${state}`)}
        </Text>
      </Group>
    </Tooltip>
  );
}
