import { Button, Drawer, Group, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { JsonObject, Sandbox } from "@/api/types";
import { formatNumber, Money } from "@/shared/time";
import { type Column, DataTable, JsonView, ProblemAlert } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { columnsOf, nameOf, type RecordColumn, textAt } from "./model";
import { recordsQuery } from "./queries";
import classes from "./SandboxPage.module.css";

/** What stands in the vendors' books: choose a vendor, a kind, a record. */
export function Records({ sandboxes }: { sandboxes: Sandbox[] }) {
  const [search, setSearch] = useSearchState();
  const vendor = sandboxes.find(({ slug }) => slug === search.vendor) ?? sandboxes[0];
  const entity = vendor?.entities.find(({ name }) => name === search.entity) ?? vendor?.entities[0];
  if (!vendor) return null;
  return (
    <>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t("records.vendor")}
          data={sandboxes.map(({ slug, name }) => ({ value: slug, label: name }))}
          value={vendor.slug}
          onChange={(value) => setSearch({ vendor: value, entity: undefined, page: undefined })}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would draw a frame */}
        <div
          role="group"
          className={classes.entities}
          aria-label={t("records.entities", { name: vendor.name })}
        >
          {vendor.entities.map(({ name, title, count }) => (
            <UnstyledButton
              key={name}
              className={classes.entity}
              aria-pressed={name === entity?.name}
              onClick={() => setSearch({ vendor: vendor.slug, entity: name, page: undefined })}
            >
              {title}
              <span>{formatNumber(count)}</span>
            </UnstyledButton>
          ))}
        </div>
      </div>
      {entity && (
        <RecordTable
          key={`${vendor.slug} ${entity.name}`}
          vendor={vendor}
          entity={entity}
          page={Math.max(1, Number(search.page) || 1)}
          onPage={(page) => setSearch({ page: page > 1 ? String(page) : undefined })}
        />
      )}
    </>
  );
}

interface RecordTableProps {
  vendor: Sandbox;
  entity: Sandbox["entities"][number];
  page: number;
  onPage: (page: number) => void;
}

/** What the server puts on one page, learnt from the first full one. */
const FIRST_GUESS_PAGE = 50;

function RecordTable({ vendor, entity, page, onPage }: RecordTableProps) {
  const { ws } = useWorkspace();
  const { data, error, refetch } = useQuery(recordsQuery(ws, vendor.slug, entity.name, page));
  const [opened, setOpened] = useState<JsonObject | null>(null);
  if (error && !data) return <ProblemAlert error={error} onRetry={() => void refetch()} />;

  const chosen = columnsOf(vendor.slug, entity.name, data?.items ?? []);
  const first = chosen[0];
  const columns: Column<JsonObject>[] = chosen.map((column) => ({
    key: column.path,
    title: column.title,
    align: column.currency === undefined ? "left" : "right",
    render: (record) =>
      column === first ? <b>{nameOf(chosen, record)}</b> : <Cell column={column} record={record} />,
  }));
  const size = page > 1 || !data ? FIRST_GUESS_PAGE : Math.max(data.items.length, 1);
  const pages = data ? Math.max(page, Math.ceil(data.total / size)) : 1;
  return (
    <>
      <DataTable
        label={t("records.table", { entity: entity.title, vendor: vendor.name })}
        columns={columns}
        rows={data?.items}
        loading={!data}
        rowKey={(record) =>
          textAt(record, "Id") ??
          textAt(record, "entity_id") ??
          textAt(record, "id") ??
          JSON.stringify(record)
        }
        onOpen={setOpened}
        rowLabel={(record) => t("records.open", { what: nameOf(chosen, record) })}
        empty={
          <Text size="sm" c="dimmed">
            {t("records.none")}
          </Text>
        }
      />
      {data && data.total > data.items.length && (
        <Group mt="sm" justify="space-between">
          <Text size="sm" c="dimmed">
            {t("records.count", { count: data.total })} · {t("records.page", { page, pages })}
          </Text>
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              disabled={page <= 1}
              onClick={() => onPage(page - 1)}
            >
              {t("records.newer")}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={page >= pages}
              onClick={() => onPage(page + 1)}
            >
              {t("records.older")}
            </Button>
          </Group>
        </Group>
      )}
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="lg"
        title={t("records.detail", { entity: entity.title, what: nameOf(chosen, opened) })}
      >
        {opened && (
          <JsonView value={opened} label={t("records.json")} maxHeight="calc(100vh - 110px)" />
        )}
      </Drawer>
    </>
  );
}

function Cell({ column, record }: { column: RecordColumn; record: JsonObject }) {
  const text = textAt(record, column.path);
  if (text === null) return null;
  if (column.currency === undefined) return <>{text}</>;
  const currency = column.currency ? textAt(record, column.currency) : null;
  return <Money amount={text} currency={currency} />;
}
