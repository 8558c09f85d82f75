import { ActionIcon, Alert, Button, Group, Select, Text, Textarea, Tooltip } from "@mantine/core";
import { IconExternalLink, IconFlask, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { parseExact } from "@/api/exact";
import { samplesQuery } from "@/api/queries";
import { formatDuration } from "@/shared/time";
import { EmptyState } from "@/shared/ui/EmptyState";
import { IconLink } from "@/shared/ui/links";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { isProduction, useWorkspace } from "@/shared/workspace";
import { useDesigner } from "./DesignerContext";
import classes from "./Dock.module.css";
import { t } from "./en";

const OWN = "own";

function readJson(text: string): { value: unknown } | null {
  try {
    return { value: parseExact(text) };
  } catch {
    return null;
  }
}

/** Runs the flow as it is drawn on a chosen document and shows what each step did. */
export function TestPanel() {
  const { ws, env, flow, document, startTest, test, clearTest, selection, focusNode, showTab } =
    useDesigner();
  const { can } = useWorkspace();
  const samples = useQuery({ ...samplesQuery(ws, flow.id, env), enabled: can("runs.data_view") });
  const [chosen, setChosen] = useState<string | null>(null);
  const [text, setText] = useState("{}");

  const first = samples.data?.[0];
  useEffect(() => {
    if (chosen !== null || !first) return;
    setChosen(first.id);
    setText(JSON.stringify(first.document, null, 2));
  }, [chosen, first]);

  // Whoever is quick must not send the empty document that stands here until the example comes.
  const awaiting = chosen === null && samples.isLoading;

  const parsed = readJson(text);
  const run = useMutation({
    mutationFn: () =>
      api.post<{ run_id: string }>(inWorkspace(ws, `/flows/${flow.id}/test`), {
        document,
        sample: { document: parsed?.value },
        environment: env,
      }),
    onSuccess: ({ run_id }) => startTest(run_id),
  });
  const live = isProduction(env);
  const selected = [...selection.nodes][0];

  return (
    <div className={classes.test}>
      <div className={classes.chooser}>
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <Select
            label={t("test.sample")}
            placeholder={t("test.samplePick")}
            flex={1}
            data={[
              ...(samples.data ?? []).map((s) => ({ value: s.id, label: s.title })),
              { value: OWN, label: t("test.own") },
            ]}
            renderOption={({ option }) => {
              const sample = samples.data?.find((s) => s.id === option.value);
              return (
                <div>
                  <Text size="sm">{option.label}</Text>
                  {sample && (
                    <Text size="xs" c="dimmed">
                      {t(`test.kind.${sample.kind}`)}
                    </Text>
                  )}
                </div>
              );
            }}
            value={chosen}
            allowDeselect={false}
            onChange={(id) => {
              setChosen(id);
              const sample = samples.data?.find((s) => s.id === id);
              if (sample) setText(JSON.stringify(sample.document, null, 2));
            }}
          />
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            disabled={
              awaiting || !parsed || live || !can("flows.test") || document.nodes.length === 0
            }
            loading={run.isPending}
            onClick={() => run.mutate()}
          >
            {t("test.run")}
          </Button>
        </Group>
        {live && (
          <Alert color="yellow" p="xs">
            {t("test.production")}
          </Alert>
        )}
        <ProblemAlert error={run.error} />
        <Textarea
          aria-label={t("test.json")}
          className={classes.json}
          spellCheck={false}
          value={text}
          error={parsed ? undefined : t("test.badJson")}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setChosen(OWN);
          }}
        />
      </div>
      {test ? (
        <div className={classes.results}>
          <div className={classes.steps}>
            <div className={classes.runHead} role="status" aria-live="polite">
              <StatusBadge status={test.run?.status ?? "queued"} />
              <Text size="xs" c="dimmed" flex={1}>
                {test.run?.duration_ms != null && formatDuration(test.run.duration_ms)}
              </Text>
              <Tooltip label={t("test.open")}>
                <IconLink
                  size="sm"
                  aria-label={t("test.open")}
                  to="/w/$ws/runs/$runId"
                  params={{ ws, runId: test.id }}
                >
                  <IconExternalLink size={15} />
                </IconLink>
              </Tooltip>
              <Tooltip label={t("test.clear")}>
                <ActionIcon size="sm" aria-label={t("test.clear")} onClick={clearTest}>
                  <IconX size={15} />
                </ActionIcon>
              </Tooltip>
            </div>
            {test.stale && <span className={classes.stale}>{t("test.stale")}</span>}
            <ProblemAlert error={test.error} />
            {test.run?.error && (
              <Alert color="red" p="xs" mb="xs" title={test.run.error.message}>
                {test.run.error.hint}
              </Alert>
            )}
            {test.run?.document.nodes.map((node) => {
              const step = test.steps[node.id];
              return (
                <button
                  key={node.id}
                  type="button"
                  className={classes.step}
                  aria-pressed={selected === node.id}
                  onClick={() => {
                    focusNode(node.id);
                    showTab("data");
                  }}
                >
                  <StatusBadge status={step?.status ?? "pending"} size="sm" iconOnly />
                  <span className={classes.stepName}>{node.name}</span>
                  {step?.duration_ms != null && (
                    <span className={classes.stepTime}>{formatDuration(step.duration_ms)}</span>
                  )}
                </button>
              );
            })}
          </div>
        </div>
      ) : (
        <EmptyState compact icon={IconFlask} title={t("test.idle.title")}>
          {t("test.idle.text")}
        </EmptyState>
      )}
    </div>
  );
}
