import { List, ThemeIcon } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconHelpHexagon,
  IconSend,
  IconUserCheck,
  type TablerIcon,
} from "@tabler/icons-react";
import { r } from "./records.en";

type Known =
  | "will_send"
  | "already_posted"
  | "in_doubt"
  | "nothing_to_send"
  | "cannot"
  | "retried"
  | "refused"
  | "skip"
  | "assign";

const LOOKS: Record<Known, [string, TablerIcon]> = {
  will_send: ["blue", IconSend],
  already_posted: ["green", IconCircleCheck],
  in_doubt: ["violet", IconHelpHexagon],
  nothing_to_send: ["gray", IconCircleCheck],
  cannot: ["red", IconBan],
  retried: ["green", IconCircleCheck],
  refused: ["red", IconAlertTriangle],
  skip: ["gray", IconCircleCheck],
  assign: ["gray", IconUserCheck],
};
const EXPLAINED = ["will_send", "already_posted", "in_doubt", "nothing_to_send", "cannot"] as const;

/** How many records have which outcome, in words; each with what that means if `explained`. */
export function Outcomes({
  counts,
  explained = false,
}: {
  counts: Record<string, number>;
  explained?: boolean;
}) {
  const known = (Object.keys(LOOKS) as Known[]).filter((name) => (counts[name] ?? 0) > 0);
  return (
    <List size="sm" spacing={6} pl={0} center={!explained}>
      {known.map((name) => {
        const [color, Icon] = LOOKS[name];
        const meaning = EXPLAINED.find((each) => each === name);
        return (
          <List.Item
            key={name}
            icon={
              <ThemeIcon size={20} radius="xl" variant="light" color={color} aria-hidden>
                <Icon size={13} />
              </ThemeIcon>
            }
          >
            <b>{r(`outcome.${name}`, { count: counts[name] ?? 0 })}</b>
            {explained && meaning && ` — ${r(`outcome.${meaning}.text`)}`}
          </List.Item>
        );
      })}
    </List>
  );
}
