// SPDX-License-Identifier: GPL-3.0-or-later
// What the validator of Twilio's Node helper library says: node validate.mjs FOLDER, where FOLDER is the one that the
// package is installed in. Reads one JSON object a line, {token, url, signature} and either params, [[name, value], ...],
// or body, a text; answers each with a line {valid, expected} or {error}.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(resolve(process.argv[2] ?? "."), "package.json"));
const twilio = require("twilio/lib/webhooks/webhooks");

// As body parsers hand them over: a name's only value is a text, several are a list.
function grouped(params) {
  const object = Object.create(null);
  for (const [name, value] of params) {
    if (!(name in object)) object[name] = value;
    else object[name] = [].concat(object[name], value);
  }
  return object;
}

function answer({ token, url, signature, params, body }) {
  if (body !== undefined)
    return {
      valid: twilio.validateRequestWithBody(token, signature, url, body),
      expected: twilio.getExpectedTwilioSignature(token, url, {}),
    };
  const fields = grouped(params);
  return {
    valid: twilio.validateRequest(token, signature, url, fields),
    expected: twilio.getExpectedTwilioSignature(token, url, fields),
  };
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
