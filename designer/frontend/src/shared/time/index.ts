export {
  formatAgo,
  formatDateTime,
  formatDuration,
  formatMoment,
  formatMoney,
  formatNumber,
  formatPercent,
  formatTime,
} from "./format";
export { Money } from "./Money";
export { TimeAgo } from "./TimeAgo";
