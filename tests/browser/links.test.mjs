/** What of a text is a link, and where it says that it leads. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../chatapp/public/view/links.js";

const links = (text) => partsOf(text).filter((part) => typeof part !== "string");
const shown = (text) => links(text).map((link) => link.shown);

test("whatever a text is, its parts are the text", () => {
  for (const text of ["", "a", "http://a.example/", "see http://a.example, and (https://b.example/x).\nthen", "http://", "https://\u202e"]) {
    const whole = partsOf(text).map((part) => (typeof part === "string" ? part : part.shown));
    assert.equal(whole.join(""), text);
  }
});

for (const [text, ...expected] of [
  ["http://a.example", "http://a.example"],
  ["HTTPS://A.Example/B", "HTTPS://A.Example/B"],
  ["two: http://a.example http://b.example/?q=1&r=2#x", "http://a.example", "http://b.example/?q=1&r=2#x"],
  ["http://a.example.", "http://a.example"],
  ["is it http://a.example/x?", "http://a.example/x"],
  ["“https://a.example/x”…", "https://a.example/x"],
  ["*https://a.example/x*", "https://a.example/x"],
  ["(see https://a.example/x).", "https://a.example/x"],
  ["https://a.example/wiki/Go_(game)", "https://a.example/wiki/Go_(game)"],
  ["(https://a.example/wiki/Go_(game))", "https://a.example/wiki/Go_(game)"],
  ["[https://a.example/]", "https://a.example/"],
  ["https://a.example/、次", "https://a.example/、次"],
  ["見て「https://a.example/」。", "https://a.example/"],
  ["<https://a.example/>", "https://a.example/"],
  ["https://a.example/<script>", "https://a.example/"],
  ['https://a.example/"onclick="x', "https://a.example/"],
  ["line\nhttps://a.example/\nline", "https://a.example/"],
  ["http://[::1]:5001/x", "http://[::1]:5001/x"],
  ["http://localhost:5001/", "http://localhost:5001/"],
]) {
  test(`a link: ${JSON.stringify(text)}`, () => assert.deepEqual(shown(text), expected));
}

for (const text of [
  "javascript:alert(1)",
  "javascript://a.example/%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "ftp://a.example/",
  "//a.example/",
  "www.a.example",
  "http:a.example",
  "http:/a.example",
  "http://",
  "http:///",
  "https://.",
  "http://a.example:99999/",
  "http://[::1",
  "xhttp://a.example",
  "eéhttp://a.example",
  "java\nscript:http//x",
  `http://a.example/${"x".repeat(2_048)}`,
  "http://\u202ea.example",
]) {
  test(`no link: ${JSON.stringify(text.slice(0, 60))}`, () => assert.deepEqual(partsOf(text), [text]));
}

for (const [text, host] of [
  ["http://user:pass@a.example/", "a.example"],
  ["https://bank.example@evil.example/", "evil.example"],
  ["https://bank.example:443@evil.example/", "evil.example"],
  ["https://bücher.example/", "xn--bcher-kva.example"],
  ["https://аpple.example/", "xn--pple-43d.example"],
  ["https://ａ.example/", "a.example"],
  ["https://bank.example。evil.example/", "bank.example.evil.example"],
  ["http://%65vil.example/", "evil.example"],
  ["http://0x7f.1/", "127.0.0.1"],
  ["http://2130706433/", "127.0.0.1"],
  ["http://[0:0:0:0:0:0:0:1]/", "[::1]"],
]) {
  test(`its host is told: ${text}`, () => assert.equal(links(text)[0].host, host));
}

for (const text of ["http://a.example/", "HTTP://A.EXAMPLE:80/x@y", "https://a.example?u=b@c", "https://xn--bcher-kva.example/", "http://[::1]/"]) {
  test(`its host can be read: ${text}`, () => assert.equal(links(text)[0].host, ""));
}

test("what cannot be seen, or turns the direction, ends an address", () => {
  for (const code of [0x200b, 0x200d, 0x200e, 0x202e, 0x2066, 0x2069, 0xad, 0xfeff, 0x3164, 0x7f, 0xe0041]) {
    assert.deepEqual(shown(`http://a.example/x${String.fromCodePoint(code)}y`), ["http://a.example/x"]);
  }
  assert.deepEqual(shown("http://a.example/x\ud83dy"), ["http://a.example/x"]);
  assert.deepEqual(shown("https://bank.example\\@evil.example/"), ["https://bank.example"]);
});

test("a text of much punctuation takes no time", () => {
  const began = performance.now();
  partsOf(`http://a.example/${")".repeat(8_000)}`);
  partsOf("http://".repeat(1_100));
  partsOf(`http://a.example/${"!".repeat(8_000)}`);
  assert.ok(performance.now() - began < 500);
});
