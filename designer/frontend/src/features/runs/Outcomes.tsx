import { List, ThemeIcon } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHelpHexagon,
  IconProgress,
  IconSend,
  IconUserCheck,
  type TablerIcon,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Outcomes.module.css";
import { r } from "./records.en";

type Known =
  | "will_send"
  | "already_posted"
  | "in_doubt"
  | "nothing_to_send"
  | "cannot"
  | "went_through"
  | "under_way"
  | "failed_again"
  | "ended"
  | "refused"
  | "skip"
  | "assign";

const LOOKS: Record<Known, [string, TablerIcon]> = {
  went_through: ["green", IconCircleCheck],
  under_way: ["blue", IconProgress],
  failed_again: ["red", IconCircleX],
  ended: ["gray", IconBan],
  will_send: ["blue", IconSend],
  already_posted: ["green", IconCircleCheck],
  in_doubt: ["violet", IconHelpHexagon],
  nothing_to_send: ["gray", IconCircleCheck],
  cannot: ["red", IconBan],
  refused: ["red", IconAlertTriangle],
  skip: ["gray", IconCircleCheck],
  assign: ["gray", IconUserCheck],
};
const EXPLAINED = ["will_send", "already_posted", "in_doubt", "nothing_to_send", "cannot"] as const;

/** How many records have which outcome, in words; each with what that means if `explained`. */
export function Outcomes({
  counts,
  explained = false,
  linked,
}: {
  counts: Record<string, number>;
  explained?: boolean;
  /** Makes a link of the words of an outcome, where there is something to look at. */
  linked?: (outcome: string, words: string) => ReactNode;
}) {
  const known = (Object.keys(LOOKS) as Known[]).filter((name) => (counts[name] ?? 0) > 0);
  return (
    <List size="sm" spacing={6} pl={0} center={!explained} className={explained ? "" : classes.row}>
      {known.map((name) => {
        const [color, Icon] = LOOKS[name];
        const words = r(`outcome.${name}`, { count: counts[name] ?? 0 });
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
            <b>{linked?.(name, words) ?? words}</b>
            {explained && meaning && ` — ${r(`outcome.${meaning}.text`)}`}
          </List.Item>
        );
      })}
    </List>
  );
}
