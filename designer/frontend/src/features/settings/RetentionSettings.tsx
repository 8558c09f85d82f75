import { Button, Group, NumberInput, Skeleton, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { formatNumber, TimeAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type Days, type Policy, type Retention, retentionQuery } from "./queries";
import classes from "./settings.module.css";

const WHATS = ["payload", "journal", "run"] as const;
const LEAST_DAYS = 2;
const MOST_DAYS = 3650;

/** How long documents, journals and runs are kept, and what would go now. */
export function RetentionSettings() {
  const { ws, env } = useWorkspace();
  const { data, error, refetch } = useQuery(retentionQuery(ws, env));
  return (
    <section className={classes.section} aria-labelledby="settings-keep">
      <h2 id="settings-keep">{t("keep.title")}</h2>
      <p className={classes.lead}>{t("keep.text")}</p>
      {error && !data ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Form retention={data} />
      ) : (
        <Skeleton height={160} />
      )}
    </section>
  );
}

function Form({ retention }: { retention: Retention }) {
  const { ws, env, can } = useWorkspace();
  const cache = useQueryClient();
  const [wish, setWish] = useState<Partial<Policy>>({});
  const edits = can("settings.edit");
  const save = useMutation({
    mutationFn: () =>
      api.put<Retention>(inWorkspace(ws, `/settings/retention?environment=${env}`), wish),
    onSuccess: (answer) => {
      cache.setQueryData(retentionQuery(ws, env).queryKey, answer);
      setWish({});
      notifications.show({ message: t("keep.saved") });
    },
  });
  const policy = { ...retention.policy, ...wish };
  const input = (name: Days, label: string) => (
    <NumberInput
      size="xs"
      w={130}
      aria-label={label}
      placeholder={t("keep.forever")}
      readOnly={!edits}
      min={LEAST_DAYS}
      max={MOST_DAYS}
      allowDecimal={false}
      value={policy[name] ?? ""}
      onChange={(days) =>
        setWish((before) => ({ ...before, [name]: days === "" ? null : Number(days) }))
      }
    />
  );
  return (
    <>
      <Table verticalSpacing={6} maw={680} aria-label={t("keep.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("keep.column")}</Table.Th>
            <Table.Th>{t("keep.good")}</Table.Th>
            <Table.Th>{t("keep.bad")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {WHATS.map((what) => (
            <Table.Tr key={what}>
              <Table.Td>
                <Text size="sm">{t(`keep.${what}`)}</Text>
                <Text size="xs" c="dimmed">
                  {t(`keep.${what}.text`)}
                </Text>
              </Table.Td>
              <Table.Td>
                {input(
                  `${what}_days`,
                  t("keep.field", { what: t(`keep.${what}`), which: t("keep.good") }),
                )}
              </Table.Td>
              <Table.Td>
                {input(
                  `${what}_failed_days`,
                  t("keep.field", { what: t(`keep.${what}`), which: t("keep.bad") }),
                )}
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>
              <Text size="sm">{t("keep.letters")}</Text>
              <Text size="xs" c="dimmed">
                {t("keep.letters.text")}
              </Text>
            </Table.Td>
            <Table.Td>{input("letter_days", t("keep.letters"))}</Table.Td>
            <Table.Td>
              <NumberInput
                size="xs"
                w={130}
                label={t("keep.warning")}
                readOnly={!edits}
                min={0}
                max={365}
                value={policy.letter_warning_days}
                onChange={(days) =>
                  setWish((before) => ({ ...before, letter_warning_days: Number(days) || 0 }))
                }
              />
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <ProblemAlert error={save.error} />
      {edits && Object.keys(wish).length > 0 && (
        <Group gap="xs" mt="sm">
          <Button size="xs" loading={save.isPending} onClick={() => save.mutate()}>
            {t("keep.save")}
          </Button>
          <Button size="xs" variant="default" onClick={() => setWish({})}>
            {t("keep.reset")}
          </Button>
        </Group>
      )}
      <Facts retention={retention} />
    </>
  );
}

function Facts({ retention: { forecast, last, storage } }: { retention: Retention }) {
  const parts = [
    forecast.documents_of_runs > 0 &&
      t("keep.now.documents", { count: forecast.documents_of_runs }),
    forecast.journals > 0 && t("keep.now.journals", { count: forecast.journals }),
    forecast.runs > 0 && t("keep.now.runs", { count: forecast.runs }),
    forecast.letters > 0 && t("keep.now.letters", { count: forecast.letters }),
    forecast.held_for_people > 0 && t("keep.now.held", { count: forecast.held_for_people }),
  ].filter(Boolean);
  return (
    <dl className={classes.facts}>
      <dt>{t("keep.now")}</dt>
      <dd>{parts.length > 0 ? `${parts.join(", ")}.` : t("keep.now.nothing")}</dd>
      <dt>{t("keep.last")}</dt>
      <dd>
        {last ? (
          <>
            <TimeAgo at={last.at} />:{" "}
            {t("keep.last.counts", {
              documents: formatNumber(last.documents ?? 0),
              journals: formatNumber(last.journals ?? 0),
              runs: formatNumber(last.runs ?? 0),
            })}
          </>
        ) : (
          t("keep.never")
        )}
      </dd>
      {storage?.kind === "s3" && (
        <>
          <dt>{t("keep.storage")}</dt>
          <dd>
            {t("keep.storage.packs", { count: storage.packs })}
            {storage.problem && (
              <Notice
                tone="amber"
                icon={<IconAlertTriangle size={17} />}
                title={storage.problem.message}
              >
                {t("keep.storage.since")} <TimeAgo at={storage.problem.at} />
              </Notice>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}
