import { ActionIcon, Button, SegmentedControl, Text, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconEye,
  IconGitMerge,
  IconTable,
} from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { BeginNote } from "./BeginNote";
import { t } from "./en";
import { Kept } from "./Kept";
import classes from "./Mapper.module.css";
import type { Coverage } from "./model";
import notes from "./Notes.module.css";
import { SampleStepper } from "./SampleStepper";
import { TemplateNews } from "./TemplateNews";
import type { Sample } from "./types";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

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
  readOnly?: boolean;
  onSave: () => void;
  onCancel: () => void;
  more: ReactNode;
}

/** What is mapped, on which document it is tried, and the way out. */
export const Header = memo(function Header(props: HeaderProps) {
  const { store, samples, sample, coverage } = props;
  const left = coverage.requiredTotal - coverage.requiredMapped;
  return (
    <>
      <section className={classes.header} aria-label={t("mapper.tools")}>
        <div className={classes.heading}>
          {/* The screen begins here: what it is about is read first, then comes the first tool. */}
          <h1 tabIndex={-1} data-autofocus>
            {props.title}
          </h1>
          <Text size="xs" c="dimmed">
            {t("mapper.coverage", { count: coverage.mapped })}
            {" · "}
            <span data-tone={left > 0 ? "amber" : "green"} className={classes.left}>
              {left > 0 ? t("mapper.required_left", { count: left }) : t("mapper.required_done")}
            </span>
            {props.subtitle ? ` · ${props.subtitle}` : ""}
          </Text>
        </div>

        <SampleStepper
          samples={samples}
          sample={sample}
          place={props.place}
          onSample={props.onSample}
          onAddSample={props.onAddSample}
        />

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
                    <span>{t("mapper.view.lines")}</span>
                  </span>
                ),
              },
              {
                value: "table",
                label: (
                  <span className={classes.viewLabel}>
                    <IconTable size={14} aria-hidden />
                    <span>{t("mapper.view.table")}</span>
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
          {!props.readOnly && (
            <Button size="xs" onClick={props.onSave} loading={props.saving} disabled={!store.dirty}>
              {t("mapper.save")}
            </Button>
          )}
        </div>
      </section>
      {props.readOnly ? (
        <section className={notes.note} data-tone="plain" aria-label={t("mapper.tools")}>
          <IconEye size={16} aria-hidden />
          <span>{t("mapper.read_only")}</span>
        </section>
      ) : (
        <>
          <Kept place={props.place} store={store} />
          <TemplateNews place={props.place} store={store} />
          <BeginNote
            place={props.place}
            store={store}
            documents={samples.length}
            onAddSample={props.onAddSample}
          />
        </>
      )}
    </>
  );
});
