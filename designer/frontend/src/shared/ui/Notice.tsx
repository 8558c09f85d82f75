import type { ReactNode } from "react";
import classes from "./Notice.module.css";
import type { Tone } from "./StatusBadge";

interface NoticeProps {
  tone: Tone;
  icon: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  /** Buttons at the right end, below on a narrow screen. */
  actions?: ReactNode;
  /** "alert" is read out at once; leave it out where the notice was there from the start. */
  role?: "alert" | "status";
}

/** A calm band that says what is the matter and offers what to do about it. */
export function Notice({ tone, icon, title, children, actions, role }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={role}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <div className={classes.words}>
        <p className={classes.title}>{title}</p>
        {children && <div className={classes.text}>{children}</div>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}
