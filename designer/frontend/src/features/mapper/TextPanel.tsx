import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { bringTogether } from "./bringTogether";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { readMapping } from "./model";
import classes from "./Text.module.css";
import { contextSchema, placeOf } from "./textSync";
import type { MappingDocument } from "./types";
import type { MapperStore } from "./useMapper";

interface Said {
  mapping: MappingDocument;
  notes: { position: number; text: string; message: string }[];
  code_rules: string[];
}

const LINE_PX = 19;

/** The whole mapping as one JSONata text, which may be changed: the change comes back as blocks. */
export function TextPanel({ store, text }: { store: MapperStore; text: string }) {
  const { workspace, sources } = useExprEnv();
  const [draft, setDraft] = useState<string | null>(null);
  const [scrolled, setScrolled] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  const shown = draft ?? text;
  const changed = draft !== null && draft !== text;
  const latest = useRef(store.doc);
  useEffect(() => {
    latest.current = store.doc;
  }, [store.doc]);
  const apply = useMutation({
    mutationFn: ({ said, doc }: { said: string; doc: MappingDocument }) =>
      api.postExact<Said>(inWorkspace(workspace ?? "", "/mapping/from-text"), {
        text: said,
        source_schema: contextSchema(sources.filter((s) => !s.path.startsWith("$"))),
        mapping: doc,
      }),
    onSuccess: (said, { doc }) => {
      const made = readMapping(said.mapping);
      // What has been drawn since it was asked stays.
      const now = latest.current;
      store.change(now === doc ? made : bringTogether(doc, now, made).doc);
      store.say(t("text.applied"));
      setDraft(null);
    },
    onError: (error) => {
      const at = Number(asProblem(error).extras.position ?? 0);
      const field = box.current;
      if (!field || at <= 0) return;
      field.focus();
      field.setSelectionRange(at - 1, at);
      field.scrollTop = Math.max(0, (placeOf(field.value, at).line - 4) * LINE_PX);
    },
  });
  const problem = apply.error ? asProblem(apply.error) : null;
  const wrong = problem ? placeOf(shown, Number(problem.extras.position ?? 1)) : null;
  const said = apply.data;
  return (
    <div className={classes.textPanel}>
      <div className={classes.bar}>
        <Button
          size="compact-sm"
          disabled={!changed}
          loading={apply.isPending}
          onClick={() => apply.mutate({ said: shown, doc: store.doc })}
        >
          {t("text.apply")}
        </Button>
        {changed && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              setDraft(null);
              apply.reset();
            }}
          >
            {t("text.reset")}
          </Button>
        )}
        <span className={classes.state} role="status" data-tone={problem ? "red" : undefined}>
          {problem && wrong ? (
            <>
              <IconAlertCircle size={14} aria-hidden />
              {problem.extras.position
                ? t("text.position", { ...wrong, message: problem.title })
                : problem.title}
            </>
          ) : changed ? (
            t("text.changed")
          ) : said && said.code_rules.length > 0 ? (
            t("text.code", { count: said.code_rules.length })
          ) : (
            t(said ? "text.applied" : "text.fine")
          )}
        </span>
        <CopyButton value={shown}>
          {({ copied, copy }) => (
            <Tooltip label={t("panel.copy")}>
              <ActionIcon size="sm" aria-label={t("panel.copy")} onClick={copy}>
                {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </div>
      {said && !changed && said.notes.length > 0 && (
        <ul className={classes.notes}>
          {said.notes.slice(0, 20).map((note) => (
            <li key={`${note.position}:${note.message}`}>
              {note.message} <code>{note.text.slice(0, 80)}</code>
            </li>
          ))}
        </ul>
      )}
      <div className={classes.editor}>
        <div className={classes.numbers} aria-hidden>
          <div style={{ transform: `translateY(${-scrolled}px)` }}>
            {shown.split("\n").map((_, index) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a line is known by its number
                key={index}
                data-wrong={(problem && wrong?.line === index + 1) || undefined}
              >
                {index + 1}
              </span>
            ))}
          </div>
        </div>
        <textarea
          ref={box}
          aria-label={t("text.label")}
          aria-invalid={problem !== null || undefined}
          spellCheck={false}
          wrap="off"
          value={shown}
          onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
          onChange={(event) => {
            setDraft(event.currentTarget.value);
            if (apply.isError) apply.reset();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && changed) {
              event.preventDefault();
              apply.mutate({ said: shown, doc: store.doc });
            }
          }}
        />
      </div>
    </div>
  );
}
