import { Button, Group, Select, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { connectionsQuery, flowsQuery } from "@/api/queries";
import type { Pause } from "@/api/types";
import { pausesQuery, usePause, useResume } from "@/features/pauses";
import { TimeAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./settings.module.css";

/** Flows, connections and runs whose calls are held back, and the means to hold back others. */
export function Pausing() {
  const { ws, env, can } = useWorkspace();
  const { data, error, refetch } = useQuery(pausesQuery(ws, env));
  const flows = useQuery(flowsQuery(ws)).data ?? [];
  const connections = useQuery(connectionsQuery(ws, env)).data ?? [];
  const [what, setWhat] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const resume = useResume();
  const pause = usePause(env);
  const hold = () => {
    const [kind, ...ref] = (what ?? "").split("/");
    const of = { kind: kind as Pause["kind"], ref: ref.join("/") };
    pause.mutate(
      { ...of, reason },
      {
        onSuccess: () => {
          setWhat(null);
          setReason("");
        },
      },
    );
  };
  const nameOf = ({ kind, ref }: Pause) =>
    (kind === "flow"
      ? flows.find(({ id }) => id === ref)?.name
      : connections.find(({ slug }) => slug === ref)?.name) ?? ref;
  const operates = can("runs.operate");
  return (
    <section className={classes.section} aria-labelledby="settings-pauses">
      <h2 id="settings-pauses">{t("pauses.title")}</h2>
      <p className={classes.lead}>{t("pauses.text")}</p>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton height={40} />
      ) : data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("pauses.none")}
        </Text>
      ) : (
        <Table verticalSpacing={6} aria-label={t("pauses.title")}>
          <Table.Tbody>
            {data.map((each) => (
              <Table.Tr key={each.id}>
                <Table.Td>
                  {t(`pauses.${each.kind}`)} <b>{nameOf(each)}</b>
                </Table.Td>
                <Table.Td>{each.reason}</Table.Td>
                <Table.Td>
                  <Text size="xs" c="dimmed">
                    <TimeAgo at={each.at} /> {t("pauses.by", { by: each.by })}
                  </Text>
                </Table.Td>
                <Table.Td ta="end">
                  {operates && (
                    <Button
                      size="compact-sm"
                      variant="light"
                      leftSection={<IconPlayerPlay size={13} aria-hidden />}
                      onClick={() => resume.mutate(each)}
                    >
                      {t("pauses.resume")}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {operates && (
        <>
          <Group align="flex-end" gap="sm" mt="md">
            <Select
              w={{ base: "100%", xs: 260 }}
              label={t("pauses.what")}
              placeholder={t("pauses.what.placeholder")}
              searchable
              data={[
                {
                  group: t("pauses.flow"),
                  items: flows.map(({ id, name }) => ({ value: `flow/${id}`, label: name })),
                },
                {
                  group: t("pauses.connection"),
                  items: connections.map(({ slug, name }) => ({
                    value: `connection/${slug}`,
                    label: name,
                  })),
                },
              ]}
              value={what}
              onChange={setWhat}
            />
            <TextInput
              flex={1}
              miw={200}
              label={t("pauses.reason")}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Button
              variant="default"
              leftSection={<IconPlayerPause size={15} aria-hidden />}
              disabled={what === null}
              loading={pause.isPending}
              onClick={hold}
            >
              {t("pauses.add")}
            </Button>
          </Group>
          <ProblemAlert error={pause.error} />
        </>
      )}
    </section>
  );
}
