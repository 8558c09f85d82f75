import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Radio, Text } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { describeExpr, type ExprNames } from "./expressions";
import { readMapping, rootField } from "./model";
import { howOf, placeWords } from "./sheet";
import { type DialogProps, useTemplates } from "./TemplateDialogs";
import classes from "./Templates.module.css";
import { type Change, followed, forget, goneWith, withRulesOf } from "./templateFollow";
import type { Expr, MappingDocument, Rule } from "./types";
import { useBackToMapper } from "./useBackToMapper";
import { useMappingTests } from "./useMappingTests";
import { useSources } from "./usePreview";

interface Plan {
  mapping: MappingDocument;
  changes: Change[];
  from_version: number;
  version: number;
  notes: { number: number; note: string }[];
}

/** What a template's newest version changes here: looked over, tried, and taken as one step. */
export function TemplateUpdate({
  workspace,
  store,
  place,
  first,
  onClose,
}: DialogProps & {
  /** The insertion that is shown first. */
  first?: string;
}) {
  const { doc } = store;
  useBackToMapper();
  const listed = useTemplates(workspace);
  const all = followed(doc, listed.data);
  const newer = all.filter((one) => one.newest > one.insertion.version);
  const [chosen, setChosen] = useState(first);
  const at = all.find((one) => one.insertion.id === chosen) ?? newer[0] ?? all[0];
  const [choices, setChoices] = useState<Record<string, boolean>>({});
  const ask = (chosenOnes: Record<string, boolean>) =>
    api.postExact<Plan>(
      inWorkspace(workspace, `/mapping-templates/${at?.insertion.template ?? ""}/merge`),
      { mapping: doc, insertion: at?.insertion.id ?? "", choices: chosenOnes },
    );
  const plan = useQuery({
    enabled: at !== undefined && at.newest > at.insertion.version,
    queryKey: [workspace, "template-news", place.flowId, at?.insertion],
    queryFn: () => ask({}),
    structuralSharing: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const tests = useMappingTests(place, doc);
  const trial = useMutation({
    mutationFn: async () => tests.ran.mutateAsync(readMapping((await ask(choices)).mapping)),
  });
  const take = useMutation({
    mutationFn: () => ask(choices),
    onSuccess: (made) => {
      store.change(readMapping(made.mapping));
      store.say(t("template.taken", { name: at?.name ?? "", number: made.version }));
      onClose();
    },
  });
  const choose = (key: string, taken: boolean) => {
    setChoices({ ...choices, [key]: taken });
    trial.reset();
  };
  const found = at && at.newest > at.insertion.version ? plan.data : undefined;
  const error = listed.error ?? plan.error ?? trial.error ?? take.error;
  return (
    <Modal opened onClose={onClose} title={t("more.template_update")} size="xl" zIndex={500}>
      {all.length > 1 && (
        <NativeSelect
          mb="sm"
          label={t("template.which")}
          value={at?.insertion.id}
          data={all.map((one) => ({
            value: one.insertion.id,
            label: t(one.newest > one.insertion.version ? "template.one_newer" : "template.one", {
              name: one.name,
              place: one.place || t("template.whole"),
              made: one.insertion.version,
              version: one.newest,
            }),
          }))}
          onChange={(event) => {
            setChosen(event.currentTarget.value);
            setChoices({});
            trial.reset();
          }}
        />
      )}
      {error && <ProblemAlert error={error} />}
      {listed.data && !at && <Text size="sm">{t("template.gone")}</Text>}
      {at && at.newest <= at.insertion.version && (
        <Text size="sm">
          {t("template.up_to_date", { name: at.name, version: at.insertion.version })}
        </Text>
      )}
      {at && found && (
        <>
          <Text size="sm">
            {t("template.brings", {
              name: at.name,
              from: found.from_version,
              version: found.version,
            })}{" "}
            {found.changes.length === 0 ? t("template.brings_nothing") : counts(found.changes)}
          </Text>
          {found.notes.map(({ number, note }) => (
            <Text size="sm" c="dimmed" key={number}>
              {t("template.note", { number, note })}
            </Text>
          ))}
          <ul className={classes.changes} aria-label={t("template.changes")}>
            {found.changes.map((change) => (
              <ChangeRow
                key={change.key}
                change={change}
                taken={choices[change.key] ?? change.taken}
                onTake={(taken) => choose(change.key, taken)}
                where={withRulesOf(found.mapping, doc)}
                before={doc}
                place={place}
              />
            ))}
          </ul>
          {trial.data && <TrialResult outcomes={trial.data.outcomes} tests={tests.mine} />}
        </>
      )}
      <Group mt="md" gap="sm">
        {at && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              store.change(forget(doc, at.insertion.id));
              store.say(t("template.forgotten", { name: at.name }));
              onClose();
            }}
          >
            {t("template.forget")}
          </Button>
        )}
        <Group ml="auto" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t("template.close")}
          </Button>
          {found && tests.mine.length > 0 && (
            <Button
              variant="default"
              leftSection={<IconFlask size={15} aria-hidden />}
              loading={trial.isPending}
              onClick={() => trial.mutate()}
            >
              {t("template.try", { count: tests.mine.length })}
            </Button>
          )}
          {found && (
            <Button loading={take.isPending} onClick={() => take.mutate()} data-autofocus>
              {t("template.take", { number: found.version })}
            </Button>
          )}
        </Group>
      </Group>
    </Modal>
  );
}

function counts(changes: Change[]): string {
  const kinds = ["added", "changed", "removed", "conflict"] as const;
  return kinds
    .map((kind) => [kind, changes.filter((one) => one.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => t(`template.count.${kind}`, { count }))
    .join(", ")
    .concat(".");
}

function ChangeRow({
  change,
  taken,
  onTake,
  where,
  before,
  place,
}: {
  change: Change;
  taken: boolean;
  onTake: (taken: boolean) => void;
  where: MappingDocument;
  before: MappingDocument;
  place: DialogProps["place"];
}) {
  const env = useExprEnv();
  const target = useSources(place).data?.target_schema;
  const names = { title: env.titleOf, fn: env.fnTitle };
  const words = (side: unknown) => sideWords(change, side, names);
  const title =
    change.part === "rule" && target
      ? placeWords(where, rootField(target), change.target)
      : change.part === "rule"
        ? change.target
        : t(`template.part_of.${change.part}`, { name: change.target });
  const gone = goneWith(before, change);
  return (
    <li data-kind={change.kind}>
      <div className={classes.change}>
        <i data-kind={change.kind}>{t(`template.kind.${change.kind}`)}</i>
        <b title={change.target}>{title}</b>
        {change.kind !== "conflict" && (
          <Checkbox
            size="xs"
            label={t("template.take_it")}
            aria-label={t("template.take_one", { target: change.target })}
            checked={taken}
            onChange={(event) => onTake(event.currentTarget.checked)}
          />
        )}
      </div>
      {change.kind === "conflict" ? (
        <div role="radiogroup" aria-label={t("template.choose", { target: change.target })}>
          {change.base !== null && (
            <p className={classes.was}>{t("template.was", { value: words(change.base) })}</p>
          )}
          <div className={classes.sides}>
            <Radio
              size="xs"
              name={change.key}
              checked={!taken}
              onChange={() => onTake(false)}
              label={
                change.mine === null
                  ? t("template.leave_out")
                  : t("template.keep_mine", { value: words(change.mine) })
              }
            />
            <Radio
              size="xs"
              name={change.key}
              checked={taken}
              onChange={() => onTake(true)}
              label={
                change.theirs !== null
                  ? [
                      t("template.take_theirs", { value: words(change.theirs) }),
                      gone > 0 && t("template.take_with", { count: gone }),
                    ]
                      .filter(Boolean)
                      .join(" · ")
                  : gone > 0
                    ? t("template.remove_with", { count: gone })
                    : t("template.remove_it")
              }
            />
          </div>
        </div>
      ) : (
        <p className={classes.was}>
          {change.mine !== null && (
            <>
              <del>{words(change.mine)}</del>
              {change.theirs !== null && " → "}
            </>
          )}
          {change.theirs !== null && <ins>{words(change.theirs)}</ins>}
        </p>
      )}
    </li>
  );
}

/** One side of a change, in words that differ where the sides do. */
function sideWords(change: Change, side: unknown, names: ExprNames): string {
  if (change.part === "own_field") return String((side as { type?: string }).type ?? "text");
  if (change.part === "function") return describeExpr((side as { body?: Expr }).body, names);
  if (change.part === "branch") {
    const { when } = side as { when?: Expr };
    return when ? describeExpr(when, names) : t("template.otherwise");
  }
  const rule = side as Rule;
  const others = [change.mine, change.theirs].filter((one) => one !== null) as Rule[];
  const differ = (key: keyof Rule) =>
    new Set(others.map((one) => JSON.stringify(one[key]))).size > 1;
  return [
    howOf(rule, names),
    rule.default && t("template.with.default", { value: describeExpr(rule.default, names) }),
    differ("target") && t("template.with.target", { target: rule.target }),
    differ("disabled") && t(rule.disabled ? "template.with.off" : "template.with.on"),
    differ("only") && t(`template.with.only_${rule.only ?? "both"}`),
    differ("on_missing") && t(`template.with.missing_${rule.on_missing ?? "omit"}`),
    differ("on_null") && t("template.with.null", { way: rule.on_null ?? "missing" }),
    differ("branch") && rule.branch && t("template.with.branch", { branch: rule.branch }),
  ]
    .filter(Boolean)
    .join(" · ");
}

function TrialResult({
  outcomes,
  tests,
}: {
  outcomes: { id: string; passed: boolean; differences: string[]; errors: string[] }[];
  tests: { id: string; name: string }[];
}) {
  const mine = tests.flatMap((test) => {
    const outcome = outcomes.find((one) => one.id === test.id);
    return outcome ? [{ ...outcome, name: test.name }] : [];
  });
  const failed = mine.filter((one) => !one.passed);
  return (
    <Alert
      mt="sm"
      variant="light"
      color={failed.length > 0 ? "yellow" : "green"}
      title={t("template.tried", { passed: mine.length - failed.length, count: mine.length })}
    >
      {failed.map((one) => (
        <p className={classes.was} key={one.id}>
          <b>{one.name}</b>: {[...one.errors, ...one.differences][0]}
        </p>
      ))}
    </Alert>
  );
}
