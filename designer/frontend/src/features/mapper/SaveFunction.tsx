import {
  Button,
  Group,
  Modal,
  NativeSelect,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { patchRule } from "./model";
import { argumentsFor, asFunction, typedDefault } from "./reuse";
import classes from "./SaveFunction.module.css";
import type { Expr, Rule } from "./types";
import { useBackToMapper } from "./useBackToMapper";
import { useOwnFunctions } from "./useFunctions";
import type { MapperStore } from "./useMapper";

const HOLE: Expr = { op: "hole" };

/** A mapping, template or function that calls a function with other values than it takes. */
interface Caller {
  kind: string;
  name: string;
  step: string;
  target: string;
  values: number;
}

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
  useBackToMapper();
  const own = useOwnFunctions(workspace).data ?? [];
  const [as, setAs] = useState("");
  const old = own.find((one) => one.id === as);
  const expr = rule.expr ?? HOLE;
  const params = useMemo(() => old?.args.map((arg) => arg.name) ?? [], [old]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const made = useMemo(
    () => (old ? asFunction(expr, chosen, params) : asFunction(expr)),
    [expr, old, chosen, params],
  );
  // Each argument of the function that is there keeps its name and place, for those who call it.
  const argOf = new Map([...chosen].map(([path, param]) => [param, path]));
  const added = old ? made.params.filter((one) => !params.includes(one.name)) : [];
  const [defaults, setDefaults] = useState<Record<string, string>>({});
  const [name, setName] = useState("");
  const [title, setTitle] = useState("");
  const [description, setDescription] = useState("");
  const save = useMutation({
    mutationFn: (evenSo: boolean) =>
      old
        ? api.put(inWorkspace(workspace, `/own-functions/${old.id}`), {
            function: {
              name: old.name,
              title: old.title,
              params: [
                ...(old.function.params ?? []),
                ...added.map((one) => {
                  const given = typedDefault(defaults[one.name] ?? "");
                  return given === undefined ? one : { ...one, required: false, default: given };
                }),
              ],
              body: made.body,
            },
            description: description || old.description,
            ...(evenSo ? { even_so: true } : {}),
          })
        : api.post(inWorkspace(workspace, "/own-functions"), {
            function: { name, title: title || name, params: made.params, body: made.body },
            description,
          }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [workspace, "own-functions"] });
      const args = old
        ? [
            ...params.map((param): Expr => {
              const path = argOf.get(param);
              return path === undefined ? HOLE : { op: "field", path };
            }),
            ...made.args.filter((_, at) => added.includes(made.params[at] as (typeof added)[0])),
          ]
        : made.args;
      const expr = { op: "call" as const, fn: old?.name ?? name, args };
      store.change(patchRule(store.doc, rule.id, { expr }));
      store.say(t("function.saved", { name: old?.title ?? (title || name) }));
      onClose();
    },
  });
  const callers = save.error
    ? ((asProblem(save.error).extras.callers as Caller[] | undefined) ?? [])
    : [];
  return (
    <Modal opened onClose={onClose} title={t("function.title")} zIndex={500}>
      <Stack gap="sm">
        {own.length > 0 && (
          <NativeSelect
            label={t("function.as")}
            value={as}
            data={[
              { value: "", label: t("function.as.new") },
              ...own.map((one) => ({
                value: one.id,
                label: t("function.as.version", { name: one.title, number: one.version + 1 }),
              })),
            ]}
            onChange={(event) => {
              const next = own.find((one) => one.id === event.currentTarget.value);
              setAs(next?.id ?? "");
              setChosen(argumentsFor(expr, next?.args.map((arg) => arg.name) ?? []));
              save.reset();
            }}
          />
        )}
        {!old && (
          <>
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
          </>
        )}
        {old &&
          params.map((param) => (
            <NativeSelect
              key={param}
              label={t("function.argument", { name: param })}
              value={argOf.get(param) ?? ""}
              data={[
                { value: "", label: t("function.argument_none") },
                ...asFunction(expr).args.flatMap((arg) =>
                  arg.op === "field" ? [{ value: arg.path, label: arg.path }] : [],
                ),
              ]}
              onChange={(event) => {
                const path = event.currentTarget.value;
                const kept = [...chosen].filter(([p, to]) => p !== path && to !== param);
                setChosen(new Map(path ? [...kept, [path, param]] : kept));
              }}
            />
          ))}
        {added.map((one) => (
          <TextInput
            key={one.name}
            label={t("function.added", { name: one.name })}
            description={t("function.added_hint")}
            placeholder={t("function.added_none")}
            value={defaults[one.name] ?? ""}
            onChange={(event) => {
              const typed = event.currentTarget.value;
              setDefaults((all) => ({ ...all, [one.name]: typed }));
              save.reset();
            }}
          />
        ))}
        <Textarea
          label={t("function.description")}
          value={description}
          autosize
          minRows={2}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {old
            ? t("function.stays")
            : t("function.takes", { names: made.params.map((p) => p.name).join(", ") || "–" })}
        </Text>
        {save.error && <ProblemAlert error={save.error} />}
        {callers.length > 0 && (
          <ul className={classes.callers} aria-label={t("function.callers")}>
            {callers.map((one) => (
              <li key={`${one.kind} ${one.name} ${one.step} ${one.target}`}>
                {[one.name, one.step, one.target].filter(Boolean).join(" / ")}
              </li>
            ))}
          </ul>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("sample.cancel")}
          </Button>
          {callers.length > 0 && (
            <Button variant="default" loading={save.isPending} onClick={() => save.mutate(true)}>
              {t("function.even_so")}
            </Button>
          )}
          <Button
            disabled={!old && name === ""}
            loading={save.isPending}
            onClick={() => save.mutate(false)}
          >
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
