import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Select,
  Skeleton,
  Stack,
  Tabs,
  Text,
  TextInput,
} from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconAlertTriangle,
  IconArrowRight,
  IconCircleX,
  IconCopy,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import type { FlowNode } from "@/api/types";
import { EmptyState } from "@/shared/ui/EmptyState";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { type InspectorTab, useDesigner } from "./DesignerContext";
import { changeNode, connect, nodeOf, refusal, remove } from "./document";
import { t } from "./en";
import { FormProvider } from "./forms/FormContext";
import { MapForm } from "./forms/MapForm";
import { FindOrCreateForm, OperationForm } from "./forms/OperationForm";
import { FailForm, IfForm, PairForm, ValidateForm } from "./forms/RuleForms";
import { SchemaForm } from "./forms/SchemaForm";
import { TriggerForm } from "./forms/TriggerForms";
import classes from "./Inspector.module.css";
import { describe, itemOf, portName, portsOf, problemText } from "./nodeInfo";
import { StepData } from "./StepData";
import { useSources } from "./useSources";

/** Settings of the selected step, at the right of the canvas. */
export function Inspector() {
  const { document, selection, removeSelection, duplicateSelection, readOnly } = useDesigner();
  const [first] = selection.nodes;
  const node = selection.nodes.size === 1 ? nodeOf(document, first) : undefined;
  if (node) return <NodeInspector key={node.id} node={node} />;
  return (
    <aside className={classes.inspector} aria-label={t("inspector.label")}>
      {selection.nodes.size > 1 ? (
        <Stack p="md" gap="sm">
          <Text fw={600}>{t("inspector.many", { count: selection.nodes.size })}</Text>
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconCopy size={15} />}
              disabled={readOnly}
              onClick={duplicateSelection}
            >
              {t("tool.duplicate")}
            </Button>
            <Button
              variant="default"
              leftSection={<IconTrash size={15} />}
              disabled={readOnly}
              onClick={removeSelection}
            >
              {t("tool.delete")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <EmptyState compact icon={IconAdjustmentsHorizontal} title={t("inspector.none")}>
          {t("inspector.noneText")}
        </EmptyState>
      )}
    </aside>
  );
}

function NodeInspector({ node }: { node: FlowNode }) {
  const designer = useDesigner();
  const { document, change, surroundings, readOnly, problems, test, select, showTab } = designer;
  const info = describe(node, document, surroundings);
  const sources = useSources(node.id);
  const own = problems.filter((problem) => problem.node_id === node.id);
  const set = (patch: Record<string, unknown>, key?: string) =>
    change(
      (before) =>
        changeNode(before, node.id, (old) => ({ ...old, config: { ...old.config, ...patch } })),
      key,
    );
  return (
    <aside className={classes.inspector} aria-label={t("inspector.label")}>
      <header className={classes.head}>
        <VendorIcon icon={info.icon} name={info.iconName} size={32} />
        <div className={classes.title}>
          <TextInput
            aria-label={t("inspector.name")}
            variant="unstyled"
            value={node.name}
            disabled={readOnly}
            classNames={{ input: classes.name }}
            onChange={(event) => {
              const name = event.currentTarget.value;
              change(
                (before) => changeNode(before, node.id, (old) => ({ ...old, name })),
                `${node.id}.name`,
              );
            }}
          />
          <Text size="xs" c="dimmed" truncate px={5}>
            {info.kind}
          </Text>
        </div>
        <ActionIcon aria-label={t("inspector.close")} onClick={() => select([])}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <Tabs
        value={designer.tab}
        onChange={(next) => showTab(next as InspectorTab)}
        className={classes.tabs}
        keepMounted={false}
      >
        <Tabs.List px="md">
          <Tabs.Tab value="settings">{t("inspector.settings")}</Tabs.Tab>
          <Tabs.Tab value="data">
            {t("inspector.data")}
            {test?.steps[node.id] && <span className={classes.dot} />}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" className={classes.panel}>
          <FormProvider
            value={{
              node,
              set,
              sources: sources.data?.sources ?? [],
              context: undefined,
              readOnly,
            }}
          >
            <Stack gap="sm">
              <NodeForm type={node.type} targetSchema={sources.data?.target_schema} />
            </Stack>
          </FormProvider>
          <NextSteps node={node} />
          <Group justify="space-between" mt="lg">
            <Text size="xs" c="dimmed" ff="monospace">
              {node.type.startsWith("trigger.") ? "trigger" : `steps.${node.id}`}
            </Text>
            <Group gap={4}>
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                disabled={readOnly}
                leftSection={<IconCopy size={13} />}
                onClick={designer.duplicateSelection}
              >
                {t("inspector.duplicate")}
              </Button>
              <Button
                size="compact-xs"
                variant="subtle"
                color="red"
                disabled={readOnly}
                leftSection={<IconTrash size={13} />}
                onClick={designer.removeSelection}
              >
                {t("inspector.delete")}
              </Button>
            </Group>
          </Group>
        </Tabs.Panel>
        <Tabs.Panel value="data" className={classes.panel}>
          <StepData nodeId={node.id} />
        </Tabs.Panel>
      </Tabs>
      {/* Below what scrolls: found a moment after the step was chosen, they move nothing. */}
      {designer.tab === "settings" && own.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable
        <ul className={classes.problems} aria-label={t("inspector.problems")} tabIndex={0}>
          {own.map((problem) => (
            <li
              key={`${problem.code}${problem.field}${problemText(problem.message, node.name)}`}
              data-severity={problem.severity}
            >
              {problem.severity === "error" ? (
                <IconCircleX size={15} aria-label={t("problems.error")} />
              ) : (
                <IconAlertTriangle size={15} aria-label={t("problems.warning")} />
              )}
              <span>
                {problemText(problem.message, node.name)}
                {problem.hint && <span className={classes.hint}> {problem.hint}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}

function NodeForm(props: {
  type: string;
  targetSchema: Parameters<typeof MapForm>[0]["targetSchema"];
}) {
  switch (props.type) {
    case "action":
      return (
        <>
          <OperationForm />
          <KindForm type={props.type} skip={OF_OPERATIONS} />
        </>
      );
    case "find_or_create":
      return (
        <>
          <FindOrCreateForm />
          <KindForm type={props.type} skip={OF_OPERATIONS} />
        </>
      );
    case "map":
      return <MapForm targetSchema={props.targetSchema} />;
    case "validate":
      return <ValidateForm />;
    case "if":
      return <IfForm />;
    case "xref":
      return <PairForm />;
    case "fail":
      return <FailForm />;
    case "stop":
      return (
        <Text size="sm" c="dimmed">
          {t("form.stopText")}
        </Text>
      );
    default:
      if (props.type.startsWith("trigger.")) return <TriggerForm />;
      return <KindForm type={props.type} />;
  }
}

/** Settings that have a form of their own beside the one made from the schema. */
const OF_OPERATIONS = ["connector", "connection", "operation", "entity", "input", "find", "create"];
const NO_SETTINGS: readonly string[] = [];

/** The form of a kind of step, made from the schema of its settings. */
function KindForm({ type, skip = NO_SETTINGS }: { type: string; skip?: readonly string[] }) {
  const { palette } = useDesigner();
  const item = itemOf(palette, type);
  if (!palette) return <Skeleton height={120} />;
  if (!item) {
    return (
      <Text size="sm" c="dimmed">
        {t("form.unknownText")}
      </Text>
    );
  }
  return <SchemaForm schema={item.config_schema} skip={skip} />;
}

/** The wires that leave the step, as a form: drawing without a pointer. */
function NextSteps({ node }: { node: FlowNode }) {
  const { document, change, palette, readOnly } = useDesigner();
  const ports = portsOf(node, palette).out;
  if (ports.length === 0) return null;
  return (
    <section className={classes.wires} aria-label={t("inspector.wires")}>
      <h3 className={classes.wiresTitle}>{t("inspector.wires")}</h3>
      <div className={classes.ways}>
        {ports.map((port) => {
          const going = document.edges.filter(
            (e) => e.source === node.id && e.source_port === port,
          );
          const wireTo = (target: string) => ({
            source: node.id,
            source_port: port,
            target,
            target_port: "in",
          });
          const reachable = document.nodes.filter(
            (other) => refusal(document, wireTo(other.id), (n) => portsOf(n, palette)) === null,
          );
          return (
            <div key={port} className={classes.wire}>
              <Badge color={port === "error" ? "red" : "gray"} size="sm" miw={52}>
                {portName(node, port)}
              </Badge>
              <IconArrowRight size={14} aria-hidden style={{ flex: "none", marginTop: 8 }} />
              <div className={classes.wireTargets}>
                {going.map((edge) => {
                  const name = nodeOf(document, edge.target)?.name ?? edge.target;
                  return (
                    <span key={edge.id} className={classes.wireTarget}>
                      {name}
                      <ActionIcon
                        size="xs"
                        disabled={readOnly}
                        aria-label={t("inspector.disconnect", { name })}
                        onClick={() =>
                          change((before) => remove(before, new Set(), new Set([edge.id])))
                        }
                      >
                        <IconX size={12} />
                      </ActionIcon>
                    </span>
                  );
                })}
                {!readOnly && reachable.length > 0 && (
                  <Select
                    size="xs"
                    aria-label={t("inspector.connectPort", { port: portName(node, port) })}
                    placeholder={t("inspector.connectPick")}
                    searchable
                    data={reachable.map((other) => ({ value: other.id, label: other.name }))}
                    value={null}
                    onChange={(target) =>
                      target && change((before) => connect(before, wireTo(target)))
                    }
                  />
                )}
              </div>
            </div>
          );
        })}
      </div>
    </section>
  );
}
