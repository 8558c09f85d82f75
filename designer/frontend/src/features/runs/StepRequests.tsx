import { Accordion, Table, Text } from "@mantine/core";
import { parseExact } from "@/api/exact";
import type { Attempt, HttpExchange, Json, StepDetail } from "@/api/types";
import { formatDuration } from "@/shared/time";
import { JsonView } from "@/shared/ui";
import { t } from "./en";
import classes from "./StepRequests.module.css";

/** Each request of each attempt with its answer, as it went over the line. */
export function StepRequests({ detail }: { detail: StepDetail }) {
  const rows = detail.attempts_list.flatMap((attempt) =>
    attempt.exchanges.map((exchange, index) => ({
      id: `${attempt.number}-${attempt.kind}-${attempt.started_at}-${index}`,
      attempt,
      exchange,
    })),
  );
  const last = rows.at(-1);
  if (last === undefined) {
    return (
      <Text size="sm" c="dimmed">
        {t("step.requests.none")}
      </Text>
    );
  }
  return (
    <>
      <Accordion
        key={last.id}
        multiple
        defaultValue={[last.id]}
        variant="contained"
        chevronPosition="left"
        order={3}
      >
        {rows.map(({ id, attempt, exchange }) => (
          <Accordion.Item key={id} value={id}>
            <Accordion.Control>
              <ExchangeTitle attempt={attempt} exchange={exchange} />
            </Accordion.Control>
            <Accordion.Panel>
              <Exchange exchange={exchange} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Text size="xs" c="dimmed" mt="sm">
        {t("exchange.masked")}
      </Text>
    </>
  );
}

function ExchangeTitle({ attempt, exchange }: { attempt: Attempt; exchange: HttpExchange }) {
  const status = exchange.response?.status ?? null;
  const tone = status === null ? "violet" : status < 300 ? "green" : status < 500 ? "red" : "amber";
  return (
    <span className={classes.title}>
      <span className={classes.line}>
        <span className={classes.method}>{exchange.request.method}</span>
        <span className={classes.path}>{pathOf(exchange.request.url)}</span>
      </span>
      <span className={classes.line}>
        <span className={classes.status} data-tone={tone}>
          {status ?? t("exchange.noResponse")}
        </span>
        <span className={classes.dim}>{formatDuration(exchange.duration_ms)}</span>
        <span className={classes.dim}>
          {t(`attempt.${attempt.kind}`, { number: String(attempt.number) })}
        </span>
      </span>
    </span>
  );
}

function Exchange({ exchange: { request, response } }: { exchange: HttpExchange }) {
  return (
    <>
      <h4 className={classes.part}>{t("exchange.request")}</h4>
      <p className={classes.url}>
        <b>{request.method}</b> {request.url}
      </p>
      <Headers headers={request.headers} />
      <Body body={request.body} label={`${t("exchange.request")} ${t("exchange.body")}`} />
      <h4 className={classes.part}>{t("exchange.response")}</h4>
      {response === null ? (
        <Text size="sm" c="dimmed">
          {t("exchange.lost")}
        </Text>
      ) : (
        <>
          <p className={classes.url}>
            <b>{response.status}</b>
          </p>
          <Headers headers={response.headers} />
          <Body body={response.body} label={`${t("exchange.response")} ${t("exchange.body")}`} />
        </>
      )}
    </>
  );
}

function Headers({ headers }: { headers: Record<string, string> | null | undefined }) {
  const entries = Object.entries(headers ?? {});
  if (entries.length === 0) return null;
  return (
    <details className={classes.headers}>
      <summary>{t("exchange.headers.count", { count: entries.length })}</summary>
      <Table layout="fixed" verticalSpacing={3} fz="xs" aria-label={t("exchange.headers")}>
        <Table.Tbody>
          {entries.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={550} w="38%" className={classes.cell}>
                {name}
              </Table.Th>
              <Table.Td className={classes.cell}>{String(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}

function Body({ body, label }: { body: Json | undefined; label: string }) {
  if (body === null || body === undefined || body === "") {
    return (
      <Text size="xs" c="dimmed">
        {t("exchange.body.none")}
      </Text>
    );
  }
  const document = typeof body === "string" ? readDocument(body) : body;
  if (document !== null) return <JsonView value={document} label={label} maxHeight={360} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling text must be reachable
    <section tabIndex={0} aria-label={label} className={classes.text}>
      <pre>{String(body)}</pre>
    </section>
  );
}

/** The JSON that a text holds, its digits kept, or null where it is something else. */
function readDocument(text: string): Json | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return parseExact(text) as Json;
  } catch {
    return null;
  }
}

function pathOf(url: string): string {
  try {
    const parsed = new URL(url);
    return decodeURIComponent(parsed.pathname.replace(/^.*(?=(?:\/[^/]+){3}$)/, "…"));
  } catch {
    return url;
  }
}
