import { Button, Progress, Text } from "@mantine/core";
import { IconArrowsSplit } from "@tabler/icons-react";
import type { JsonSchema } from "@/api/types";
import { useDesigner } from "../DesignerContext";
import { t } from "../en";
import { asMapping, requiredFilled } from "../inputRules";
import type { MapTarget } from "../nodeInfo";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";
import { TargetPicker } from "./TargetPicker";

/** Settings of a map step: what it makes, how far it is, and the way into the mapper. */
export function MapForm({ targetSchema }: { targetSchema: JsonSchema | null | undefined }) {
  const { openMapper } = useDesigner();
  const { node, set } = useForm();
  const mapping = asMapping(node.config.mapping);
  const target = node.config.target as MapTarget | null | undefined;
  const { filled, total } = targetSchema
    ? requiredFilled(mapping, targetSchema)
    : { filled: 0, total: 0 };
  const words =
    total === 0
      ? t("form.required.none", { count: mapping.rules.length })
      : filled === total
        ? t("form.required.all", { total })
        : t("form.required.count", { filled, total });
  return (
    <>
      <TargetPicker
        key={node.id}
        label={t("form.mapTarget")}
        value={target}
        onChange={(next) => set({ target: next })}
      />
      <div className={classes.mapCard}>
        <Button
          size="md"
          leftSection={<IconArrowsSplit size={18} />}
          onClick={() => openMapper(node.id, "mapping")}
        >
          {t("form.openMapper")}
        </Button>
        <Text size="sm" fw={550}>
          {words}
        </Text>
        {total > 0 && (
          <Progress
            value={(100 * filled) / total}
            color={filled === total ? "green" : "sea"}
            size="sm"
            aria-label={words}
          />
        )}
      </div>
    </>
  );
}
