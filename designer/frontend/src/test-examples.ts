import fc from "fast-check";

// The same examples each time: what fails for one fails for all. The long form looks for new ones.
if (!process.env.CAUSEWAY_LONG) fc.configureGlobal({ seed: 1 });
