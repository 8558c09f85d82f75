/** Dates, durations, numbers and money in the user's locale and time zone. */

import { locale } from "@/shared/i18n";
import { t } from "@/shared/i18n/ui.en";

export function formatDateTime(iso: string | null | undefined): string {
  if (!iso) return t("time.never");
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(
    new Date(iso),
  );
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "medium" }).format(new Date(iso));
}

/** "2 PM", "14 Uhr": the hour that begins then. */
export function formatHour(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric" }).format(new Date(iso));
}

/** "14:05" today, "Nov 22, 14:05" on another day. */
export function formatMoment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const today = at.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(
    locale(),
    today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  ).format(at);
}

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "3 minutes ago", "in 2 hours", "just now". */
export function formatAgo(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return t("time.never");
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto", style: "short" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  if (Math.abs(seconds) < 10) return t("time.now");
  return format.format(Math.round(seconds), "second");
}

export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return t("duration.ms", { count: Math.round(ms) });
  if (ms < 60_000) return t("duration.s", { value: (ms / 1000).toFixed(ms < 10_000 ? 1 : 0) });
  if (ms >= 48 * 3_600_000) return t("duration.days", { count: Math.floor(ms / 86_400_000) });
  if (ms >= 3_600_000) {
    return t("duration.h", {
      h: Math.floor(ms / 3_600_000),
      min: Math.floor((ms % 3_600_000) / 60_000),
    });
  }
  return t("duration.min", {
    min: Math.floor(ms / 60_000),
    s: Math.floor((ms % 60_000) / 1000),
  });
}

export function formatNumber(value: number): string {
  return value.toLocaleString(locale());
}

/** "72%", from whole percent. */
export function formatPercent(percent: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent" }).format(percent / 100);
}

/** Money from its exact text. The text goes to Intl as it is: a double would lose digits. */
export function formatMoney(amount: string | number, currency?: string | null): string {
  const text = String(amount);
  const options: Intl.NumberFormatOptions = currency
    ? { style: "currency", currency }
    : { minimumFractionDigits: 2, maximumFractionDigits: 10 };
  try {
    return new Intl.NumberFormat(locale(), options).format(text as Intl.StringNumericLiteral);
  } catch {
    return currency ? `${text} ${currency}` : text;
  }
}
