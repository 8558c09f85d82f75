import { Button, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { ConditionBuilder } from "@/features/mapper/ExpressionField";
import { useDesigner } from "../DesignerContext";
import { changeNode, remove } from "../document";
import type { Branch } from "../nodeInfo";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { MovableRow, moved } from "./MovableRow";

/** The ways of a switch. An exit keeps its id when it is renamed, so its wires stay. */
export function BranchesField() {
  const { document, change } = useDesigner();
  const { node, set, sources, context, readOnly } = useForm();
  const branches = (Array.isArray(node.config.branches) ? node.config.branches : []) as Branch[];
  const put = (next: Branch[], key?: string) => set({ branches: next }, key);
  const patch = (index: number, part: Partial<Branch>, key: string) =>
    put(
      branches.map((branch, other) => (other === index ? { ...branch, ...part } : branch)),
      `${node.id}.branches.${index}.${key}`,
    );
  const add = () => {
    const taken = new Set(branches.map((branch) => branch.id));
    let number = branches.length + 1;
    while (taken.has(`way_${number}`)) number += 1;
    put([...branches, { id: `way_${number}`, name: t("ways.new", { number }) }]);
  };
  const drop = (branch: Branch) =>
    change((before) => {
      const wires = document.edges.filter(
        (edge) => edge.source === node.id && edge.source_port === branch.id,
      );
      const cut = remove(before, new Set(), new Set(wires.map((edge) => edge.id)));
      const kept = branches.filter((other) => other !== branch);
      return changeNode(cut, node.id, (old) => ({
        ...old,
        config: { ...old.config, branches: kept },
      }));
    });
  return (
    <section className={classes.section} aria-label={t("ways.title")}>
      <div className={classes.sectionHead}>
        <h3 className={classes.sectionTitle}>{t("ways.title")}</h3>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlus size={14} />}
          disabled={readOnly || branches.length >= 20}
          onClick={add}
        >
          {t("ways.add")}
        </Button>
      </div>
      <Text size="xs" c="dimmed" mt={-8}>
        {t("ways.help")}
      </Text>
      {branches.map((branch, index) => {
        const name = branch.name || branch.id;
        return (
          <MovableRow
            key={branch.id}
            label={name}
            index={index}
            count={branches.length}
            readOnly={readOnly}
            onMove={(by) => put(moved(branches, index, by))}
            onRemove={() => drop(branch)}
            head={
              <TextInput
                aria-label={t("ways.name", { number: index + 1 })}
                placeholder={t("ways.placeholder")}
                size="xs"
                flex={1}
                value={branch.name ?? ""}
                disabled={readOnly}
                onChange={(event) => patch(index, { name: event.currentTarget.value }, "name")}
              />
            }
          >
            <div className={classes.field} inert={readOnly}>
              <div className={classes.label}>{t("ways.when")}</div>
              <ConditionBuilder
                label={`${name}: ${t("ways.when")}`}
                value={branch.condition?.op === "hole" ? undefined : branch.condition}
                onChange={(next) => patch(index, { condition: next ?? { op: "hole" } }, "when")}
                sources={sources}
                context={context}
              />
            </div>
          </MovableRow>
        );
      })}
    </section>
  );
}
