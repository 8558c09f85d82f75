import { Anchor, Button, Group, Modal, Skeleton, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { api, asProblem } from "@/api/client";
import { parseExact } from "@/api/exact";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { t } from "./en";
import { LiteralForm } from "./LiteralForm";
import { flowPath, startFormQuery } from "./queries";

interface StartDialogProps {
  ws: string;
  env: string;
  flow: { id: string; name: string };
  /** False for a schedule, which is given the same document as at its time. */
  asks: boolean;
  onClose: () => void;
}

/** Starts a live flow by hand: its form is filled in, and every wrong field is named. */
export function StartDialog({ ws, env, flow, asks, onClose }: StartDialogProps) {
  const navigate = useNavigate();
  const form = useQuery(startFormQuery(ws, flow.id, env));
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [text, setText] = useState("{}");
  const schema = form.data?.form;
  const hasForm = Boolean(schema && Object.keys(schema.properties ?? {}).length > 0);
  const sample = form.data?.sample;
  useEffect(() => {
    if (sample !== undefined && sample !== null) setText(JSON.stringify(sample, null, 2));
  }, [sample]);
  const read = () => {
    try {
      return { value: parseExact(text) };
    } catch {
      return null;
    }
  };
  const parsed = hasForm ? { value: values as unknown } : read();
  const start = useMutation({
    mutationFn: () =>
      api.post<{ run_id: string }>(flowPath(ws, flow.id, "start"), {
        ...(asks && { input: parsed?.value }),
        environment: env,
      }),
    onSuccess: ({ run_id }) => {
      onClose();
      notifications.show({
        title: t("start.started"),
        message: (
          <Anchor
            size="sm"
            component="button"
            onClick={() =>
              void navigate({ to: "/w/$ws/runs/$runId", params: { ws, runId: run_id } })
            }
          >
            {t("start.open")}
          </Anchor>
        ),
      });
    },
  });
  const wrong = fieldErrors(start.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parsed) start.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={t("start.title", { name: flow.name })}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {form.isPending && <Skeleton height={60} />}
          <ProblemAlert error={form.error} onRetry={() => void form.refetch()} />
          {asks && schema && hasForm && (
            <LiteralForm schema={schema} values={values} onChange={setValues} errors={wrong} />
          )}
          {!asks && <Text size="sm">{t("start.atOnce")}</Text>}
          {asks && form.data && !hasForm && (
            <>
              <Text size="sm" c="dimmed">
                {t("start.noForm")}
              </Text>
              <Textarea
                label={t("start.document")}
                autosize
                minRows={4}
                maxRows={16}
                spellCheck={false}
                value={text}
                error={parsed ? undefined : t("start.badJson")}
                styles={{
                  input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 },
                }}
                onChange={(event) => setText(event.currentTarget.value)}
              />
            </>
          )}
          {Object.keys(wrong).length === 0 && <ProblemAlert error={start.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("start.cancel")}
            </Button>
            <Button type="submit" loading={start.isPending} disabled={!parsed || !form.data}>
              {t("start.do")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** What was wrong with each field, by its name: the first part of its pointer. */
function fieldErrors(error: unknown): Record<string, string> {
  if (!error) return {};
  const fields = asProblem(error).extras.fields;
  if (!Array.isArray(fields)) return {};
  const named = (fields as { pointer?: string; message?: string }[]).flatMap(
    ({ pointer = "", message = "" }) => {
      const name = pointer.split("/")[1];
      return name ? [[name, message] as const] : [];
    },
  );
  return Object.fromEntries(named);
}
