import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import type { Page } from "@/api/types";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { copyRules } from "./reuse";
import type { MappingDocument } from "./types";
import { useBackToMapper } from "./useBackToMapper";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

interface Template {
  id: string;
  name: string;
  description: string;
  version: number;
}

export interface StartingPoint {
  id: string;
  title: string;
  connector: string;
  mapping: MappingDocument;
  /** What a mapping made of it remembers it by; null as long as there is none. */
  template: string | null;
  version: number;
}

type Listed = Page<Template> & { starting_points: StartingPoint[] };

export function useTemplates(workspace: string, enabled = true) {
  return useQuery({
    enabled,
    queryKey: [workspace, "mapping-templates"],
    queryFn: ({ signal }) =>
      api.getExact<Listed>(inWorkspace(workspace, "/mapping-templates"), { limit: 200 }, signal),
  });
}

export interface DialogProps {
  workspace: string;
  store: MapperStore;
  place: MapperPlace;
  onClose: () => void;
}

/** Keeps the mapping, or the part below the chosen target, to start others from. */
export function SaveTemplate({ workspace, store, onClose }: DialogProps) {
  const { doc, selected } = store;
  useBackToMapper();
  const client = useQueryClient();
  const templates = useTemplates(workspace);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [part, setPart] = useState<"all" | "selected">("all");
  const [as, setAs] = useState("");
  const save = useMutation({
    mutationFn: () => {
      const rules =
        part === "selected" && selected ? (copyRules(doc, selected)?.rules ?? []) : doc.rules;
      const mapping = { ...doc, rules };
      return as
        ? api.put(inWorkspace(workspace, `/mapping-templates/${as}`), {
            mapping,
            note: description,
          })
        : api.post(inWorkspace(workspace, "/mapping-templates"), { name, description, mapping });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [workspace, "mapping-templates"] });
      const old = templates.data?.items.find((one) => one.id === as);
      store.say(t("template.saved", { name: old?.name ?? name }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("template.save_title")} zIndex={500}>
      <Stack gap="sm">
        {(templates.data?.items.length ?? 0) > 0 && (
          <NativeSelect
            label={t("template.as")}
            value={as}
            data={[
              { value: "", label: t("template.as.new") },
              ...(templates.data?.items ?? []).map((one) => ({
                value: one.id,
                label: t("template.as.version", { name: one.name }),
              })),
            ]}
            onChange={(event) => setAs(event.currentTarget.value)}
          />
        )}
        {!as && (
          <TextInput
            label={t("template.name")}
            value={name}
            data-autofocus
            maxLength={200}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <Textarea
          label={t("template.description")}
          value={description}
          autosize
          minRows={2}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {selected && copyRules(doc, selected) && (
          <NativeSelect
            label={t("template.part")}
            value={part}
            data={[
              { value: "all", label: t("template.part.all") },
              { value: "selected", label: t("template.part.selected", { target: selected }) },
            ]}
            onChange={(event) => setPart(event.currentTarget.value as "all" | "selected")}
          />
        )}
        {save.error && <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("sample.cancel")}
          </Button>
          <Button
            disabled={!as && name.trim() === ""}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t("template.save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
