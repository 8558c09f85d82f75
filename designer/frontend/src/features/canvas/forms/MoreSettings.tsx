import { IconChevronRight } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { t } from "./en";
import classes from "./forms.module.css";

/** Settings that are seldom needed, folded away until they are asked for. */
export function MoreSettings({
  title,
  set,
  children,
}: {
  title?: string;
  /** How many of them are set. */
  set: number;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <div className={classes.group}>
      <button
        type="button"
        className={classes.groupHead}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} className={classes.chevron} aria-hidden />
        <span>{title ?? t("more")}</span>
        {set > 0 && <span className={classes.count}>{t("more.set", { count: set })}</span>}
      </button>
      {open && <div className={classes.groupBody}>{children}</div>}
    </div>
  );
}
