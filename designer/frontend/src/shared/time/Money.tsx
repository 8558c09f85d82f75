import { formatMoney } from "./format";

export function Money({ amount, currency }: { amount: string | number; currency?: string | null }) {
  return <span className="cw-numbers">{formatMoney(amount, currency)}</span>;
}
