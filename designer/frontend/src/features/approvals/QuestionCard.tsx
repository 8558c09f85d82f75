import { IconUserUp } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Approval } from "@/api/types";
import { formatMoment, TimeAgo } from "@/shared/time";
import { StatusBadge, type Tone } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Answer } from "./Answer";
import classes from "./approvals.module.css";
import { t } from "./en";
import { assigneeWords, isUrgent } from "./model";

const LOOKS: Record<string, { icon: string; tone: Tone }> = {
  approved: { icon: "succeeded", tone: "green" },
  rejected: { icon: "failed", tone: "red" },
  expired: { icon: "expired", tone: "grey" },
};

export function QuestionList({ children }: { children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={t("list")}>
      {children}
    </ul>
  );
}

/** One question: what is asked, of whom, until when, and the answer. */
export function QuestionCard({ question }: { question: Approval }) {
  const { ws } = useWorkspace();
  const look = LOOKS[question.status];
  return (
    <li className={classes.card}>
      <div className={classes.words}>
        <div className={classes.text}>
          {question.text || t("noText")}
          {look && (
            <StatusBadge
              status={look.icon}
              tone={look.tone}
              label={t(`status.${question.status as "approved"}`)}
              size="sm"
            />
          )}
        </div>
        <div className={classes.facts}>
          <Link to="/w/$ws/runs/$runId" params={{ ws, runId: question.run_id }}>
            {question.business_key
              ? t("fact.run", { key: question.business_key })
              : t("fact.run", { key: t("fact.noKey") })}
          </Link>
          <span>
            {question.flow.name} · {question.node.name}
          </span>
          <span>{t("fact.for", { who: assigneeWords(question) })}</span>
          <span>
            {t("fact.asked")} <TimeAgo at={question.asked_at} />
          </span>
        </div>
        {question.status === "open" ? <Deadline question={question} /> : <Given of={question} />}
      </div>
      {question.status === "open" && question.mine && <Answer question={question} />}
    </li>
  );
}

function Deadline({ question }: { question: Approval }) {
  if (!question.expires_at && !question.escalated) return null;
  return (
    <div className={classes.facts}>
      {question.expires_at && (
        <span>{t("fact.until", { at: formatMoment(question.expires_at) })}</span>
      )}
      {isUrgent(question.expires_at, Date.now()) && (
        <StatusBadge status="waiting" tone="amber" size="sm" label={t("fact.soon")} />
      )}
      {question.escalated && (
        <span className={classes.escalated}>
          <IconUserUp size={13} aria-hidden /> {t("fact.escalated")}
        </span>
      )}
    </div>
  );
}

function Given({ of }: { of: Approval }) {
  return (
    <p className={classes.given}>
      {of.decided_by && t("fact.by", { name: of.decided_by })}{" "}
      {of.decided_at && <TimeAgo at={of.decided_at} />}
      {of.note && <q>{of.note}</q>}
    </p>
  );
}
