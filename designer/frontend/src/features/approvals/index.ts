export { ApprovalsPage } from "./ApprovalsPage";
