import { Select, Skeleton, Textarea } from "@mantine/core";
import { useState } from "react";
import { parseExact } from "@/api/exact";
import type { Json } from "@/api/types";
import { HookPanel } from "@/features/triggers/HookPanel";
import { TriggerPanel } from "@/features/triggers/TriggerPanel";
import { useWorkspace } from "@/shared/workspace";
import { useDesigner } from "../DesignerContext";
import { itemOf } from "../nodeInfo";
import { t } from "./en";
import { useForm } from "./FormContext";
import { OperationForm } from "./OperationForm";
import { ScheduleForm } from "./ScheduleForm";
import { SchemaForm } from "./SchemaForm";

/** The example document of a trigger, edited as JSON; text that is no JSON is not kept. */
function SampleField() {
  const { node, set, readOnly } = useForm();
  const written = JSON.stringify(node.config.sample ?? {}, null, 2);
  const [text, setText] = useState(written);
  const [known, setKnown] = useState(node.config.sample);
  const [bad, setBad] = useState(false);
  // Another example was chosen elsewhere, such as among the messages that came in.
  if (known !== node.config.sample) {
    setKnown(node.config.sample);
    setText(written);
    setBad(false);
  }
  return (
    <Textarea
      label={t("sample.title")}
      description={t("sample.help")}
      autosize
      minRows={5}
      maxRows={22}
      disabled={readOnly}
      value={text}
      error={bad ? t("json.bad") : undefined}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        try {
          const sample = parseExact(next);
          setKnown(sample);
          set({ sample }, `${node.id}.sample`);
          setBad(false);
        } catch {
          setBad(true);
        }
      }}
    />
  );
}

const WITH_ADDRESS = ["trigger.webhook", "trigger.cloudevents"];
const WITH_SAMPLE = ["trigger.webhook", "trigger.cloudevents", "trigger.manual", "trigger.called"];
const OF_VENDOR = ["trigger.event", "trigger.poll"];
const EVERY = [30, 60, 300, 900, 1800, 3600, 21_600, 86_400];

/** Settings of what starts a flow, and how it stands where the flow is live. */
export function TriggerForm() {
  const { ws, env, flow, palette } = useDesigner();
  const { can, environments } = useWorkspace();
  const { node, set } = useForm();
  const schema = itemOf(palette, node.type)?.config_schema;
  const environmentName = environments.find((each) => each.slug === env)?.name ?? env;
  const published = flow.deployments.some((deployment) => deployment.environment === env);
  if (!schema) return <Skeleton height={120} />;
  const vendor = OF_VENDOR.includes(node.type);
  return (
    <>
      {vendor && <OperationForm />}
      {node.type === "trigger.poll" && <PollEvery />}
      {node.type === "trigger.schedule" ? (
        <ScheduleForm schema={schema} />
      ) : (
        <SchemaForm
          schema={schema}
          skip={vendor ? ["connector", "connection", "operation", "every_s", "inputs"] : []}
        />
      )}
      {WITH_ADDRESS.includes(node.type) && (
        <HookPanel
          ws={ws}
          env={env}
          environmentName={environmentName}
          flowId={flow.id}
          node={node}
          can={can}
          onExample={(sample: Json) => set({ sample })}
        />
      )}
      {published && (
        <TriggerPanel
          ws={ws}
          env={env}
          environmentName={environmentName}
          flow={flow}
          mayAct={can("runs.operate")}
        />
      )}
      {WITH_SAMPLE.includes(node.type) && <SampleField key={node.id} />}
    </>
  );
}

function every(seconds: number): string {
  if (seconds < 60) return t("poll.seconds", { count: seconds });
  if (seconds < 3600) return t("poll.minutes", { count: Math.round(seconds / 60) });
  return t("poll.hours", { count: Math.round(seconds / 3600) });
}

/** How often the connected system is asked. */
function PollEvery() {
  const { node, set, readOnly } = useForm();
  const value = Number(node.config.every_s ?? 0);
  const choices = value && !EVERY.includes(value) ? [...EVERY, value].sort((a, b) => a - b) : EVERY;
  return (
    <Select
      label={t("poll.every")}
      disabled={readOnly}
      allowDeselect={false}
      data={[
        { value: "0", label: t("poll.usual") },
        ...choices.map((seconds) => ({ value: String(seconds), label: every(seconds) })),
      ]}
      value={String(value)}
      onChange={(next) => set({ every_s: Number(next) || undefined })}
    />
  );
}
