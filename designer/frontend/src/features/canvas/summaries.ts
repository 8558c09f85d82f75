/** One line on how a step of flow control, of data, or a trigger is set up. Pure. */

import type { Expr, FlowDocument, FlowNode } from "@/api/types";
import { t } from "./en";
import { exprText } from "./exprText";
import type { Branch } from "./nodeInfo";

interface Summary {
  summary: string;
  /** It tells of something still to do. */
  unfinished?: boolean;
}

/** What a summary may name beside the step's own settings. */
export interface Names {
  flowName: (id: string) => string | undefined;
  stepName: (path: string) => string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const todo = (summary: string): Summary => ({ summary, unfinished: true });
const words = (value: unknown): string => {
  const found = exprText(value as Expr | undefined);
  return found === "…" ? "" : found;
};

/** "role:analyst" as people say it. */
export function assigneeWords(value: unknown): string {
  const [kind, name = ""] = text(value).split(":");
  if (kind === "role") return t("assignee.role", { role: name });
  return name;
}

function trigger({ type, config }: FlowNode): Summary | undefined {
  switch (type) {
    case "trigger.manual": {
      const form = config.form as { properties?: object } | undefined;
      const fields = Object.keys(form?.properties ?? {}).length;
      return { summary: fields ? t("node.form", { count: fields }) : t("node.manual") };
    }
    case "trigger.called": {
      const form = config.form as { properties?: object } | undefined;
      const fields = Object.keys(form?.properties ?? {}).length;
      return { summary: fields ? t("node.given", { count: fields }) : t("node.called") };
    }
    case "trigger.webhook": {
      const kind = text((config.signature as { kind?: string } | undefined)?.kind) || "none";
      const signed = kind in SIGNED ? SIGNED[kind] : undefined;
      return { summary: signed ? t("node.signed", { how: signed }) : t("node.webhook") };
    }
    case "trigger.cloudevents": {
      const types = count(config.types);
      return { summary: types ? t("node.types", { count: types }) : t("node.anyType") };
    }
    case "trigger.schedule": {
      const preset = config.preset as { kind?: string; at?: string; every?: number } | null;
      const zone = text(config.timezone) || "UTC";
      if (preset?.kind) return { summary: `${presetWords(preset)} · ${zone}` };
      return text(config.cron)
        ? { summary: `${text(config.cron)} · ${zone}` }
        : todo(t("node.noTime"));
    }
    case "trigger.error": {
      const flows = count(config.flows);
      return { summary: flows ? t("node.ofFlows", { count: flows }) : t("node.ofAllFlows") };
    }
  }
}

const SIGNED: Record<string, string> = {
  hmac: "HMAC",
  standard: "Standard Webhooks",
  token: t("node.signed.token"),
  basic: t("node.signed.basic"),
};

/** A schedule's preset in a few words; the server says the exact ones. */
export function presetWords(preset: { kind?: string; at?: string; every?: number }): string {
  const at = preset.at ?? "";
  switch (preset.kind) {
    case "minutes":
      return t("schedule.say.minutes", { count: preset.every ?? 1 });
    case "hourly":
      return t("schedule.say.hourly");
    case "daily":
      return t("schedule.say.daily", { at });
    case "weekdays":
      return t("schedule.say.weekdays", { at });
    case "weekly":
      return t("schedule.say.weekly", { at });
    case "monthly":
      return t("schedule.say.monthly", { at });
    default:
      return "";
  }
}

function data({ type, config }: FlowNode, names: Names): Summary | undefined {
  switch (type) {
    case "filter": {
      const condition = words(config.condition);
      if (!condition) return todo(t("node.ifEmpty"));
      const list = words(config.list);
      return {
        summary: list ? t("node.filterList", { list, condition }) : condition,
      };
    }
    case "aggregate": {
      const figures = count(config.figures);
      if (!words(config.list)) return todo(t("node.noList"));
      if (!figures) return todo(t("node.noFigures"));
      return {
        summary: t("node.figures", { count: figures, list: words(config.list) }),
      };
    }
    case "lookup": {
      const table = text(config.table);
      if (!table) return todo(t("node.noTable"));
      const key = words(config.key);
      return key ? { summary: t("node.lookup", { key, table }) } : todo(t("node.noKey"));
    }
    case "convert": {
      const fields = count(config.fields);
      if (!fields) return todo(t("node.noFields"));
      const source = names.stepName(text(config.source) || "trigger");
      return { summary: t("node.converted", { count: fields, source }) };
    }
  }
}

function control({ type, config }: FlowNode, names: Names): Summary | undefined {
  switch (type) {
    case "switch": {
      const branches = Array.isArray(config.branches) ? (config.branches as Branch[]) : [];
      if (branches.length === 0) return todo(t("node.noWays"));
      if (branches.some((branch) => !words(branch.condition))) return todo(t("node.wayEmpty"));
      return { summary: branches.map((branch) => branch.name || branch.id).join(", ") };
    }
    case "for_each": {
      const list = words(config.list);
      if (!list) return todo(t("node.noList"));
      const how = config.ordered
        ? t("node.inOrder")
        : t("node.parallel", { count: Number(config.parallel ?? 10) });
      return { summary: `${list} · ${how}` };
    }
    case "call_flow": {
      const id = text(config.flow);
      if (!id) return todo(t("node.noFlow"));
      const name = names.flowName(id) ?? t("node.otherFlow");
      return { summary: config.wait === false ? t("node.callOnly", { name }) : name };
    }
    case "wait": {
      if (config.mode === "until") {
        const until = words(config.until);
        return until ? { summary: t("node.until", { until }) } : todo(t("node.noWait"));
      }
      const amount = Number(config.amount ?? 0);
      if (!amount) return todo(t("node.noWait"));
      const unit = unitWord(text(config.unit) || "minutes", amount);
      return { summary: t("node.waitFor", { amount, unit }) };
    }
    case "approval": {
      const who = assigneeWords(config.assignee);
      if (!who) return todo(t("node.nobody"));
      const limit = Number(config.expires_after ?? 0);
      if (!limit) return { summary: t("node.asks", { who }) };
      const unit = unitWord(text(config.expires_unit) || "hours", limit);
      return { summary: t("node.asksUntil", { who, amount: limit, unit }) };
    }
    case "return": {
      const value = words(config.value);
      return value ? { summary: value } : { summary: t("node.returnsLast") };
    }
  }
}

export function unitWord(unit: string, amount: number): string {
  switch (unit) {
    case "seconds":
      return t("unit.seconds", { count: amount });
    case "hours":
      return t("unit.hours", { count: amount });
    case "days":
      return t("unit.days", { count: amount });
    default:
      return t("unit.minutes", { count: amount });
  }
}

export function summaryOf(
  node: FlowNode,
  document: FlowDocument,
  names: Omit<Names, "stepName"> & { stepName: (path: string, document: FlowDocument) => string },
): Summary | undefined {
  const known: Names = {
    flowName: names.flowName,
    stepName: (path) => names.stepName(path, document),
  };
  return trigger(node) ?? data(node, known) ?? control(node, known);
}
