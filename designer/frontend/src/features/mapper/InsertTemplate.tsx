import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  NativeSelect,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { formatPercent } from "@/shared/time";
import { ProblemAlert, VendorIcon } from "@/shared/ui";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { readMapping } from "./model";
import { withOwnFields } from "./ownFields";
import { type DialogProps, type StartingPoint, useTemplates } from "./TemplateDialogs";
import classes from "./Templates.module.css";
import {
  fitOf,
  guessTrees,
  knownShare,
  movedTo,
  placesFor,
  readsHere,
  readsOf,
  recordOf,
} from "./templateFit";
import type { MappingDocument, SourceTree } from "./types";
import { useBackToMapper } from "./useBackToMapper";
import { useSources } from "./usePreview";

interface Chosen {
  id: string;
  name: string;
  mapping: MappingDocument;
  /** What it reads that this flow has not, or has otherwise. */
  reads: Map<string, string[]>;
  /** The record it stands under, and those it could. */
  record: string;
  places: { path: string; title: string; fits: number }[];
}

interface How {
  reads?: Record<string, string>;
  place?: { from: string; to: string };
}

interface LaidIn {
  mapping: MappingDocument;
  added: number;
  skipped: number;
}

/** Lays a template of the workspace, or a connector's starting point, into the mapping. */
export function InsertTemplate({ workspace, store, place, onClose }: DialogProps) {
  const client = useQueryClient();
  useBackToMapper();
  const templates = useTemplates(workspace);
  const target = useSources(place).data?.target_schema;
  const { sources } = useExprEnv();
  const trees = useMemo(() => sources.filter((one) => !one.path.startsWith("$")), [sources]);
  const [search, setSearch] = useState("");
  const [replace, setReplace] = useState(false);
  const [others, setOthers] = useState(false);
  const [removing, setRemoving] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);

  const put = useMutation({
    mutationFn: ({ id, how }: { id: string; how: How }) =>
      api.postExact<LaidIn>(inWorkspace(workspace, `/mapping-templates/${id}/insert`), {
        mapping: store.doc,
        instead: replace,
        ...how,
      }),
    onSuccess: ({ mapping, added, skipped }) => {
      const doc = readMapping(mapping);
      const before = new Set(store.doc.rules.map((rule) => rule.id));
      store.change(doc);
      for (const rule of doc.rules) if (!before.has(rule.id)) store.reveal("target", rule.target);
      store.say(t("template.inserted", { added, skipped }));
      // A connector's mapping is followed from now on.
      void client.invalidateQueries({ queryKey: [workspace, "mapping-templates"] });
      onClose();
    },
  });
  const choose = (id: string, name: string, found: unknown) => {
    const mapping = readMapping(found);
    const reads = readsOf(mapping);
    const known = readsHere(reads, trees);
    const record = recordOf(mapping);
    const schema = target ? withOwnFields(target, store.doc.own_fields) : null;
    const places = schema ? placesFor(mapping, schema) : [];
    const elsewhere = places.some((one) => one.path !== record);
    if (known && !elsewhere) put.mutate({ id, how: {} });
    else setChosen({ id, name, mapping, reads: known ? new Map() : reads, record, places });
  };
  const open = useMutation({
    mutationFn: ({ id }: { id: string; name: string }) =>
      api.getExact<{ start: MappingDocument }>(inWorkspace(workspace, `/mapping-templates/${id}`)),
    onSuccess: (found, { id, name }) => choose(id, name, found.start),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(inWorkspace(workspace, `/mapping-templates/${id}`)),
    onSuccess: () => client.invalidateQueries({ queryKey: [workspace, "mapping-templates"] }),
  });
  const wanted = search.trim().toLowerCase();
  const own = (templates.data?.items ?? []).filter((one) =>
    `${one.name} ${one.description}`.toLowerCase().includes(wanted),
  );
  const starting = useMemo(() => {
    const schema = target ? withOwnFields(target, store.doc.own_fields) : null;
    return (templates.data?.starting_points ?? [])
      .map((one) => {
        const mapping = readMapping(one.mapping);
        return { one, rules: mapping.rules.length, fits: schema ? fitOf(mapping, schema) : 0 };
      })
      .sort((a, b) => b.fits / b.rules - a.fits / a.rules);
  }, [templates.data, target, store.doc.own_fields]);
  const found = starting.filter(({ one }) => one.title.toLowerCase().includes(wanted));
  // What has hardly a place in this target is shown to those who look for it.
  const fitting = found.filter(({ fits, rules }) => fits * 2 >= rules);
  const shown = others || wanted || fitting.length === 0 ? found : fitting;
  const error = templates.error ?? open.error ?? put.error ?? remove.error;
  if (chosen) {
    return (
      <Modal opened onClose={onClose} title={chosen.name} size="lg" zIndex={500}>
        {error && <ProblemAlert error={error} />}
        <HowLaidIn
          chosen={chosen}
          filled={replace ? [] : store.doc.rules.map((rule) => rule.target)}
          sources={trees}
          loading={put.isPending}
          onBack={() => setChosen(null)}
          onUse={(how) => put.mutate({ id: chosen.id, how })}
        />
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={t("template.insert_title")} size="lg" zIndex={500}>
      <TextInput
        aria-label={t("template.search")}
        placeholder={t("template.search")}
        data-autofocus
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Checkbox
        my="sm"
        size="xs"
        label={t("template.replace")}
        checked={replace}
        onChange={(event) => setReplace(event.currentTarget.checked)}
      />
      {error && <ProblemAlert error={error} />}
      <div className={classes.list}>
        {(own.length > 0 || !wanted) && <h3>{t("template.own")}</h3>}
        {own.length === 0 && !wanted && <p>{t("template.none")}</p>}
        <ul>
          {own.map((one) => (
            <li key={one.id}>
              <span className={classes.what}>
                <b>{one.name}</b> <i>{t("template.version", { number: one.version })}</i>
                {one.description && <em>{one.description}</em>}
              </span>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`${t("template.insert")} ${one.name}`}
                loading={
                  (open.isPending && open.variables.id === one.id) ||
                  (put.isPending && put.variables.id === one.id)
                }
                onClick={() => open.mutate({ id: one.id, name: one.name })}
              >
                {t("template.insert")}
              </Button>
              {removing === one.id ? (
                <Button
                  size="compact-sm"
                  color="red.9"
                  loading={remove.isPending}
                  onClick={() => remove.mutate(one.id)}
                >
                  {t("template.remove_now")}
                </Button>
              ) : (
                <Tooltip label={t("template.remove", { name: one.name })}>
                  <ActionIcon
                    size="sm"
                    aria-label={t("template.remove", { name: one.name })}
                    onClick={() => setRemoving(one.id)}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                </Tooltip>
              )}
            </li>
          ))}
        </ul>
        {shown.length > 0 && <h3>{t("template.starting")}</h3>}
        <ul>
          {shown.map(({ one, rules, fits }) => (
            <Starting
              key={one.id}
              one={one}
              rules={rules}
              fits={target ? fits : null}
              loading={put.isPending && put.variables.id === one.id}
              onInsert={() => choose(one.id, one.title, one.mapping)}
            />
          ))}
        </ul>
        {found.length > shown.length && (
          <Button size="compact-sm" variant="subtle" mt={6} onClick={() => setOthers(true)}>
            {t("template.others", { count: found.length - shown.length })}
          </Button>
        )}
        {wanted && own.length + found.length === 0 && <p>{t("template.nothing")}</p>}
      </div>
    </Modal>
  );
}

function Starting({
  one,
  rules,
  fits,
  loading,
  onInsert,
}: {
  one: StartingPoint;
  rules: number;
  fits: number | null;
  loading: boolean;
  onInsert: () => void;
}) {
  return (
    <li>
      <VendorIcon icon={one.connector} size={20} />
      <span className={classes.what}>
        <b>{one.title}</b>
        <em>
          {fits === null
            ? t("template.rules", { count: rules })
            : fits === rules
              ? t("template.fits_all", { count: rules })
              : t("template.fits", { fits, count: rules })}
        </em>
      </span>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`${t("template.insert")} ${one.title}`}
        loading={loading}
        onClick={onInsert}
      >
        {t("template.insert")}
      </Button>
    </li>
  );
}

/** A template speaks of steps and records by name: which of this flow and target are meant? */
function HowLaidIn({
  chosen,
  filled,
  sources,
  loading,
  onBack,
  onUse,
}: {
  chosen: Chosen;
  /** Targets whose rules stay. */
  filled: string[];
  sources: SourceTree[];
  loading: boolean;
  onBack: () => void;
  onUse: (how: How) => void;
}) {
  const { record, places, mapping } = chosen;
  const [from, setFrom] = useState(() => guessTrees(chosen.reads, sources));
  // Where it was made, unless all of that is filled and another place is free.
  const [to, setTo] = useState(() => {
    const there = new Set(filled);
    const left = (path: string) =>
      movedTo(mapping, record, path).rules.some((rule) => !there.has(rule.target));
    const free = places.find((one) => left(one.path));
    return left(record) || !free ? record : free.path;
  });
  const own = places.find((one) => one.path === record);
  const others = places.filter((one) => one.path !== record);
  const wordsOf = (path: string, title = path) => title || path || t("template.whole");
  const knows = (root: string, paths: string[]) => {
    const tree = sources.find((one) => one.path === from[root]);
    if (!tree) return t("template.read_none");
    return t("template.read_known", {
      known: formatPercent(Math.round(100 * knownShare(paths, root, tree))),
    });
  };
  return (
    <>
      {chosen.reads.size > 0 && (
        <Text size="sm" mb="sm">
          {t("template.read_from")}
        </Text>
      )}
      {[...chosen.reads].map(([root, paths]) => (
        <NativeSelect
          key={root}
          mb="xs"
          label={t("template.read_root", { root, count: paths.length })}
          description={knows(root, paths)}
          value={from[root] ?? ""}
          onChange={(event) => setFrom({ ...from, [root]: event.currentTarget.value })}
          data={[
            { value: "", label: t("template.read_as_is", { root }) },
            ...sources.map((tree) => ({ value: tree.path, label: tree.title })),
          ]}
        />
      ))}
      {others.length > 0 && (
        <NativeSelect
          mb="xs"
          label={t("template.where")}
          description={t("template.fits", {
            fits: places.find((one) => one.path === to)?.fits ?? 0,
            count: mapping.rules.length,
          })}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          data={[
            { value: record, label: t("template.as_made", { place: wordsOf(record, own?.title) }) },
            ...others.map((one) => ({ value: one.path, label: wordsOf(one.path, one.title) })),
          ]}
        />
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onBack}>
          {t("template.back")}
        </Button>
        <Button
          loading={loading}
          onClick={() =>
            onUse({ reads: from, ...(to === record ? {} : { place: { from: record, to } }) })
          }
          data-autofocus
        >
          {t("template.insert")}
        </Button>
      </Group>
    </>
  );
}
