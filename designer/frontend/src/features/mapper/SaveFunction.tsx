import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { patchRule } from "./model";
import { asFunction } from "./reuse";
import type { Rule } from "./types";
import type { MapperStore } from "./useMapper";

/** Makes what a rule does a function of the workspace, and lets the rule call it. */
export function SaveFunction({
  workspace,
  store,
  rule,
  onClose,
}: {
  workspace: string;
  store: MapperStore;
  rule: Rule;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const made = useMemo(() => asFunction(rule.expr ?? { op: "hole" }), [rule.expr]);
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const save = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(workspace, "/own-functions"), {
        function: { name, title: title || name, params: made.params, body: made.body },
        description,
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [workspace, "own-functions"] });
      const expr = { op: "call" as const, fn: name, args: made.args };
      store.change(patchRule(store.doc, rule.id, { expr }));
      store.say(t("function.saved", { name: title || name }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("function.title")} zIndex={500}>
      <Stack gap="sm">
        <TextInput
          label={t("function.label")}
          data-autofocus
          value={title}
          onChange={(event) => {
            const next = event.currentTarget.value;
            if (name === nameFrom(title)) setName(nameFrom(next));
            setTitle(next);
          }}
        />
        <TextInput
          label={t("function.name")}
          value={name}
          maxLength={40}
          onChange={(event) => setName(nameFrom(event.currentTarget.value))}
        />
        <Textarea
          label={t("function.description")}
          value={description}
          autosize
          minRows={2}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {t("function.takes", { names: made.params.map((p) => p.name).join(", ") || "–" })}
        </Text>
        {save.error && <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("sample.cancel")}
          </Button>
          <Button disabled={name === ""} loading={save.isPending} onClick={() => save.mutate()}>
            {t("function.save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const nameFrom = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^[\d_]+/, "")
    .replace(/_$/, "")
    .slice(0, 40);
