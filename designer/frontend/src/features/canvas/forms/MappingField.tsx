import { Button, Text } from "@mantine/core";
import { IconArrowsSplit } from "@tabler/icons-react";
import { type MappingSlot, useDesigner } from "../DesignerContext";
import { asMapping } from "../inputRules";
import { t } from "./en";
import { useForm } from "./FormContext";
import classes from "./forms.module.css";

/** A document that is made in the mapper. */
export function MappingField({ value, slot }: { value: unknown; slot: MappingSlot }) {
  const { openMapper } = useDesigner();
  const { node } = useForm();
  const { length } = asMapping(value).rules;
  return (
    <div className={classes.mapCard}>
      <Text size="sm" fw={550}>
        {t("map.title")}
      </Text>
      <Text size="xs" c="dimmed">
        {length > 0 ? t("map.rules", { count: length }) : t("map.none")}
      </Text>
      <Button
        leftSection={<IconArrowsSplit size={16} />}
        variant="light"
        onClick={() => openMapper(node.id, slot)}
      >
        {t("map.open")}
      </Button>
    </div>
  );
}
