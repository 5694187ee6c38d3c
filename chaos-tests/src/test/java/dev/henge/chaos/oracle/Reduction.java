package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a request that shows a difference smaller, one member or element at a time. */
final class Reduction {

    private static final int TRIES_MAX = 120;

    private Reduction() {}

    /** @param again what comes of a smaller request; null when it no longer shows the difference */
    static Exchange of(Exchange exchange, Function<Request, @Nullable Exchange> again) {
        Exchange smallest = exchange;
        int tries = 0;
        boolean smaller = true;
        while (smaller && tries < TRIES_MAX) {
            smaller = false;
            for (Object candidate : withoutOne(smallest.parameters())) {
                if (tries++ >= TRIES_MAX) {
                    break;
                }
                Request request = new Request(
                        exchange.request().operation(),
                        Json.write(candidate),
                        exchange.request().origin());
                Exchange still = again.apply(request);
                if (still != null) {
                    smallest = still;
                    smaller = true;
                    break;
                }
            }
        }
        return smallest;
    }

    /** Each tree that this one becomes when one place of it goes, the highest first. */
    static List<Object> withoutOne(Object tree) {
        List<Object> candidates = new ArrayList<>();
        switch (tree) {
            case Map<?, ?> map -> {
                for (String name : Json.asObject(map).keySet()) {
                    Map<String, Object> rest = Json.asObject(Json.copy(tree));
                    rest.remove(name);
                    candidates.add(rest);
                }
                Json.asObject(map).forEach((name, member) -> {
                    for (Object smaller : withoutOne(member)) {
                        Map<String, Object> changed = Json.asObject(Json.copy(tree));
                        changed.put(name, smaller);
                        candidates.add(changed);
                    }
                });
            }
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    List<Object> rest = Json.asList(Json.copy(tree));
                    rest.remove(i);
                    candidates.add(rest);
                }
                for (int i = 0; i < list.size(); i++) {
                    for (Object smaller : withoutOne(Json.asList(list).get(i))) {
                        List<Object> changed = Json.asList(Json.copy(tree));
                        changed.set(i, smaller);
                        candidates.add(changed);
                    }
                }
            }
            default -> {}
        }
        return candidates;
    }
}
