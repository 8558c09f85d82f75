import { ActionIcon, Button, Checkbox, TextInput, Tooltip } from "@mantine/core";
import {
  IconCheck,
  IconPlayerPlay,
  IconPlus,
  IconRefresh,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "@/shared/ui";
import { t } from "./en";
import classes from "./Suggestions.module.css";
import type { Json, MappingDocument, Preview, Sample } from "./types";
import { useMappingTests } from "./useMappingTests";
import type { MapperPlace } from "./usePreview";

/** Documents whose result is known: run on the mapping as it is drawn, and before it is published. */
export function TestsPanel({
  place,
  mapping,
  preview,
  sample,
}: {
  place: MapperPlace;
  mapping: MappingDocument;
  preview: Preview | undefined;
  sample: Sample | null;
}) {
  const { tests, mine, ran, save, change, remove, covered } = useMappingTests(place, mapping);
  const [name, setName] = useState<string | null>(null);
  const [blocks, setBlocks] = useState(true);
  const outcomes = new Map((ran.data?.outcomes ?? []).map((o) => [o.id, o]));
  const passed = mine.filter((test) => outcomes.get(test.id)?.passed).length;
  const error = tests.error ?? ran.error ?? save.error ?? change.error ?? remove.error;
  // A test whose result cannot be known would fail at once, and hold up publishing.
  const unknown = Object.values(preview?.values ?? {}).filter(
    (value) => "pending" in value || "error" in value,
  ).length;
  const keep = () => {
    if (!preview || !name?.trim()) return;
    save.mutate(
      {
        name: name.trim(),
        input: preview.context as unknown as Json,
        expected: preview.output,
        blocks,
      },
      { onSuccess: () => setName(null) },
    );
  };
  return (
    <div className={classes.suggestions}>
      <div className={classes.bar}>
        <Button
          size="compact-sm"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          disabled={mine.length === 0}
          loading={ran.isPending}
          onClick={() => ran.mutate(undefined)}
        >
          {t("tests.run")}
        </Button>
        {name === null ? (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={!preview || unknown > 0}
            onClick={() => setName(sample?.title ?? t("tests.new"))}
          >
            {t("tests.add")}
          </Button>
        ) : (
          <>
            <TextInput
              size="xs"
              w={240}
              autoFocus
              aria-label={t("tests.name")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") keep();
                if (event.key === "Escape") setName(null);
              }}
            />
            <Checkbox
              size="xs"
              label={t("tests.blocks")}
              checked={blocks}
              onChange={(event) => setBlocks(event.currentTarget.checked)}
            />
            <Button size="compact-sm" loading={save.isPending} onClick={keep}>
              {t("tests.keep")}
            </Button>
          </>
        )}
        <span className={classes.spacer} />
        <span className={classes.from} role="status">
          {ran.data && mine.length > 0 && t("tests.passed", { passed, total: mine.length })}
          {covered &&
            ` · ${t("tests.coverage", { ran: covered.rules - covered.never_ran.length, total: covered.rules })}`}
        </span>
      </div>
      {error && <ProblemAlert error={error} />}
      {unknown > 0 && (
        <p className={classes.open} role="note">
          {t("tests.open", { count: unknown })}
        </p>
      )}
      {mine.length === 0 && <p className={classes.none}>{t("tests.none")}</p>}
      <ul aria-label={t("tests.label")}>
        {mine.map((test) => {
          const outcome = outcomes.get(test.id);
          const said = [...(outcome?.errors ?? []), ...(outcome?.differences ?? [])];
          return (
            <li key={test.id} style={{ display: "block", padding: 0 }}>
              <div className={classes.bar}>
                <span className={classes.outcome} data-passed={outcome?.passed}>
                  {outcome ? (
                    outcome.passed ? (
                      <IconCheck size={14} aria-hidden />
                    ) : (
                      <IconX size={14} aria-hidden />
                    )
                  ) : null}
                  {outcome ? t(outcome.passed ? "tests.pass" : "tests.fail") : t("tests.not_run")}
                </span>
                <b>{test.name}</b>
                {test.blocks && <span className={classes.from}>{t("tests.blocks_short")}</span>}
                <span className={classes.spacer} />
                {outcome && !outcome.passed && preview && (
                  <Tooltip label={t("tests.accept_hint")}>
                    <ActionIcon
                      size="sm"
                      aria-label={t("tests.accept", { name: test.name })}
                      onClick={() => change.mutate({ ...test, expected: preview.output })}
                    >
                      <IconRefresh size={15} />
                    </ActionIcon>
                  </Tooltip>
                )}
                <ActionIcon
                  size="sm"
                  aria-label={t("tests.remove", { name: test.name })}
                  onClick={() => remove.mutate(test.id)}
                >
                  <IconTrash size={15} />
                </ActionIcon>
              </div>
              {said.length > 0 && <p className={classes.detail}>{said.slice(0, 8).join("\n")}</p>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
