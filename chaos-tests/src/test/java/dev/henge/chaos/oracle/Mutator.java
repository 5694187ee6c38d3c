package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes invalid requests of valid ones: changes one place, of the tree for the most part, else of the text. */
final class Mutator {

    private final Chance chance;
    private final Values values;

    Mutator(Chance chance, Values values) {
        this.chance = chance;
        this.values = values;
    }

    /** A place in a tree: a member of an object (by name) or an element of a list (by number). */
    private record Place(Object parent, Object at, int depth) {

        Object value() {
            return at instanceof String name
                    ? Json.asObject(parent).getOrDefault(name, Json.Null.NULL)
                    : Json.asList(parent).get((Integer) at);
        }

        void set(Object value) {
            if (at instanceof String name) {
                Json.asObject(parent).put(name, value);
            } else {
                Json.asList(parent).set((Integer) at, value);
            }
        }

        void remove() {
            if (at instanceof String name) {
                Json.asObject(parent).remove(name);
            } else {
                Json.asList(parent).remove((int) (Integer) at);
            }
        }

        String name() {
            return at instanceof String name ? name : "[]";
        }
    }

    Request spoil(Request request) {
        if (chance.percent(4)) {
            return new Request(request.operation(), spoilText(request.body()), "text spoiled");
        }
        Map<String, Object> tree = Json.asObject(Json.copy(Json.parse(request.body())));
        String how = spoilTree(tree);
        if (chance.percent(12)) {
            tree = Json.asObject(Json.copy(tree));
            how = how + ", " + spoilTree(tree);
        }
        return new Request(request.operation(), Json.write(tree), how);
    }

    private String spoilTree(Map<String, Object> tree) {
        List<Place> places = new ArrayList<>();
        collect(tree, 0, places);
        if (places.isEmpty()) {
            tree.put("Unknown", "member");
            return "unknown member";
        }
        List<Place> top = places.stream().filter(place -> place.depth() == 0).toList();
        Place place = chance.percent(40) ? chance.of(top) : chance.of(places);
        return switch (chance.below(9)) {
            case 0, 1 -> {
                place.remove();
                yield "without " + place.name();
            }
            case 2 -> {
                place.set(Json.Null.NULL);
                yield "null " + place.name();
            }
            case 3, 4 -> {
                place.set(ofAnotherType(place.value()));
                yield "another type of " + place.name();
            }
            case 5 -> {
                place.set(empty(place.value()));
                yield "empty " + place.name();
            }
            case 6 -> {
                place.set(extreme(place.value()));
                yield "extreme " + place.name();
            }
            case 7 -> {
                if (place.parent() instanceof Map<?, ?>) {
                    Json.asObject(place.parent()).put("Unknown", chance.of("member", Json.number(1), Json.Null.NULL));
                    yield "unknown member";
                }
                Json.asList(place.parent()).add(Json.copy(place.value()));
                yield "an element twice";
            }
            default -> {
                place.set(isAttributeValue(place.value()) ? values.bad() : extreme(place.value()));
                yield "bad value of " + place.name();
            }
        };
    }

    private static boolean isAttributeValue(Object value) {
        return value instanceof Map<?, ?> map
                && map.size() == 1
                && List.of("S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL")
                        .contains(map.keySet().iterator().next());
    }

    private static void collect(Object value, int depth, List<Place> places) {
        if (value instanceof Map<?, ?>) {
            Json.asObject(value).forEach((name, member) -> {
                places.add(new Place(value, name, depth));
                collect(member, depth + 1, places);
            });
        } else if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                places.add(new Place(value, i, depth));
                collect(list.get(i), depth + 1, places);
            }
        }
    }

    private Object ofAnotherType(Object value) {
        List<Object> choices = new ArrayList<>(List.of(
                "text", Json.number(7), new BigDecimal("1.5"), true, Json.object(), new ArrayList<>(), "1", "true"));
        choices.removeIf(choice -> choice.getClass() == value.getClass());
        return chance.of(choices);
    }

    private static Object empty(Object value) {
        return switch (value) {
            case String _ -> "";
            case List<?> _ -> new ArrayList<>();
            case Map<?, ?> _ -> Json.object();
            case BigDecimal _ -> Json.number(0);
            default -> Json.Null.NULL;
        };
    }

    private Object extreme(Object value) {
        return switch (value) {
            case String text ->
                switch (chance.below(8)) {
                    case 0 -> "x".repeat(chance.of(256, 1025, 2049, 4097));
                    case 1 -> text + " ";
                    case 2 -> text.toLowerCase(java.util.Locale.ROOT);
                    case 3 -> "ü" + text;
                    case 4 -> text + text;
                    case 5 -> "ab";
                    case 6 -> "No-Such-Thing";
                    default -> "#$%";
                };
            case BigDecimal _ ->
                chance.of(
                        Json.number(-1),
                        Json.number(0),
                        Json.number(Integer.MAX_VALUE),
                        Json.number(Integer.MAX_VALUE + 1L),
                        new BigDecimal("1e30"),
                        new BigDecimal("2.5"));
            case List<?> list -> {
                List<Object> longer = new ArrayList<>(Json.asList(list));
                int count = chance.of(1, 30, 101);
                for (int i = 0; i < count && !list.isEmpty(); i++) {
                    longer.add(Json.copy(list.getFirst()));
                }
                yield longer;
            }
            case Map<?, ?> map -> {
                Map<String, Object> more = Json.asObject(Json.copy(map));
                more.put(
                        chance.of("x", "", "x".repeat(300), "S", "N", ":v9", "#n9"),
                        chance.of(values.string(), "text"));
                yield more;
            }
            default -> "text";
        };
    }

    private String spoilText(String body) {
        int at = chance.below(body.length());
        return switch (chance.below(6)) {
            case 0 -> body.substring(0, at);
            case 1 ->
                body.substring(0, at)
                        + chance.of("{", "}", "\"", ",", ":", "[", "]", "\\", "\t", "x")
                        + body.substring(at);
            case 2 -> body.substring(0, at) + body.substring(at + 1);
            case 3 -> body + chance.of("}", " ", "{}", "x", "\n", ",");
            case 4 -> chance.of("", "null", "[]", "\"text\"", "1", "true", "{", " ");
            default -> {
                int brace = body.indexOf('{', at);
                yield brace < 0
                        ? "[" + body + "]"
                        : body.substring(0, brace + 1) + "\"twice\":1," + body.substring(brace + 1);
            }
        };
    }
}
