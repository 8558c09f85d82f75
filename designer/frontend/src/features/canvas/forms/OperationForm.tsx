import { Input, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { operationQuery } from "@/api/queries";
import type { Json, JsonSchema } from "@/api/types";
import { LiteralForm } from "@/features/triggers/LiteralForm";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useDesigner } from "../DesignerContext";
import { changeNode } from "../document";
import { t } from "../en";
import { asMapping, EMPTY_MAPPING } from "../inputRules";
import { connectorOf } from "../nodeInfo";
import { useSources } from "../useSources";
import { ConnectionPicker } from "./ConnectionPicker";
import { t as words } from "./en";
import { useForm } from "./FormContext";
import { InputForm } from "./InputForm";

/** Chooses the vendor's system, for steps that were not made from a vendor's list. */
function ConnectorSelect() {
  const { palette, surroundings } = useDesigner();
  const { node, set, readOnly } = useForm();
  const connector = connectorOf(node, surroundings);
  return (
    <Select
      label={t("form.connector")}
      placeholder={t("form.connectorPick")}
      disabled={readOnly}
      data={(palette?.connectors ?? []).map((c) => ({ value: c.slug, label: c.name }))}
      value={connector?.slug ?? null}
      allowDeselect={false}
      onChange={(slug) => {
        if (slug && slug !== connector?.slug) {
          set({ connector: slug, connection: "", operation: "", entity: undefined });
        }
      }}
    />
  );
}

/** Settings of an action or of a vendor's event. */
export function OperationForm() {
  const { ws, surroundings } = useDesigner();
  const { node, set, readOnly } = useForm();
  const connector = connectorOf(node, surroundings);
  const trigger = node.type.startsWith("trigger.");
  const name = typeof node.config.operation === "string" ? node.config.operation : "";
  const operation = useQuery(operationQuery(ws, connector?.slug ?? "", name));
  const operations = (connector?.operations ?? []).filter(
    (candidate) => candidate.kind === (trigger ? "trigger" : "action"),
  );
  const delivery = operations.find((candidate) => candidate.name === name)?.delivery ?? [];
  return (
    <>
      {!connector && <ConnectorSelect />}
      <ConnectionPicker
        value={node.config.connection as string | undefined}
        connector={connector?.slug}
        onChange={(connection, { connector: slug }) => set({ connection, connector: slug })}
      />
      <Select
        label={trigger ? t("form.event") : t("form.operation")}
        placeholder={t("form.operationPick")}
        searchable
        disabled={readOnly || !connector}
        data={operations.map((o) => ({ value: o.name, label: o.title }))}
        value={name || null}
        allowDeselect={false}
        description={operation.data?.description || undefined}
        inputWrapperOrder={["label", "input", "description", "error"]}
        onChange={(next) =>
          next && set(trigger ? { operation: next, inputs: undefined } : { operation: next })
        }
      />
      {trigger && delivery.length > 1 && <Delivery />}
      <ProblemAlert error={operation.error} onRetry={() => void operation.refetch()} />
      {node.type === "trigger.poll" && operation.data?.input_schema && (
        <PollInputs key={`${node.id}.${name}`} schema={operation.data.input_schema} />
      )}
      {!trigger && name && connector && (
        <InputForm
          key={`${node.id}.${name}`}
          title={t("form.input")}
          slot="input"
          mapping={asMapping(node.config.input)}
          onChange={(input, key) => set({ input }, key)}
          schema={operation.data?.input_schema}
          loading={operation.isPending}
        />
      )}
    </>
  );
}

/** What to look at, such as a folder or a table: fixed values, because no document is there yet. */
function PollInputs({ schema }: { schema: JsonSchema }) {
  const { node, set, readOnly } = useForm();
  if (Object.keys(schema.properties ?? {}).length === 0) return null;
  return (
    <LiteralForm
      schema={schema}
      values={(node.config.inputs ?? {}) as Record<string, unknown>}
      disabled={readOnly}
      onChange={(inputs) => set({ inputs: inputs as Json }, `${node.id}.inputs`)}
    />
  );
}

/** Whether the connected system tells a change by itself, or is asked for it. */
function Delivery() {
  const { change } = useDesigner();
  const { node, readOnly } = useForm();
  return (
    <Input.Wrapper label={words("event.how")}>
      <SegmentedControl
        size="xs"
        fullWidth
        disabled={readOnly}
        aria-label={words("event.how")}
        value={node.type}
        data={[
          { value: "trigger.event", label: words("event.webhook") },
          { value: "trigger.poll", label: words("event.poll") },
        ]}
        onChange={(type) =>
          change((before) => changeNode(before, node.id, (old) => ({ ...old, type })))
        }
      />
    </Input.Wrapper>
  );
}

/** Settings of a find-or-create: which record, how to find it, what to create. */
export function FindOrCreateForm() {
  const { surroundings } = useDesigner();
  const { node, set, readOnly } = useForm();
  const connector = connectorOf(node, surroundings);
  const entity = typeof node.config.entity === "string" ? node.config.entity : "";
  const find = useSources(node.id, "find");
  const create = useSources(node.id, "create");
  return (
    <>
      {!connector && <ConnectorSelect />}
      <ConnectionPicker
        value={node.config.connection as string | undefined}
        connector={connector?.slug}
        onChange={(connection, { connector: slug }) => set({ connection, connector: slug })}
      />
      <Select
        label={t("form.entity")}
        disabled={readOnly || !connector}
        data={(connector?.find_or_create ?? []).map((e) => ({ value: e.entity, label: e.title }))}
        value={entity || null}
        allowDeselect={false}
        onChange={(next) =>
          next && set({ entity: next, find: EMPTY_MAPPING, create: EMPTY_MAPPING })
        }
      />
      {entity && (
        <>
          <InputForm
            title={t("form.find")}
            help={t("form.findHelp")}
            slot="find"
            mapping={asMapping(node.config.find)}
            onChange={(find, key) => set({ find }, key)}
            schema={find.data?.target_schema}
            loading={find.isPending}
          />
          <InputForm
            title={t("form.create")}
            slot="create"
            mapping={asMapping(node.config.create)}
            onChange={(next, key) => set({ create: next }, key)}
            schema={create.data?.target_schema}
            loading={create.isPending}
          />
        </>
      )}
    </>
  );
}
