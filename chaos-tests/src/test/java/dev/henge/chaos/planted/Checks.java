package dev.henge.chaos.planted;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells from a failure's message which check it came from. */
final class Checks {

    private static final int MESSAGE_CHARS_MAX = 100;
    private static final Pattern OWN_CHECK =
            Pattern.compile("node \\w+: (?:it failed|its log broke|it gave up): (.*)", Pattern.DOTALL);

    private static final Map<String, String> BY_TEXT = new LinkedHashMap<>();

    static {
        BY_TEXT.put("is not linearizable", "linearizability");
        BY_TEXT.put("was acknowledged and is lost", "acknowledged writes");
        BY_TEXT.put("acknowledged additions", "acknowledged writes");
        BY_TEXT.put("additions were acknowledged", "acknowledged writes");
        BY_TEXT.put("misses the element", "acknowledged writes");
        BY_TEXT.put("holds the element", "acknowledged writes");
        BY_TEXT.put("nobody wrote", "acknowledged writes");
        BY_TEXT.put("at index", "equal replicas");
        BY_TEXT.put("waited in vain", "serving again after healing");
        BY_TEXT.put("goes round in circles", "bounded work");
        BY_TEXT.put("two leaders in term", "one leader per term");
        BY_TEXT.put("votes twice in term", "one vote per term");
        BY_TEXT.put("which is durable on", "committed is durable on a majority");
        BY_TEXT.put("commits by counting up to", "commitment by counting in its own term alone");
        BY_TEXT.put("which is not durable", "synced is durable");
        BY_TEXT.put("and its log ends at", "acknowledged is kept");
        BY_TEXT.put("a scrub found a difference", "a scrub finds equal replicas");
        BY_TEXT.put("two leases", "one lease at a time");
        BY_TEXT.put("without the entry of term", "leader completeness");
        BY_TEXT.put("committed an entry of term", "same entries committed");
        BY_TEXT.put("was committed by anyone", "no log ahead of what was committed");
        BY_TEXT.put("can't recover its log", "recovery of the log");
        BY_TEXT.put("its log is damaged", "no damage of the log without a fault of the disk");
        BY_TEXT.put("items of the deleted table", "deleted tables stay deleted");
        BY_TEXT.put("goes back to an older placement", "placements only get newer");
        BY_TEXT.put("went back from the catalog", "catalogs only get newer");
        BY_TEXT.put("is not the cluster's", "catalogs of this cluster alone");
        BY_TEXT.put("two catalogs of epoch", "one catalog per epoch");
        BY_TEXT.put("was created after", "table ids are never used again");
        BY_TEXT.put("shows as ACTIVE and", "an index is whole when it becomes active");
        BY_TEXT.put("a task was begun", "rules of tasks");
        BY_TEXT.put("a task leaves too few", "rules of tasks");
        BY_TEXT.put("a task that", "rules of tasks");
        BY_TEXT.put("a page ", "pages of range reads");
        BY_TEXT.put("was done on an item", "answers fit the call");
        BY_TEXT.put("given back", "answers fit the call");
    }

    private Checks() {}

    static String nameOf(RuntimeException failure) {
        String message = String.valueOf(failure.getMessage());
        Matcher own = OWN_CHECK.matcher(message);
        if (own.matches()) {
            Throwable cause = failure.getCause();
            String what = own.group(1).equals("null") && cause != null
                    ? cause.getClass().getSimpleName()
                    : shortened(own.group(1));
            return "the product's own check: " + what;
        }
        List<String> names = BY_TEXT.entrySet().stream()
                .filter(check -> message.contains(check.getKey()))
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
        return names.isEmpty() ? shortened(message) : String.join(", ", names);
    }

    private static String shortened(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() > MESSAGE_CHARS_MAX ? line.substring(0, MESSAGE_CHARS_MAX) + "..." : line;
    }
}
