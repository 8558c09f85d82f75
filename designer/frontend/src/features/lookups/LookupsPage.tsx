import { Badge, Button, Group, Text, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { formatNumber, TimeAgo } from "@/shared/time";
import { type Column, DataTable, EmptyState, Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./lookups.module.css";
import { NewTableDialog } from "./NewTableDialog";
import { type LookupTable, tablesQuery } from "./queries";

/** The lookup tables of the environment. */
export function LookupsPage() {
  const { ws, env, can } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchState();
  const [text, setText] = useState("");
  const { data, error, refetch } = useQuery(tablesQuery(ws, env));
  const wanted = text.trim().toLowerCase();
  const found = data?.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  );
  const add = can("lookups.edit") && (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setSearch({ add: "1" })}
    >
      {t("list.add")}
    </Button>
  );
  const columns: Column<LookupTable>[] = [
    {
      key: "name",
      title: t("list.name"),
      render: (table) => (
        <div>
          <Group gap={8} wrap="nowrap">
            <Link
              to="/w/$ws/lookups/$tableId"
              params={{ ws, tableId: table.id }}
              search={{ env }}
              className={classes.name}
              onClick={(event) => event.stopPropagation()}
            >
              {table.name}
            </Link>
            {table.kind === "rates" && (
              <Badge color="gray" size="sm">
                {t("kind.rates")}
              </Badge>
            )}
          </Group>
          {table.description && (
            <Text size="xs" c="dimmed" lineClamp={1}>
              {table.description}
            </Text>
          )}
        </div>
      ),
    },
    {
      key: "rows",
      title: t("list.rows"),
      align: "right",
      width: 90,
      render: (table) => <span className="cw-numbers">{formatNumber(table.row_count)}</span>,
    },
    {
      key: "keys",
      title: t("list.keys"),
      wideOnly: true,
      render: (table) =>
        table.columns
          .filter(({ key }) => key)
          .map(({ title }) => title)
          .join(" + "),
    },
    {
      key: "miss",
      title: t("list.miss"),
      wideOnly: true,
      render: (table) => t(`miss.${table.on_miss.policy}`),
    },
    {
      key: "used",
      title: t("list.used"),
      render: (table) =>
        table.used_by.length === 0 ? (
          <Text span size="sm" c="dimmed">
            {t("list.unused")}
          </Text>
        ) : (
          t("list.flows", { count: table.used_by.length })
        ),
    },
    {
      key: "changed",
      title: t("list.changed"),
      render: (table) => <TimeAgo at={table.changed_at} />,
    },
  ];
  return (
    <Page>
      <PageHeader
        title={t("list.title")}
        description={t("list.description")}
        actions={data?.length !== 0 && add}
      />
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data?.length === 0 ? (
        <EmptyState icon={IconTable} title={t("list.empty.title")} action={add}>
          {t("list.empty")}
        </EmptyState>
      ) : (
        <>
          {(data?.length ?? 0) > 6 && (
            <TextInput
              type="search"
              mb="md"
              w={{ base: "100%", xs: 280 }}
              aria-label={t("list.search")}
              placeholder={t("list.search")}
              leftSection={<IconSearch size={15} aria-hidden />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          <DataTable
            label={t("list.label")}
            columns={columns}
            rows={found}
            loading={!data}
            rowKey={(table) => table.id}
            rowLabel={(table) => table.name}
            onOpen={(table) =>
              void navigate({
                to: "/w/$ws/lookups/$tableId",
                params: { ws, tableId: table.id },
                search: { env },
              })
            }
            empty={<Text c="dimmed">{t("list.none", { text })}</Text>}
          />
        </>
      )}
      <NewTableDialog
        opened={search.add !== undefined && can("lookups.edit")}
        onClose={() => setSearch({ add: undefined })}
      />
    </Page>
  );
}
