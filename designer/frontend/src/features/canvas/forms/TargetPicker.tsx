import { SegmentedControl, Select, Stack } from "@mantine/core";
import { useState } from "react";
import type { JsonSchema } from "@/api/types";
import { mapperWords, SchemaUpload } from "@/features/mapper";
import { useDesigner } from "../DesignerContext";
import { t } from "../en";
import { asMapping } from "../inputRules";
import type { MapTarget } from "../nodeInfo";
import { useForm } from "./FormContext";

interface TargetPickerProps {
  label: string;
  value: MapTarget | null | undefined;
  onChange: (target: MapTarget | null) => void;
  /** Offers to choose nothing. */
  optional?: string;
}

/** Chooses the shape of a document: what an operation takes, or a standard record. */
export function TargetPicker({ label, value, onChange, optional }: TargetPickerProps) {
  const { palette, ws } = useDesigner();
  const { readOnly, node } = useForm();
  const [kind, setKind] = useState<"operation" | "canonical" | "schema">(
    value?.canonical ? "canonical" : value?.schema ? "schema" : "operation",
  );
  const operations = (palette?.connectors ?? []).map((connector) => ({
    group: connector.name,
    items: connector.operations
      .filter((o) => o.kind === "action" && o.effect !== "read")
      .map((o) => ({ value: `${connector.slug}/${o.name}`, label: o.title })),
  }));
  const current = value?.operation ? `${value.connector}/${value.operation}` : null;
  return (
    <Stack gap={6}>
      <SegmentedControl
        size="xs"
        fullWidth
        disabled={readOnly}
        aria-label={label}
        value={kind}
        onChange={(next) => setKind(next as typeof kind)}
        data={[
          { value: "operation", label: t("form.targetOperation") },
          { value: "canonical", label: t("form.targetCanonical") },
          { value: "schema", label: mapperWords("schema.own") },
        ]}
      />
      {kind === "schema" ? (
        <SchemaUpload
          workspace={ws}
          schema={(value?.schema as JsonSchema | undefined) ?? null}
          mapping={node.type === "map" ? asMapping(node.config.mapping) : undefined}
          disabled={readOnly}
          onChange={(schema) => onChange({ schema })}
        />
      ) : kind === "operation" ? (
        <Select
          label={label}
          placeholder={optional ?? t("form.operationPick")}
          searchable
          clearable={Boolean(optional)}
          allowDeselect={Boolean(optional)}
          disabled={readOnly}
          data={operations.filter((group) => group.items.length > 0)}
          value={current}
          onChange={(next) => {
            const [connector, operation] = next?.split("/") ?? [];
            onChange(connector && operation ? { connector, operation } : null);
          }}
        />
      ) : (
        <Select
          label={label}
          placeholder={optional ?? t("form.canonical")}
          searchable
          clearable={Boolean(optional)}
          allowDeselect={Boolean(optional)}
          disabled={readOnly}
          data={palette?.canonical ?? []}
          value={value?.canonical ?? null}
          onChange={(next) => onChange(next ? { canonical: next } : null)}
        />
      )}
    </Stack>
  );
}
