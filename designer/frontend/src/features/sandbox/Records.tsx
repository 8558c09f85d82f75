import { Button, Group, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { JsonObject, Sandbox } from "@/api/types";
import { formatNumber, Money } from "@/shared/time";
import { type Column, DataTable, ProblemAlert } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { columnsOf, nameOf, type RecordColumn, textAt } from "./model";
import { recordsQuery } from "./queries";
import { type OpenedRecord, RecordDrawer } from "./RecordDrawer";
import classes from "./SandboxPage.module.css";
import { useVendor, VendorBar } from "./VendorBar";

/** What stands in the vendors' books: choose a vendor, a kind, a record. */
export function Records({ sandboxes }: { sandboxes: Sandbox[] }) {
  const [search, setSearch] = useSearchState();
  const vendor = useVendor(sandboxes);
  const entity = vendor?.entities.find(({ name }) => name === search.entity) ?? vendor?.entities[0];
  if (!vendor) return null;
  return (
    <>
      <div className={classes.bar}>
        <VendorBar sandboxes={sandboxes} chosen={vendor} />
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
              onClick={() =>
                setSearch({ vendor: vendor.slug, entity: name, page: undefined, q: undefined })
              }
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
  const { ws, can } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const [text, setText] = useState(search.q ?? "");
  const [wanted] = useDebouncedValue(text.trim(), 250);
  useEffect(() => {
    if (wanted !== (search.q ?? "")) setSearch({ q: wanted || undefined, page: undefined });
  }, [wanted, search.q, setSearch]);
  const { data, error, refetch } = useQuery(
    recordsQuery(ws, vendor.slug, entity.name, page, wanted),
  );
  const [opened, setOpened] = useState<OpenedRecord | null>(null);
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
  const open = (record: JsonObject) =>
    setOpened({
      vendor: vendor.slug,
      entity: entity.name,
      title: t("records.detail", { entity: entity.title, what: nameOf(chosen, record) }),
      record,
      ref: data?.refs?.[data.items.indexOf(record)],
    });
  return (
    <>
      <Group mb="sm" justify="space-between">
        <TextInput
          type="search"
          w={{ base: "100%", xs: 300 }}
          aria-label={t("records.search")}
          placeholder={t("records.search")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {entity.creatable && can("sandbox.use") && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() =>
              setOpened({
                vendor: vendor.slug,
                entity: entity.name,
                title: t("record.new", { entity: entity.title }),
                record: data?.items[0] ?? {},
              })
            }
          >
            {t("record.new", { entity: entity.title })}
          </Button>
        )}
      </Group>
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
        onOpen={open}
        rowLabel={(record) => t("records.open", { what: nameOf(chosen, record) })}
        empty={
          <Text size="sm" c="dimmed">
            {wanted ? t("records.notFound", { text: wanted }) : t("records.none")}
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
      <RecordDrawer opened={opened} onClose={() => setOpened(null)} />
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
