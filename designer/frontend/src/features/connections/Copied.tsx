import { ActionIcon, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./ConnectionPage.module.css";
import { t } from "./en";

/** A text to be entered elsewhere, with a button that copies it. */
export function Copied({ what, text }: { what: string; text: string }) {
  return (
    <span className={classes.copied}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon size="sm" onClick={copy} aria-label={t("one.copy", { what })}>
            {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </span>
  );
}
