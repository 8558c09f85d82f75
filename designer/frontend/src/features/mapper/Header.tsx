import { ActionIcon, Button, Loader, SegmentedControl, Select, Text, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronLeft,
  IconChevronRight,
  IconFilePlus,
  IconGitMerge,
  IconTable,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "./en";
import classes from "./Mapper.module.css";
import type { Coverage } from "./model";
import type { Sample } from "./types";
import type { MapperStore } from "./useMapper";
import { type MapperPlace, usePreviewing } from "./usePreview";

interface HeaderProps {
  title: string;
  subtitle?: string;
  store: MapperStore;
  samples: Sample[];
  sample: Sample | null;
  onSample: (id: string) => void;
  onAddSample: () => void;
  view: "lines" | "table";
  onView: (view: "lines" | "table") => void;
  coverage: Coverage;
  place: MapperPlace;
  saving: boolean;
  onSave: () => void;
  onCancel: () => void;
  more: ReactNode;
}

const KINDS = ["own", "run", "example", "sandbox"] as const;

/** What is mapped, on which document it is tried, and the way out. */
export function Header(props: HeaderProps) {
  const { store, samples, sample, coverage } = props;
  const updating = usePreviewing(props.place);
  const at = sample ? samples.indexOf(sample) : -1;
  const left = coverage.requiredTotal - coverage.requiredMapped;
  return (
    <section className={classes.header} aria-label={t("mapper.tools")}>
      <div className={classes.heading}>
        <h1>{props.title}</h1>
        <Text size="xs" c="dimmed">
          {props.subtitle ? `${props.subtitle} · ` : ""}
          {t("mapper.coverage", { count: coverage.mapped })}
          {" · "}
          <span data-tone={left > 0 ? "amber" : "green"} className={classes.left}>
            {left > 0 ? t("mapper.required_left", { count: left }) : t("mapper.required_done")}
          </span>
        </Text>
      </div>

      <fieldset
        className={classes.samples}
        aria-label={t("sample.label")}
        onKeyDown={(event) => {
          if ((event.target as HTMLElement).tagName === "INPUT") return;
          const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
          const next = samples[at + step];
          if (step !== 0 && next) props.onSample(next.id);
        }}
      >
        <Tooltip label={t("sample.previous")}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t("sample.previous")}
            disabled={at <= 0}
            onClick={() => samples[at - 1] && props.onSample(samples[at - 1]?.id ?? "")}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
        </Tooltip>
        <Select
          size="xs"
          w={270}
          aria-label={t("sample.label")}
          placeholder={t("sample.none")}
          searchable
          allowDeselect={false}
          disabled={samples.length === 0}
          value={sample?.id ?? null}
          onChange={(id) => id && props.onSample(id)}
          data={KINDS.map((kind) => ({
            group: t(`sample.kind.${kind}`),
            items: samples
              .filter((s) => s.kind === kind)
              .map((s) => ({ value: s.id, label: s.title })),
          })).filter((g) => g.items.length > 0)}
          rightSection={
            updating ? (
              <Loader size={12} aria-label={t("preview.updating")} />
            ) : samples.length > 1 ? (
              <span className={classes.position}>
                {at + 1}/{samples.length}
              </span>
            ) : undefined
          }
          rightSectionWidth={44}
        />
        <Tooltip label={t("sample.next")}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t("sample.next")}
            disabled={at < 0 || at >= samples.length - 1}
            onClick={() => samples[at + 1] && props.onSample(samples[at + 1]?.id ?? "")}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("sample.add")}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={t("sample.add")}
            onClick={props.onAddSample}
          >
            <IconFilePlus size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </fieldset>

      <div className={classes.tools}>
        <SegmentedControl
          size="xs"
          aria-label={t("mapper.view")}
          value={props.view}
          onChange={(value) => props.onView(value as "lines" | "table")}
          data={[
            {
              value: "lines",
              label: (
                <span className={classes.viewLabel}>
                  <IconGitMerge size={14} aria-hidden />
                  {t("mapper.view.lines")}
                </span>
              ),
            },
            {
              value: "table",
              label: (
                <span className={classes.viewLabel}>
                  <IconTable size={14} aria-hidden />
                  {t("mapper.view.table")}
                </span>
              ),
            },
          ]}
        />
        <Tooltip label={`${t("mapper.undo")} (Ctrl Z)`}>
          <ActionIcon
            size={30}
            aria-label={t("mapper.undo")}
            disabled={!store.canUndo}
            onClick={store.undo}
          >
            <IconArrowBackUp size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={`${t("mapper.redo")} (Ctrl Y)`}>
          <ActionIcon
            size={30}
            aria-label={t("mapper.redo")}
            disabled={!store.canRedo}
            onClick={store.redo}
          >
            <IconArrowForwardUp size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        {props.more}
        <Button size="xs" variant="default" onClick={props.onCancel}>
          {t(store.dirty ? "mapper.cancel" : "mapper.close")}
        </Button>
        <Button size="xs" onClick={props.onSave} loading={props.saving} disabled={!store.dirty}>
          {t("mapper.save")}
        </Button>
      </div>
    </section>
  );
}
