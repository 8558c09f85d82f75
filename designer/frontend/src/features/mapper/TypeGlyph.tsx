import {
  IconBraces,
  IconCalendar,
  IconCircleDashed,
  IconClock,
  IconHash,
  IconLetterT,
  IconList,
  IconToggleLeft,
  type TablerIcon,
} from "@tabler/icons-react";
import { t } from "./en";
import type { FieldType } from "./schemaTree";
import classes from "./Tree.module.css";

const GLYPHS: Record<FieldType, TablerIcon> = {
  text: IconLetterT,
  number: IconHash,
  integer: IconHash,
  boolean: IconToggleLeft,
  date: IconCalendar,
  datetime: IconClock,
  object: IconBraces,
  list: IconList,
  any: IconCircleDashed,
};

/** The type of a field as a small sign; its word is in the title. */
export function TypeGlyph({ type }: { type: FieldType }) {
  const Glyph = GLYPHS[type];
  return (
    <span className={classes.glyph} title={t(`type.${type}`)} aria-hidden>
      <Glyph size={14} stroke={1.7} />
    </span>
  );
}
