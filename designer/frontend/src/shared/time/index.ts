export {
  formatAgo,
  formatDateTime,
  formatDuration,
  formatMoment,
  formatMoney,
  formatNumber,
  formatTime,
} from "./format";
export { Money } from "./Money";
export { TimeAgo } from "./TimeAgo";
