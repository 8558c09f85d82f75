export {
  formatAgo,
  formatDateTime,
  formatDuration,
  formatMoney,
  formatNumber,
  formatTime,
} from "./format";
export { Money } from "./Money";
export { TimeAgo } from "./TimeAgo";
