import { Skeleton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Differences } from "./Differences";
import { t } from "./en";
import {
  comparisonQuery,
  type LookupTable,
  lookupKeys,
  type TableVersion,
  tablePath,
  versionsQuery,
} from "./queries";
import { RollBackDialog } from "./RollBackDialog";
import { VersionList } from "./VersionList";

/** Every save: who, why, what changed, and the way back. */
export function VersionsTab({ table, editable }: { table: LookupTable; editable: boolean }) {
  const { ws } = useWorkspace();
  const list = useInfiniteQuery(versionsQuery(ws, table.id));
  const [target, setTarget] = useState<number | null>(null);
  const versions = list.data?.pages.flatMap((page) => page.items);
  if (!versions) {
    return list.error ? (
      <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <Skeleton height={200} radius="md" aria-busy="true" />
    );
  }
  return (
    <>
      <VersionList
        versions={versions}
        current={table.version}
        editable={editable}
        fact={(version) => t("rows.count", { count: version.row_count })}
        changes={(version) => <Changes table={table} number={version.number} />}
        hasChanges={(version) => version.number > 1}
        onBack={setTarget}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
      />
      <RollBack table={table} target={target} onClose={() => setTarget(null)} />
    </>
  );
}

function Changes({ table, number }: { table: LookupTable; number: number }) {
  const { ws } = useWorkspace();
  const { data, error } = useQuery(comparisonQuery(ws, table.id, number - 1, number));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton height={80} radius="md" mt="sm" />;
  const total = data.added + data.changed + data.removed;
  return (
    <>
      {data.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("versions.nothing")}
        </Text>
      ) : (
        <Differences
          label={t("versions.changes", { number })}
          columns={table.columns}
          items={data.items}
        />
      )}
      {total > data.items.length && (
        <Text size="xs" c="dimmed" mt={6}>
          {t("versions.more", { count: data.items.length })}
        </Text>
      )}
    </>
  );
}

interface RollBackProps {
  table: LookupTable;
  target: number | null;
  onClose: () => void;
}

function RollBack({ table, target, onClose }: RollBackProps) {
  const { ws } = useWorkspace();
  const cache = useQueryClient();
  const back = useMutation({
    mutationFn: (to: number) =>
      api.post<{ version: TableVersion | null }>(tablePath(ws, table.id, "/rollback"), { to }),
    onSuccess: async (answer, to) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.all(ws) });
      onClose();
      const message = answer.version
        ? t("versions.back.done", { number: to })
        : t("versions.back.same");
      notifications.show({ message });
    },
  });
  const number = target ?? 1;
  return (
    <RollBackDialog
      opened={target !== null}
      onClose={onClose}
      title={t("versions.back.title", { number })}
      text={t("versions.back.text", { number, next: table.version + 1 })}
      error={back.error}
      going={back.isPending}
      onGo={() => back.mutate(number)}
    >
      <BackChanges table={table} target={number} />
    </RollBackDialog>
  );
}

function BackChanges({ table, target }: { table: LookupTable; target: number }) {
  const { ws } = useWorkspace();
  const { data } = useQuery(comparisonQuery(ws, table.id, table.version, target));
  if (!data) return <Skeleton height={80} radius="md" />;
  if (data.items.length === 0) return <Text size="sm">{t("versions.nothing")}</Text>;
  return (
    <Differences
      label={t("import.preview")}
      columns={table.columns}
      items={data.items.slice(0, 50)}
    />
  );
}
