import { ActionIcon, CopyButton, SegmentedControl, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { t } from "./en";
import { asText, type Format } from "./formats";
import classes from "./Result.module.css";
import { ResultTree } from "./ResultTree";
import type { Json, JsonSchema } from "./types";
import { validate } from "./validate";
import type { Listed } from "./vendorLists";

type View = "tree" | Format;
const VIEWS: View[] = ["tree", "json", "xml", "csv"];
const NO_FAULTS = new Map<string, never>();

/** A document as a tree checked against its schema, or as JSON, XML or CSV. */
export function DocumentView({
  value,
  schema,
  titles,
  label,
  listed,
  status,
}: {
  value: Json | undefined;
  /** What the document must be like. */
  schema?: JsonSchema;
  /** What its fields are called, where nothing is checked. */
  titles?: JsonSchema;
  label: string;
  /** What lists of the connected system say of it. */
  listed?: Listed;
  /** What is checked, beside the ways to see it. */
  status?: ReactNode;
}) {
  const [view, setView] = useState<View>("tree");
  const faults = useMemo(() => {
    const found = schema ? validate(value, schema) : NO_FAULTS;
    return listed && listed.faults.size > 0 ? new Map([...listed.faults, ...found]) : found;
  }, [value, schema, listed]);
  const text = useMemo(() => asText(value, view === "tree" ? "json" : view), [value, view]);
  return (
    <div className={classes.document}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t("result.view")}
          value={view}
          onChange={(next) => setView(next as View)}
          data={VIEWS.map((value) => ({ value, label: t(`result.view.${value}`) }))}
        />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={t("panel.copy")}>
              <ActionIcon size="sm" aria-label={t("panel.copy")} onClick={copy}>
                {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        {status}
      </div>
      {view === "tree" ? (
        <ResultTree
          value={value}
          faults={faults}
          labels={listed?.labels}
          label={label}
          schema={schema ?? titles}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
        <section tabIndex={0} aria-label={label} className={classes.text}>
          {text}
        </section>
      )}
    </div>
  );
}
