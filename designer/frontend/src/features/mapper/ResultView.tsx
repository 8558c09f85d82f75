import { Button, Tooltip } from "@mantine/core";
import { IconCloudDownload } from "@tabler/icons-react";
import { useMemo } from "react";
import { formatMoment, formatNumber } from "@/shared/time/format";
import { ProblemAlert } from "@/shared/ui";
import { DocumentView } from "./DocumentView";
import { t } from "./en";
import classes from "./Result.module.css";
import type { Json, JsonSchema, MappingDocument } from "./types";
import type { MapperPlace } from "./usePreview";
import { answeredTargets, listed, useVendorLists, type VendorList } from "./vendorLists";

/** What comes out, held against the target's schema and the lists of the connected system. */
export function ResultView({
  value,
  schema,
  mapping,
  place,
}: {
  value: Json | undefined;
  schema: JsonSchema;
  mapping: MappingDocument;
  place: MapperPlace;
}) {
  const { lists, asked, fetch, fetching, error } = useVendorLists(place, value, schema);
  const answered = useMemo(() => answeredTargets(mapping), [mapping]);
  const found = useMemo(
    () => listed(value, schema, lists, answered, asked),
    [value, schema, lists, answered, asked],
  );
  const used = lists.filter((list) => found.used.has(list.name));
  return (
    <>
      <DocumentView
        value={value}
        schema={schema}
        label={t("panel.result_label")}
        listed={found}
        status={used.length > 0 && <Status lists={used} fetching={fetching} onFetch={fetch} />}
      />
      {error && <ProblemAlert error={error} />}
    </>
  );
}

function Status({
  lists,
  fetching,
  onFetch,
}: {
  lists: VendorList[];
  fetching: boolean;
  onFetch: (names: string[]) => void;
}) {
  const read = lists.filter((list) => list.reading !== null);
  const unknown = lists.filter((list) => list.fetched_at === null);
  const unbegun = unknown.filter((list) => list.reading === null);
  const long = lists.filter((list) => list.complete === false);
  const known = lists.filter((list) => list.complete === true);
  const names = (some: VendorList[]) => some.map((list) => list.title).join(", ");
  const oldest = known.map((list) => list.fetched_at ?? "").sort()[0];
  return (
    <span className={classes.lists} role="status">
      {known.length > 0 && oldest && (
        <span>{t("lists.checked", { lists: names(known), time: formatMoment(oldest) })}</span>
      )}
      {unbegun.length > 0 && (
        <span data-tone="amber">{t("lists.unknown", { lists: names(unbegun) })}</span>
      )}
      {read.map((list) => (
        <span key={list.name} data-tone="amber">
          {t("lists.reading", { list: list.title, count: formatNumber(list.reading ?? 0) })}
        </span>
      ))}
      {long.map((list) => (
        <Tooltip key={list.name} label={t("lists.long_way")} multiline maw={320}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what to do is told on focus, too */}
          <span tabIndex={0} data-tone="amber">
            {t("lists.long", { list: list.title, count: formatNumber(list.count) })}
          </span>
        </Tooltip>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconCloudDownload size={13} aria-hidden />}
        loading={fetching}
        onClick={() => onFetch((unknown.length > 0 ? unknown : lists).map((list) => list.name))}
      >
        {t(unknown.length > 0 ? "lists.fetch" : "lists.fetch_again")}
      </Button>
    </span>
  );
}
