/** Answers of the API out of memory, to look at the screens without a server. Not in the build. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { makeApi } from "./mockAnswers.ts";
import type { Body } from "./mockData.ts";

async function read(request: IncomingMessage): Promise<Body> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? (JSON.parse(text) as Body) : {};
}

/** Serves the answers under /api/v1 of Vite's development server. */
export function mockApi(): Plugin {
  const answer = makeApi();
  return {
    name: "causeway-mock-api",
    configureServer(server) {
      server.middlewares.use("/api/v1", (request: IncomingMessage, response: ServerResponse) => {
        const path = (request.url ?? "").split("?")[0] ?? "";
        void read(request).then((body) => {
          const [status, value] = answer(request.method ?? "GET", path, body);
          response.statusCode = status;
          response.setHeader(
            "Content-Type",
            status < 400 ? "application/json" : "application/problem+json",
          );
          response.end(status === 204 ? "" : JSON.stringify(value));
        });
      });
    },
  };
}
