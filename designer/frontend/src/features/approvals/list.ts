/** The second, light door: what other screens show of questions, without the page. */

export { Answer } from "./Answer";
export { assigneeWords } from "./model";
export { QuestionCard, QuestionList } from "./QuestionCard";
export { forYouQuery, openQuery, runQuestionsQuery } from "./queries";
