import { ActionIcon, Loader, Select, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconFilePlus } from "@tabler/icons-react";
import { type KeyboardEvent, useRef } from "react";
import { t } from "./en";
import classes from "./Mapper.module.css";
import type { Sample } from "./types";
import { type MapperPlace, usePreviewing } from "./usePreview";

const KINDS = ["own", "run", "example", "sandbox"] as const;

/** The documents that the mapping is tried on: one after the other by arrows, or from a list. */
export function SampleStepper({
  samples,
  sample,
  place,
  onSample,
  onAddSample,
}: {
  samples: Sample[];
  sample: Sample | null;
  place: MapperPlace;
  onSample: (id: string) => void;
  onAddSample: () => void;
}) {
  const at = sample ? samples.indexOf(sample) : -1;
  const step = (by: 1 | -1) => {
    const next = samples[at + by];
    if (at >= 0 && next) onSample(next.id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : null;
    const target = event.target as HTMLInputElement;
    // While somebody types a search the arrows belong to the text.
    if (by === null || (target.tagName === "INPUT" && target.value !== (sample?.title ?? ""))) {
      return;
    }
    event.preventDefault();
    step(by);
  };
  const arrow = (by: 1 | -1, icon: typeof IconChevronLeft, label: string) => {
    const Icon = icon;
    const ends = at < 0 || samples[at + by] === undefined;
    return (
      <Tooltip label={label}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={label}
          // At the end it keeps the keyboard, so that the way back is one key.
          aria-disabled={ends}
          data-disabled={ends || undefined}
          onClick={() => step(by)}
        >
          <Icon size={16} />
        </ActionIcon>
      </Tooltip>
    );
  };
  return (
    <fieldset className={classes.samples} aria-label={t("sample.label")} onKeyDown={onKeyDown}>
      {arrow(-1, IconChevronLeft, t("sample.previous"))}
      <Select
        size="xs"
        className={classes.sample}
        aria-label={t("sample.label")}
        placeholder={t("sample.none")}
        searchable
        allowDeselect={false}
        disabled={samples.length === 0}
        value={sample?.id ?? null}
        onChange={(id) => id && onSample(id)}
        data={KINDS.map((kind) => ({
          group: t(`sample.kind.${kind}`),
          items: samples
            .filter((s) => s.kind === kind)
            .map((s) => ({ value: s.id, label: s.title })),
        })).filter((g) => g.items.length > 0)}
        rightSection={
          <Position
            place={place}
            text={samples.length > 1 ? `${at + 1}/${samples.length}` : undefined}
          />
        }
        rightSectionWidth={44}
      />
      {arrow(1, IconChevronRight, t("sample.next"))}
      <Tooltip label={t("sample.add")}>
        <ActionIcon variant="default" size={30} aria-label={t("sample.add")} onClick={onAddSample}>
          <IconFilePlus size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </fieldset>
  );
}

/** Which document it is, or that its values are being worked out. */
function Position({ place, text }: { place: MapperPlace; text: string | undefined }) {
  const previewing = usePreviewing(place);
  const seen = useRef({ asked: false, come: false });
  if (previewing) seen.current.asked = true;
  else if (seen.current.asked) seen.current.come = true;
  if (previewing) {
    return (
      <Loader
        size={12}
        aria-label={t("preview.updating")}
        // The trees, which need not be drawn anew for it, show places for the first values.
        data-values-coming={!seen.current.come || undefined}
      />
    );
  }
  return text && <span className={classes.position}>{text}</span>;
}
