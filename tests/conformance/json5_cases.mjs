// Makes tests/config/json5_cases.json: texts of every corner of the JSON5 grammar with the verdict
// of the official implementation (npm package `json5`) on each.
//   npm install --prefix /tmp/json5 json5
//   NODE_PATH=/tmp/json5/node_modules node tests/conformance/json5_cases.mjs > tests/config/json5_cases.json
import { createRequire } from "node:module";

const JSON5 = createRequire(process.env.NODE_PATH + "/")("json5");

const values = [
    "null", "true", "false", "{}", "[]", '""', "''", "nul", "True", "undefined", "", " ", "//",
    "/**/", "/*", "/",
    "{} {}", "1 2", "{}//x", "/*a*/{}/*b*/", "{}//x\n", "//x\u2028{}", "//x\u2029{}", "//x\r{}",
    "/* * / */1",
    "/*/1", "/* /* */ 1", "# x\n1", "\\u006eull", "tru\\u0065", "nullx", "'a' 'b'",
];
const numbers = [
    "0", "-0", "+0", "1", "-1", "+1", "01", "-01", "00", "0.", ".0", ".", "-.", "+.", ".5", "5.",
    "-.5", "+5.",
    "1.5", "1e3", "1E3", "1e+3", "1e-3", "1e", "1e+", ".e1", "5.e1", ".5e-2", "0e0", "0x", "0x0",
    "0xC8", "0XdeCAF",
    "-0xff", "+0x10", "0xg", "0x1.5", "0x1p3", "0o7", "0b1", "Infinity", "-Infinity", "+Infinity",
    "NaN", "-NaN",
    "+NaN", "infinity", "nan", "Infinit", "InfinityX", "NaN1", "- 1", "+ 1", "--1", "+-1", "1a",
    "1_000", "1,",
    "9007199254740991", "123456789012345680000", "1e400", "-1e400", "1e-400", "0xFFFFFFFFFFFFFFFFF",
    "1.2.3",
    "١", "0x-1", "1\\u0030", "-", "+", "08", "0.1e1", "1e5.5", "$1", "0 ", "\t7\n",
];
const strings = [
    '"a"', "'a'", '"a', "'a", "a'", `"it's"`, `'say "x"'`, `'it\\'s'`, `"\\""`, `"\\\\"`, `"\\/"`,
    `"\\b\\f\\n\\r\\t\\v"`,
    `"\\0"`, `"\\00"`, `"\\01"`, `"\\0a"`, `"\\1"`, `"\\8"`, `"\\9"`, `"\\x41"`, `"\\x4"`,
    `"\\xg1"`, `"\\u0041"`, `"\\u41"`,
    `"\\u00zz"`, `"\\uD83D\\uDE00"`, `"\\ud83d\\ude00x"`, `"\\u{41}"`, `"\\a\\c\\$"`, `"\\A\\C\\Z"`,
    `"a\\\nb"`, `"a\\\r\nb"`,
    `"a\\\rb"`, `"a\\\u2028b"`, `"a\\\u2029b"`, `"a\nb"`, `"a\rb"`, `"a\tb"`, `"a\u2028b"`,
    `"a\u2029b"`, `"a\u0000b"`,
    `"a\u0001b"`, `"é😀漢"`, `'\\é'`, `'\\😀'`, '`a`', '"a" "b"', `"\\`, `"\\"`, `"\\u`, `"//x"`,
    `"/*x*/"`, `"\u007f"`, `'a\\'`,
    "'\\\n'", `"\\u2028"`,
];
const arrays = [
    "[1]", "[1,]", "[1,2]", "[,]", "[,1]", "[1,,2]", "[1,2,,]", "[1 2]", "[1", "[1,", "[", "]",
    "[]]", "[[],[[]],]",
    "[1,/*c*/2,//d\n3]", "[ ]", "[\n]", "[1}", "[/**/]", "[null,true,'x',{},[]]", "[//\n]", "[//]",
    "[a]", "[1;2]",
];
const objects = [
    "{a:1}", "{a:1,}", "{a:1,b:2}", "{,}", "{,a:1}", "{a:1,,b:2}", "{a:1,,}", "{a:1 b:2}", "{a 1}",
    "{a:}", "{a}", "{:1}",
    "{a:1", "{a:1,", "{", "}", "{}}", "{'a':1}", '{"a":1}', "{'a b':1}", "{a b:1}", "{a-b:1}",
    "{$:1}", "{_:1}", "{$a_1:1}",
    "{1:1}", "{1a:1}", "{a1:1}", "{0x1:1}", "{-a:1}", "{.a:1}", "{null:1}", "{true:1}",
    "{Infinity:1}", "{NaN:1}", "{while:1}",
    "{ünicode:1}", "{漢字:1}", "{ùńîċõďë:9}", "{\\u0061:1}", "{a\\u0062c:1}", "{\\u0031:1}",
    "{a\\u0031:1}", "{a\\u002d:1}",
    "{\\u{61}:1}", "{\\x61:1}", "{a\\:1}", "{a\u200Cb:1}", "{a\u200Db:1}", "{\u200Ca:1}",
    "{a\u0301:1}", "{\u0301a:1}",
    "{a\u203F:1}", "{ᛮ:1}", "{😀:1}", "{𝒳:1}", "{a:1,a:2}", "{a:{a:1},'b':[{}]}",
    "{a:1/*c*/,/*d*/b:2}", "{//c\na:1//d\n}",
    "{a/*x*/:/*y*/1}", "{a\n:\n1}", "{a:'b'}", "{a=1}", "{a:1;b:2}", "{'a\\\nb':1}", "{'':1}",
    "{a:+1,b:-.5,c:0xA}", "{[a]:1}",
    "{a:b}", "{`a`:1}", "{a:1]", "{a٣:1}", "{\u2028a:1}",
];
const spaces = ["\t", "\v", "\f", " ", "\u00A0", "\uFEFF", "\n", "\r", "\u2028", "\u2029",
    "\u1680", "\u2000", "\u2003",
    "\u200A", "\u202F", "\u205F", "\u3000", "\u0085", "\u180E", "\u200B", "\u2060", "\u0000", "\u001F"]
    .map((s) => `${s}[${s}1${s},${s}]${s}`);
const documents = [
    "{\n  // comments\n  unquoted: 'and you can quote me on that',\n" +
    "  singleQuotes: 'I can use \"double quotes\" here',\n" +
    "  lineBreaks: \"Look, Mom! \\\nNo \\\\n's!\",\n  hexadecimal: 0xdecaf,\n" +
    "  leadingDecimalPoint: .8675309, andTrailing: 8675309.,\n  positiveSign: +1,\n" +
    "  trailingComma: 'in objects', andIn: ['arrays',],\n  \"backwardsCompatible\": \"with JSON\",\n}\n",
    "[".repeat(30) + "]".repeat(30), "{a:".repeat(30) + "1" + "}".repeat(30),
];

// What JSON cannot say is written as a text that begins with '@'.
function plain(key, value) {
    if (typeof value !== "number") return value;
    if (Number.isNaN(value)) return "@NaN";
    if (!Number.isFinite(value)) return value > 0 ? "@Infinity" : "@-Infinity";
    return Object.is(value, -0) ? "@-0" : value;
}

const all = [...values, ...numbers, ...strings, ...arrays, ...objects, ...spaces, ...documents];
const cases = all.map((text) => {
    try {
        return { text, value: JSON.parse(JSON.stringify(JSON5.parse(text), plain)) };
    } catch {
        return { text, invalid: true };
    }
});
console.log("[\n" + cases.map((c) => JSON.stringify(c)).join(",\n") + "\n]");
