import { Alert, Button, Group, Modal, Skeleton, Text } from "@mantine/core";
import { IconBraces, IconBulb, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { asProblem } from "@/api/client";
import { EmptyState, ProblemAlert } from "@/shared/ui";
import { AddSample } from "./AddSample";
import { DriftBanner } from "./DriftBanner";
import { noticeText } from "./dropWords";
import { t } from "./en";
import { ExprEnvContext, useMakeEnv } from "./exprEnv";
import { Header } from "./Header";
import classes from "./Mapper.module.css";
import { MoreMenu } from "./MoreMenu";
import { countMapped, readMapping } from "./model";
import { withOwnFields, withoutOwnFields } from "./ownFields";
import { Panel } from "./Panel";
import { RuleTable } from "./RuleTable";
import { Stage } from "./Stage";
import { variablesAt, withVariables } from "./scopes";
import { sourceLists } from "./treeRows";
import type { Json, JsonSchema, MappingDocument, Sample, SourceTree } from "./types";
import { useFunctions } from "./useFunctions";
import { useMapper } from "./useMapper";
import { type MapperPlace, useAsking, usePreview, useSamples, useSources } from "./usePreview";
import { useRefusals } from "./useRefusals";
import { useSteady } from "./useSteady";
import { useSuggestions } from "./useSuggestions";

export interface MapperProps extends MapperPlace {
  mapping: MappingDocument | null | undefined;
  /** What is filled: "Create invoice in QuickBooks". */
  title: string;
  subtitle?: string;
  /** Overrides the schema the server names for the step, such as a find-or-create's search. */
  targetSchema?: JsonSchema;
  targetTitle?: string;
  /** The step's target is whatever is described here: its schema is saved with the mapping. */
  ownTarget?: boolean;
  /** For people who may look and not change. */
  readOnly?: boolean;
  onSave: (mapping: MappingDocument, target?: JsonSchema) => void | Promise<void>;
  onCancel: () => void;
}

const RETRY_MS = 5_000;
const NO_SOURCES: SourceTree[] = [];
const NO_SAMPLES: Sample[] = [];
const NO_SCHEMA: JsonSchema = {};

/** Two trees, the lines between them, and what they make of a real document. */
export function Mapper(props: MapperProps) {
  const { workspace, flowId, document, nodeId, environment, slot } = props;
  const place = useMemo(
    () => ({ workspace, flowId, document, nodeId, environment, slot }),
    [workspace, flowId, document, nodeId, environment, slot],
  );
  const first = useRef(readMapping(props.mapping)).current;
  const sources = useSources(place);
  const samples = useSamples(place);
  const functions = useFunctions(workspace);
  const [sampleId, setSampleId] = useState<string | null>(null);
  const [view, setView] = useState<"lines" | "table">("lines");
  const [leaving, setLeaving] = useState(false);
  const [saving, setSaving] = useState(false);

  const [own, setOwn] = useState<Sample[]>(NO_SAMPLES);
  const [adding, setAdding] = useState(false);
  const list = useMemo(() => [...own, ...(samples.data ?? NO_SAMPLES)], [own, samples.data]);
  const sample =
    list.find((s) => s.id === sampleId) ??
    // A document that went through has a value on every line; the newest may be a broken one.
    list.find((s) => s.kind === "run" && s.status === "succeeded") ??
    list[0] ??
    null;
  const asking = useAsking(place, sample, first);
  const store = useMapper(first, asking.ask, props.readOnly);
  const { doc } = store;
  const { preview, error } = usePreview(place, doc, sample, samples.isFetched, asking);
  const context = useSame<Json | undefined>(
    preview?.context ?? (sample ? { trigger: sample.document, steps: {} } : undefined),
  );
  const trees = sources.data?.sources ?? NO_SOURCES;
  const given = props.targetSchema ?? sources.data?.target_schema ?? NO_SCHEMA;
  const { mapping: opened } = props;
  const plainSchema = useMemo(
    () => (props.ownTarget ? withoutOwnFields(given, opened?.own_fields) : given),
    [given, props.ownTarget, opened],
  );
  const targetSchema = useMemo(
    () => withOwnFields(plainSchema, doc.own_fields),
    [plainSchema, doc.own_fields],
  );
  const variables = useSame(
    useMemo(() => variablesAt(doc, store.selected ?? "", trees), [doc, store.selected, trees]),
  );
  const readable = useMemo(() => [...trees, ...variables], [trees, variables]);
  const seen = useMemo(
    () => withVariables(doc, store.selected ?? "", variables, context),
    [doc, store.selected, variables, context],
  );
  const env = useMakeEnv(readable, functions, seen, place);
  const lists = useMemo(() => sourceLists(env.nodes), [env.nodes]);
  const refused = useRefusals(place);
  const suggestions = useSuggestions(doc, env.nodes, targetSchema, refused.keys);
  const [focus, setFocus] = useState(false);
  const coverage = useMemo(() => countMapped(doc, targetSchema), [doc, targetSchema]);

  const { prepare } = store;
  const loaded = sources.data !== undefined;
  useEffect(() => {
    if (loaded) prepare(trees, targetSchema);
  }, [loaded, prepare, trees, targetSchema]);

  const save = async () => {
    setSaving(true);
    try {
      await (props.ownTarget ? props.onSave(doc, targetSchema) : props.onSave(doc));
      store.markSaved();
    } finally {
      setSaving(false);
    }
  };
  // What failed for want of a connection is asked again by itself.
  const client = useQueryClient();
  const retry = useCallback(
    () => void client.refetchQueries({ queryKey: [workspace, "flow", flowId, "preview"] }),
    [client, workspace, flowId],
  );
  const away = error !== null && asProblem(error).status === 0;
  useEffect(() => {
    if (!away) return;
    const timer = window.setInterval(retry, RETRY_MS);
    return () => window.clearInterval(timer);
  }, [away, retry]);
  const steady = useSteady({
    sample: (id: string) => {
      setSampleId(id);
      const title = list.find((s) => s.id === id)?.title ?? "";
      store.say(t("announce.sample", { title }));
    },
    addSample: () => setAdding(true),
    save: () => void save(),
    leave: () => (store.dirty ? setLeaving(true) : props.onCancel()),
  });

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Delete or undo in here must not reach the canvas below.
    event.stopPropagation();
    const command = event.ctrlKey || event.metaKey;
    const typing = (event.target as HTMLElement).matches("input, textarea, select");
    const key = event.key.toLowerCase();
    if (event.key === "F6") {
      event.preventDefault();
      toNextPart(event.currentTarget, event.shiftKey ? -1 : 1);
      return;
    }
    if (command && key === "s") {
      event.preventDefault();
      if (store.dirty) void save();
    } else if (command && !typing && (key === "y" || (key === "z" && event.shiftKey))) {
      event.preventDefault();
      store.redo();
      store.say(t("announce.redone"));
    } else if (command && !typing && key === "z") {
      event.preventDefault();
      store.undo();
      store.say(t("announce.undone"));
    }
  };

  const assumed = useMemo(
    () => (preview?.assumed ?? []).map((id) => env.titleOf(`steps.${id}`) ?? id),
    [preview, env],
  );
  const more = useMemo(
    () => (
      <MoreMenu
        workspace={workspace}
        place={place}
        store={store}
        preview={preview}
        sample={sample}
        focus={focus}
        onFocus={setFocus}
      />
    ),
    [workspace, place, store, preview, sample, focus],
  );
  return (
    <ExprEnvContext.Provider value={env}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of the whole screen */}
      <div className={classes.mapper} onKeyDown={onKeyDown} tabIndex={-1} data-mapper>
        <Header
          title={props.title}
          subtitle={props.subtitle}
          store={store}
          samples={list}
          sample={sample}
          onSample={steady.sample}
          onAddSample={steady.addSample}
          view={view}
          onView={setView}
          coverage={coverage}
          place={place}
          saving={saving}
          readOnly={props.readOnly}
          onSave={steady.save}
          onCancel={steady.leave}
          more={more}
        />
        <DriftBanner place={place} store={store} drift={sources.data?.drift} />
        <div className={classes.work}>
          {sources.error ? (
            <div className={classes.failure}>
              <ProblemAlert error={sources.error} onRetry={() => void sources.refetch()} />
            </div>
          ) : !loaded ? (
            <Loading />
          ) : given === NO_SCHEMA && !props.ownTarget && doc.rules.length === 0 ? (
            <EmptyState icon={IconBraces} title={t("target.none_title")}>
              {t("target.none")}
            </EmptyState>
          ) : view === "table" ? (
            <RuleTable store={store} preview={preview} targetSchema={targetSchema} />
          ) : (
            <Stage
              store={store}
              targetSchema={targetSchema}
              targetTitle={props.targetTitle ?? targetSchema.title ?? props.title}
              preview={preview}
              context={seen}
              suggestions={suggestions}
              focus={focus}
              plainSchema={plainSchema}
              place={place}
            />
          )}
          <div className={classes.messages}>
            {error && (
              <Alert color="red" variant="light" py={6} role="status">
                {t("preview.failed", { reason: error.message })}{" "}
                {asProblem(error).status !== 403 && (
                  <Button size="compact-xs" variant="default" onClick={retry}>
                    {t("preview.retry")}
                  </Button>
                )}
              </Alert>
            )}
            {store.picked && (
              <div className={classes.notice} data-tone="accent">
                {t("picked.hint", { source: store.picked.title })}
              </div>
            )}
            {store.notices.length > 0 && (
              <div className={classes.notice}>
                <IconBulb size={15} stroke={1.7} aria-hidden />
                <span>
                  {store.notices
                    .map((n) =>
                      noticeText(
                        n.word,
                        env.titleOf(n.detail) ?? env.fnTitle(n.detail) ?? n.detail,
                      ),
                    )
                    .join(" ")}
                </span>
                <button type="button" onClick={store.undo}>
                  {t("notice.undo")}
                </button>
                <button type="button" aria-label={t("notice.dismiss")} onClick={store.dismiss}>
                  <IconX size={13} aria-hidden />
                </button>
              </div>
            )}
          </div>
        </div>
        <Panel
          store={store}
          targetSchema={targetSchema}
          preview={preview}
          place={place}
          sample={sample}
          suggestions={suggestions}
          refused={refused}
          lists={lists}
          assumed={assumed}
        />
        <div className="cw-visually-hidden" role="status" aria-live="polite">
          <span key={store.said.number}>{store.said.text}</span>
        </div>
        {adding && (
          <AddSample
            workspace={workspace}
            onClose={() => setAdding(false)}
            onUse={(pasted) => {
              const number = own.length + 1;
              const title = t("sample.name", { number });
              const made: Sample = { id: `own-${number}`, title, kind: "own", document: pasted };
              setOwn((before) => [made, ...before]);
              setSampleId(made.id);
            }}
          />
        )}
        <Modal
          opened={leaving}
          onClose={() => setLeaving(false)}
          title={t("mapper.discard.title")}
          size={500}
          zIndex={500}
        >
          <Text size="sm">{t("mapper.discard.text")}</Text>
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={() => setLeaving(false)} data-autofocus>
              {t("mapper.discard.stay")}
            </Button>
            <Button variant="outline" color="red.9" onClick={props.onCancel}>
              {t("mapper.discard.leave")}
            </Button>
            <Button loading={saving} onClick={() => void save()}>
              {t("mapper.discard.save")}
            </Button>
          </Group>
        </Modal>
      </div>
    </ExprEnvContext.Provider>
  );
}

const PARTS = [
  '[data-part="rules"] [role="grid"] [tabindex="0"]',
  '[data-side-panel="source"] [role="treeitem"][tabindex="0"]',
  '[data-side-panel="target"] [role="treeitem"][tabindex="0"]',
  '[data-part="details"] [role="tab"][aria-selected="true"]',
];

/** The keyboard goes from tree to tree, or the table, to the details, and round again. */
function toNextPart(within: HTMLElement, by: 1 | -1): void {
  const parts = PARTS.map((part) => within.querySelector<HTMLElement>(part));
  const owner = (part: HTMLElement | null) => part?.closest("section");
  const at = parts.findIndex((part) => owner(part)?.contains(document.activeElement));
  for (let step = 1; step <= parts.length; step += 1) {
    const next = parts[(at + by * step + 2 * parts.length) % parts.length];
    if (next) {
      next.focus();
      return;
    }
  }
}

/** The value of before as long as the new one says the same, so that nothing is built anew. */
function useSame<T>(value: T): T {
  const text = useMemo(() => JSON.stringify(value), [value]);
  const [held, setHeld] = useState({ value, text });
  if (held.text === text) return held.value;
  setHeld({ value, text });
  return value;
}

function Loading() {
  return (
    <div className={classes.loading} role="status" aria-label={t("mapper.loading")}>
      {["source", "target"].map((side) => (
        <div key={side}>
          {[86, 62, 74, 55, 80, 68, 47, 71].map((width) => (
            <Skeleton key={width} height={14} width={`${width}%`} radius="sm" />
          ))}
        </div>
      ))}
    </div>
  );
}

/** The mapper over everything else, as the designer opens it. */
export function MapperModal({ opened, ...props }: MapperProps & { opened: boolean }) {
  return (
    <Modal
      opened={opened}
      onClose={props.onCancel}
      fullScreen
      // It covers the whole window: a veil beneath, blurred anew for every frame, nobody would see.
      withOverlay={false}
      shadow="none"
      radius={0}
      padding={0}
      withCloseButton={false}
      closeOnEscape={false}
      attributes={{ content: { "aria-label": props.title } }}
      transitionProps={{ transition: "fade", duration: 120 }}
      classNames={{ body: classes.modalBody, content: classes.modalContent }}
    >
      {opened && <Mapper {...props} />}
    </Modal>
  );
}

/** The mapper as a screen of its own. */
export function MapperPage(props: MapperProps) {
  return (
    <main className={classes.page}>
      <Mapper {...props} />
    </main>
  );
}
