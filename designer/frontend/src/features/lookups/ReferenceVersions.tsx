import { Alert, Button, Skeleton, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHistory, IconInfoCircle } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { EmptyState, ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Differences } from "./Differences";
import { t } from "./en";
import classes from "./lookups.module.css";
import { PAIR_COLUMNS } from "./model";
import {
  type Difference,
  lookupKeys,
  referenceChangesQuery,
  referenceVersionsQuery,
  type Version,
  wayBackQuery,
} from "./queries";
import { RollBackDialog } from "./RollBackDialog";
import { VersionList } from "./VersionList";

const SHOWN = 50;

/** What people changed of the cross-references, and the way back. */
export function ReferenceVersions() {
  const { ws, env, can } = useWorkspace();
  const list = useInfiniteQuery(referenceVersionsQuery(ws, env));
  const [target, setTarget] = useState<number | null>(null);
  const versions = list.data?.pages.flatMap((page) => page.items);
  const editable = can("lookups.edit");
  if (!versions) {
    return list.error ? (
      <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
    ) : (
      <Skeleton height={200} radius="md" aria-busy="true" />
    );
  }
  const newest = versions[0];
  if (!newest) {
    return (
      <EmptyState icon={IconHistory} title={t("xrefs.versions.empty.title")}>
        {t("xrefs.versions.empty")}
      </EmptyState>
    );
  }
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {t("xrefs.versions.about")}
      </Text>
      <VersionList
        versions={versions}
        current={newest.number}
        editable={editable}
        changes={(version) => <Changes number={version.number} />}
        onBack={setTarget}
        more={{
          has: list.hasNextPage,
          loading: list.isFetchingNextPage,
          load: () => void list.fetchNextPage(),
        }}
      >
        {!list.hasNextPage && (
          <li className={classes.version}>
            <div className={classes.versionHead}>
              <div className={classes.versionWords}>
                <Text size="sm">{t("xrefs.versions.first")}</Text>
              </div>
              {editable && (
                <Button size="xs" variant="default" onClick={() => setTarget(0)}>
                  {t("xrefs.versions.undoAll")}
                </Button>
              )}
            </div>
          </li>
        )}
      </VersionList>
      <RollBack target={target} newest={newest.number} onClose={() => setTarget(null)} />
    </>
  );
}

function Changes({ number }: { number: number }) {
  const { ws, env } = useWorkspace();
  const { data, error } = useQuery(referenceChangesQuery(ws, env, number));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton height={80} radius="md" />;
  return <Pairs label={t("versions.changes", { number })} items={data.items} />;
}

function Pairs({ label, items }: { label: string; items: readonly Difference[] }) {
  return (
    <>
      <Differences label={label} columns={PAIR_COLUMNS} items={items.slice(0, SHOWN)} />
      {items.length > SHOWN && (
        <Text size="xs" c="dimmed" mt={6}>
          {t("versions.more", { count: SHOWN })}
        </Text>
      )}
    </>
  );
}

interface RollBackProps {
  target: number | null;
  newest: number;
  onClose: () => void;
}

function RollBack({ target, newest, onClose }: RollBackProps) {
  const { ws, env } = useWorkspace();
  const cache = useQueryClient();
  const back = useMutation({
    mutationFn: (to: number) =>
      api.post<{ version: Version | null }>(inWorkspace(ws, "/xrefs/rollback"), {
        environment: env,
        to,
      }),
    onSuccess: async (answer, to) => {
      await cache.invalidateQueries({ queryKey: lookupKeys.xrefs(ws) });
      onClose();
      const done = to ? t("xrefs.back.done", { number: to }) : t("xrefs.back.done.all");
      notifications.show({ message: answer.version ? done : t("xrefs.back.nothing") });
    },
  });
  const number = target ?? 0;
  return (
    <RollBackDialog
      opened={target !== null}
      onClose={onClose}
      title={number ? t("versions.back.title", { number }) : t("xrefs.back.title.all")}
      text={t("xrefs.back.text", { next: newest + 1 })}
      error={back.error}
      going={back.isPending}
      onGo={() => back.mutate(number)}
    >
      <WhatHappens to={number} />
    </RollBackDialog>
  );
}

function WhatHappens({ to }: { to: number }) {
  const { ws, env } = useWorkspace();
  const { data, error } = useQuery(wayBackQuery(ws, env, to));
  if (error) return <ProblemAlert error={error} />;
  if (!data) return <Skeleton height={80} radius="md" />;
  return (
    <>
      {data.items.length === 0 ? (
        <Text size="sm">{t("xrefs.back.nothing")}</Text>
      ) : (
        <Pairs label={t("import.preview")} items={data.items} />
      )}
      {data.kept > 0 && (
        <Alert
          icon={<IconInfoCircle size={18} aria-hidden />}
          title={t("xrefs.back.kept", { count: data.kept })}
        >
          {t("xrefs.back.kept.text")}
          <ul className={classes.kept}>
            {data.kept_items.slice(0, 10).map((item) => (
              <li key={item.key}>
                {item.key} {item.after ? `= ${String(item.after.right_id)}` : ""}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  );
}
