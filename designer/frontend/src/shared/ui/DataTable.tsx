import { Box, Button, Center, Skeleton, Table } from "@mantine/core";
import type { KeyboardEvent, ReactNode } from "react";
import { t } from "@/shared/i18n/ui.en";
import classes from "./DataTable.module.css";

export interface Column<T> {
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  width?: number | string;
  align?: "left" | "right" | "center";
  /** Hidden on narrow screens. */
  wideOnly?: boolean;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  rowKey: (row: T) => string;
  /** Opens a row; the row gets a pointer and answers Enter. */
  onOpen?: (row: T) => void;
  rowLabel?: (row: T) => string;
  loading?: boolean;
  empty?: ReactNode;
  hasMore?: boolean;
  loadingMore?: boolean;
  onMore?: () => void;
}

/** A calm table: sticky head, hover, keyboard, skeleton rows, empty state, "Show more". */
export function DataTable<T>(props: DataTableProps<T>) {
  const { columns, rows, loading, onOpen } = props;
  if (!loading && rows && rows.length === 0) return <>{props.empty ?? t("table.empty")}</>;
  const open = (event: KeyboardEvent, row: T) => {
    if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row);
  };
  return (
    <Box className={classes.frame}>
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ offsetScrollbars: "present" }}>
        <Table
          aria-label={props.label}
          className={classes.table}
          verticalSpacing={9}
          horizontalSpacing="md"
          highlightOnHover={Boolean(onOpen)}
        >
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th
                  key={column.key}
                  w={column.width}
                  ta={column.align}
                  className={classes.head}
                  visibleFrom={column.wideOnly ? "md" : undefined}
                >
                  {column.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows?.map((row) => (
              <Table.Tr
                key={props.rowKey(row)}
                className={onOpen ? classes.openable : undefined}
                tabIndex={onOpen ? 0 : undefined}
                aria-label={props.rowLabel?.(row)}
                onClick={onOpen ? () => onOpen(row) : undefined}
                onKeyDown={onOpen ? (event) => open(event, row) : undefined}
              >
                {columns.map((column) => (
                  <Table.Td
                    key={column.key}
                    ta={column.align}
                    visibleFrom={column.wideOnly ? "md" : undefined}
                  >
                    {column.render(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
            {loading &&
              !rows &&
              ["a", "b", "c", "d", "e"].map((key) => (
                <Table.Tr key={key}>
                  {columns.map((column) => (
                    <Table.Td key={column.key} visibleFrom={column.wideOnly ? "md" : undefined}>
                      <Skeleton height={14} radius="sm" />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {props.hasMore && (
        <Center py="sm">
          <Button variant="subtle" onClick={props.onMore} loading={props.loadingMore}>
            {t("table.more")}
          </Button>
        </Center>
      )}
    </Box>
  );
}
