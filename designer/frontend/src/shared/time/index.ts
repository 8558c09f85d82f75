export {
  formatAgo,
  formatDateTime,
  formatDuration,
  formatHour,
  formatMoment,
  formatMoney,
  formatNumber,
  formatPercent,
  formatTime,
} from "./format";
export { Money } from "./Money";
export { TimeAgo } from "./TimeAgo";
