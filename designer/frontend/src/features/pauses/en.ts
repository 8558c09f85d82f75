import { texts } from "@/shared/i18n";

export const t = texts({
  "pause.action": "Pause calls",
  "pause.title.run": "Pause this run?",
  "pause.title.flow": "Pause the calls of this flow?",
  "pause.title.connection": "Pause the calls of this connection?",
  "pause.text.run":
    "Calls that have left are answered; no further one leaves until somebody lets it go on. Nothing is lost.",
  "pause.text.flow":
    "New documents are still taken and worked out, but no call leaves for them until somebody lets it go on. Calls that have left are answered. Nothing is lost.",
  "pause.text.connection":
    "Runs of every flow stand still where they need this connection, until somebody lets them go on. Calls that have left are answered. Nothing is lost.",
  "pause.reason": "Why (optional)",
  "pause.confirm": "Pause",
  "pause.keep": "Cancel",
  "pause.done": "Paused.",
  "resume.action": "Let it go on",
  "resume.done": {
    one: "It goes on, with {count} run that stood still.",
    other: "It goes on, with {count} runs that stood still.",
  },
  "resume.done.none": "It goes on. No run stood still.",
  "banner.run": "This run is paused",
  "banner.flow": "The calls of this flow are paused",
  "banner.connection": "The calls of this connection are paused",
  "banner.flow.named": "The calls of the flow “{name}” are paused",
  "banner.connection.named": "The calls of the connection “{name}” are paused",
  "banner.until": "No call leaves until somebody lets it go on.",
  "banner.by": "By {by}{reason},",
});
