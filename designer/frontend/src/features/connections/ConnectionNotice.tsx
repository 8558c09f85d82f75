import { Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconPlugConnectedX,
  IconPower,
} from "@tabler/icons-react";
import { Notice } from "@/shared/ui/Notice";
import classes from "./ConnectionPage.module.css";
import { t } from "./en";
import type { ConnectionDetail } from "./queries";

export interface TestResult {
  ok: boolean;
  message: string;
  hint: string | null;
}

interface ConnectionNoticeProps {
  connection: ConnectionDetail;
  systemName: string;
  test: TestResult | undefined;
  /** The browser just came back from the consent page, with this result. */
  connected: boolean;
  /** Code of what went wrong on the way; an address must not put its own words on this page. */
  problem: string | undefined;
  onAuthorise: (() => void) | undefined;
}

const PROBLEMS = [
  "consent.denied",
  "consent.refused",
  "consent.another_account",
  "consent.no_account",
  "consent.not_accepted",
  "connection.client_refused",
  "activation.invalid",
] as const;

function wordsOf(code: string | undefined) {
  const known = PROBLEMS.find((name) => name === code) ?? "other";
  return { problem: t(`problem.${known}`), hint: t(`problem.${known}.hint`) };
}

/** What a person should know about the connection right now. */
export function ConnectionNotice(props: ConnectionNoticeProps) {
  const { connection, systemName, test, problem, onAuthorise } = props;
  const words = wordsOf(problem);
  const authorise = (word: string) =>
    onAuthorise && (
      <Button size="xs" onClick={onAuthorise}>
        {word}
      </Button>
    );
  return (
    <div className={classes.notices}>
      {test && (
        <Notice
          role="status"
          tone={test.ok ? "green" : "red"}
          icon={test.ok ? <IconCircleCheck size={18} /> : <IconCircleX size={18} />}
          title={test.ok ? t("one.test.ok") : t("one.test.failed")}
        >
          {test.message} {test.hint}
        </Notice>
      )}
      {Boolean(connection.waiting_runs) && (
        <Notice
          tone="amber"
          icon={<IconAlertTriangle size={18} />}
          title={t("card.waiting", { count: connection.waiting_runs ?? 0 })}
        >
          {t("one.waiting.text")}
        </Notice>
      )}
      {problem ? (
        <Notice
          role="alert"
          tone="red"
          icon={<IconCircleX size={18} />}
          title={words.problem}
          actions={authorise(t("one.problem.again"))}
        >
          {words.hint}
        </Notice>
      ) : props.connected && connection.status === "ready" ? (
        <Notice
          role="status"
          tone="green"
          icon={<IconCircleCheck size={18} />}
          title={t("one.connected.title")}
        >
          {connection.account
            ? t("one.connected.account", { name: connection.name, account: connection.account })
            : t("one.connected", { name: connection.name })}
        </Notice>
      ) : connection.status === "needs_consent" ? (
        <Notice
          tone="amber"
          icon={<IconAlertTriangle size={18} />}
          title={t("one.needsConsent.title")}
          actions={authorise(t("one.authorise"))}
        >
          {t("one.needsConsent", { name: systemName })}
        </Notice>
      ) : connection.status === "reconnect" ? (
        <Notice
          tone="red"
          icon={<IconPlugConnectedX size={18} />}
          title={t("one.reconnect.title", { name: systemName })}
          actions={authorise(t("one.reconnect"))}
        >
          {t("one.reconnect.text")}
        </Notice>
      ) : connection.status === "disabled" ? (
        <Notice tone="grey" icon={<IconPower size={18} />} title={t("one.disabled.title")}>
          {t("one.disabled.text")}
        </Notice>
      ) : null}
    </div>
  );
}
