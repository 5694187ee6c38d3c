package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes attribute values, keys and items. Few of each kind, so that requests meet what others have left. */
final class Values {

    /** Names of attributes; some are reserved words, some can't stand in an expression as they are. */
    static final List<String> NAMES = List.of(
            "a", "c", "n", "s", "bin", "ss", "ns", "bs", "m", "l", "flag", "nul", "Name", "status", "x.y", "d-e",
            "über", "_u", "9z", "A");

    private static final List<String> STRINGS = List.of(
            "",
            "a",
            "b",
            "ab",
            "abc",
            "Z",
            "0",
            "10",
            "2",
            "é",
            "日本",
            "😀",
            "a b",
            "\"q\"",
            "\u0000",
            "line\nbreak",
            "value-of-some-length");

    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "2",
            "3",
            "10",
            "1.5",
            "-1.5",
            "0.1",
            "100",
            "1e2",
            "1E+2",
            "1.0",
            "1.50",
            "0.00",
            "-0",
            "007",
            "+5",
            "12345678901234567890123456789012345678",
            "0.12345678901234567890123456789012345678",
            "1e125",
            "-1e125",
            "9.9999999999999999999999999999999999999E125",
            "1e-130",
            "-1e-130",
            "123456789012345678901234567890",
            "1e20",
            "1e21",
            "0.0000001",
            "1e-7",
            "99999999999999999999999999999999999999");

    private static final List<String> BAD_NUMBERS = List.of(
            "",
            "abc",
            " 1",
            "1 ",
            "1.",
            ".5",
            "1e",
            "e5",
            "0x10",
            "NaN",
            "Infinity",
            "1_0",
            "1e126",
            "-1e126",
            "1e-131",
            "123456789012345678901234567890123456789",
            "1.234567890123456789012345678901234567890",
            "--1",
            "1e1000",
            "1e99999999999",
            "1,5",
            "١");

    private static final List<String> BINARIES =
            List.of("", "AA==", "AQ==", "AAE=", "YQ==", "YWI=", "/w==", "YWJj", "AAECAwQFBgcICQ==");

    private static final List<String> BAD_BINARIES =
            List.of("A", "AA", "AA=", "!!!!", "AAAA AAA", "A===", "AB==", "AA-_");

    private static final List<String> KEY_STRINGS = List.of("k1", "k2", "k3", "é");
    private static final List<String> SORT_STRINGS = List.of("a", "ab", "b", "B", "é", "日", "10", "2");
    private static final List<String> KEY_NUMBERS = List.of("1", "2", "-1", "1.5", "1.0");
    private static final List<String> SORT_NUMBERS = List.of("0", "-1", "-1.5", "2", "10", "1e2", "0.1", "1e-130");
    private static final List<String> KEY_BINARIES = List.of("AQ==", "YQ==", "/w==");
    private static final List<String> SORT_BINARIES = List.of("AA==", "AQ==", "AQA=", "/w==", "YWI=", "YQ==");

    private final Chance chance;

    Values(Chance chance) {
        this.chance = chance;
    }

    /** A key of the table, of the few that there are. */
    Map<String, Object> key(OracleTable table) {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put(table.partitionKey().name(), partitionValue(table.partitionKey()));
        OracleTable.Key sort = table.sortKey();
        if (sort != null) {
            key.put(sort.name(), sortValue(sort));
        }
        return key;
    }

    Map<String, Object> partitionValue(OracleTable.Key key) {
        return switch (key.type()) {
            case "S" -> Json.object("S", chance.of(KEY_STRINGS));
            case "N" -> Json.object("N", chance.of(KEY_NUMBERS));
            default -> Json.object("B", chance.of(KEY_BINARIES));
        };
    }

    Map<String, Object> sortValue(OracleTable.Key key) {
        return switch (key.type()) {
            case "S" -> Json.object("S", chance.of(SORT_STRINGS));
            case "N" -> Json.object("N", chance.of(SORT_NUMBERS));
            default -> Json.object("B", chance.of(SORT_BINARIES));
        };
    }

    /** An item of the table: a key and up to eight attributes, now and then a big one. */
    Map<String, Object> item(OracleTable table) {
        Map<String, Object> item = key(table);
        int attributes = chance.between(0, 8);
        for (int i = 0; i < attributes; i++) {
            String name = chance.of(NAMES);
            if (!table.isKey(name)) {
                item.put(name, attribute(table, name));
            }
        }
        if (chance.percent(3)) {
            item.put("big", Json.object("S", "x".repeat(chance.of(900, 1500, 4200, 9000))));
        }
        if (chance.percent(30)) {
            List<String> names = new ArrayList<>(item.keySet());
            Collections.shuffle(names, new java.util.Random(chance.below(1_000_000)));
            Map<String, Object> shuffled = new LinkedHashMap<>();
            names.forEach(name -> shuffled.put(name, item.get(name)));
            return shuffled;
        }
        return item;
    }

    /** A value as the attribute usually has it. Keys of indexes mostly have the index's type. */
    Map<String, Object> attribute(OracleTable table, String name) {
        OracleTable.Key key = table.allKeys().get(name);
        if (key != null && !table.isKey(name) && chance.percent(97)) {
            return sortValue(key);
        }
        return usual(name);
    }

    /** A value of the type that the attribute mostly has. */
    Map<String, Object> usual(String name) {
        if (chance.percent(12)) {
            return any(2);
        }
        return switch (name) {
            case "n" -> number();
            case "s", "Name", "pk", "sk" -> string();
            case "bin", "b" -> binary();
            case "ss" -> stringSet();
            case "ns" -> numberSet();
            case "bs" -> binarySet();
            case "m" -> map(2);
            case "l" -> list(2);
            case "flag" -> Json.object("BOOL", chance.percent(50));
            case "nul" -> Json.object("NULL", true);
            default -> any(2);
        };
    }

    Map<String, Object> any(int depth) {
        return switch (chance.below(depth > 0 ? 10 : 8)) {
            case 0 -> string();
            case 1 -> number();
            case 2 -> binary();
            case 3 -> Json.object("BOOL", chance.percent(50));
            case 4 -> Json.object("NULL", true);
            case 5 -> stringSet();
            case 6 -> numberSet();
            case 7 -> binarySet();
            case 8 -> map(depth);
            default -> list(depth);
        };
    }

    Map<String, Object> string() {
        return Json.object("S", chance.of(STRINGS));
    }

    Map<String, Object> number() {
        return Json.object("N", chance.of(NUMBERS));
    }

    Map<String, Object> binary() {
        return Json.object("B", chance.of(BINARIES));
    }

    private Map<String, Object> stringSet() {
        return Json.object("SS", several(STRINGS.subList(1, 8)));
    }

    private Map<String, Object> numberSet() {
        return Json.object("NS", several(NUMBERS.subList(0, 9)));
    }

    private Map<String, Object> binarySet() {
        return Json.object("BS", several(BINARIES.subList(1, 7)));
    }

    private List<Object> several(List<String> choices) {
        int wanted = chance.between(1, 3);
        Set<Object> chosen = new LinkedHashSet<>();
        while (chosen.size() < wanted) {
            chosen.add(chance.of(choices));
        }
        return new ArrayList<>(chosen);
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> entries = new LinkedHashMap<>();
        int count = chance.between(0, 4);
        for (int i = 0; i < count; i++) {
            String name = chance.of("a", "c", "n", "s", "m", "l", "Name", "x.y");
            entries.put(name, chance.percent(50) && depth > 1 ? usualNested(name, depth - 1) : any(depth - 1));
        }
        return Json.object("M", entries);
    }

    private Map<String, Object> usualNested(String name, int depth) {
        return switch (name) {
            case "m" -> map(depth);
            case "l" -> list(depth);
            case "n" -> number();
            default -> string();
        };
    }

    private Map<String, Object> list(int depth) {
        List<Object> elements = new ArrayList<>();
        int count = chance.between(0, 4);
        for (int i = 0; i < count; i++) {
            elements.add(any(depth - 1));
        }
        return Json.object("L", elements);
    }

    /** A value that the service refuses. */
    Map<String, Object> bad() {
        return switch (chance.below(18)) {
            case 0 -> Json.object("N", chance.of(BAD_NUMBERS));
            case 1 -> Json.object("B", chance.of(BAD_BINARIES));
            case 2 -> Json.object("SS", List.of());
            case 3 -> Json.object("NS", List.of());
            case 4 -> Json.object("BS", List.of());
            case 5 -> Json.object("SS", List.of("a", "a"));
            case 6 -> Json.object("NS", List.of("1", "1.0"));
            case 7 -> Json.object("BS", List.of("AQ==", "AQ=="));
            case 8 -> Json.object("NULL", false);
            case 9 -> Json.object();
            case 10 -> Json.object("S", "a", "N", "1");
            case 11 -> Json.object("X", "a");
            case 12 -> Json.object("NS", List.of("1", chance.of(BAD_NUMBERS)));
            case 13 -> Json.object("BS", List.of("AQ==", chance.of(BAD_BINARIES)));
            case 14 -> Json.object("SS", List.of("a", ""));
            case 15 -> Json.object("BS", List.of("AQ==", ""));
            case 16 -> deep(chance.between(30, 36));
            default -> Json.object("N", chance.of(BAD_NUMBERS));
        };
    }

    /** A value nested so deep. */
    private Map<String, Object> deep(int levels) {
        Map<String, Object> value = Json.object("S", "deep");
        for (int i = 0; i < levels; i++) {
            value = chance.percent(50) ? Json.object("L", List.of(value)) : Json.object("M", Json.object("a", value));
        }
        return value;
    }
}
