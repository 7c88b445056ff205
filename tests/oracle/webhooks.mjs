// SPDX-License-Identifier: GPL-3.0-or-later
// What the validator of the Standard Webhooks' own library says: node webhooks.mjs FOLDER, where FOLDER is the one that the
// package is installed in. Reads one JSON object a line, {secret, headers, body}; answers each with a line {valid, expected}
// or {error}.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "package.json"));
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

function answer({ secret, headers, body }) {
  const webhook = new Webhook(secret);
  const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
  const expected = webhook.sign(headers["webhook-id"], at, body);
  try {
    webhook.verify(body, headers, { jsonParse: false });
    return { valid: true, expected };
  } catch (error) {
    if (error instanceof WebhookVerificationError) return { valid: false, expected };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = answer(JSON.parse(line));
  } catch (error) {
    result = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(result) + "\n");
}
