import { ActionIcon, Box, Button, CopyButton, ScrollArea, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { t } from "@/shared/i18n/ui.en";
import classes from "./JsonView.module.css";

interface JsonViewProps {
  value: unknown;
  /** Accessible name of the block. */
  label: string;
  maxHeight?: number | string;
}

const TOKEN =
  /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const FIRST_LINES = 400;

function colour(line: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of line.matchAll(TOKEN)) {
    if (match.index > from) parts.push(line.slice(from, match.index));
    const [whole, text, colon, word] = match;
    const kind = text ? (colon ? classes.key : classes.text) : word ? classes.word : classes.number;
    parts.push(
      <span key={match.index} className={kind}>
        {text ?? whole}
      </span>,
    );
    if (colon) parts.push(colon);
    from = match.index + whole.length;
  }
  parts.push(line.slice(from));
  return parts;
}

/** A JSON value, indented and coloured, with a copy button. */
export function JsonView({ value, label, maxHeight = 420 }: JsonViewProps) {
  const [all, setAll] = useState(false);
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  if (text === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {t("json.empty")}
      </Text>
    );
  }
  const lines = text.split("\n");
  const shown = all ? lines : lines.slice(0, FIRST_LINES);
  return (
    <Box className={classes.frame}>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("json.copied") : t("json.copy")}>
            <ActionIcon
              className={classes.copy}
              size="sm"
              onClick={copy}
              aria-label={t("json.copy")}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      <ScrollArea.Autosize
        mah={maxHeight}
        viewportProps={{ tabIndex: 0, role: "region", "aria-label": label }}
      >
        <pre className={classes.code}>
          {shown.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line of text has no other identity
            <span key={index}>
              {colour(line)}
              {"\n"}
            </span>
          ))}
        </pre>
        {shown.length < lines.length && (
          <Button variant="subtle" size="compact-xs" m="xs" onClick={() => setAll(true)}>
            {t("json.more", { count: lines.length })}
          </Button>
        )}
      </ScrollArea.Autosize>
    </Box>
  );
}
