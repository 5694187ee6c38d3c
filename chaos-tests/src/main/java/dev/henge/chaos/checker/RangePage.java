package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What one page of a range read showed. A page is read at one moment, so it says of each key that it covers what the key
 * held then, and of those it does not show that they held nothing: as many reads of single keys at that moment, by which
 * {@link LinearizabilityChecker} judges it. Then each item seen was current at some time of the call, no item that was
 * there all the time is missing, and none appears that was not there.
 *
 * @param keys all keys anybody may have written in the range asked for, in the order in which it is read
 * @param limit most items to show; 0 means no limit
 * @param shown the items, in the order they were shown
 * @param lastKey where the page ended before its range did
 */
public record RangePage(List<String> keys, int limit, SequencedMap<String, Value> shown, Optional<String> lastKey) {

    /** What is wrong with the page by itself, as text; null when nothing is. */
    public @Nullable String complaint() {
        if (limit > 0 && shown.size() > limit) {
            return "a page of at most " + limit + " items has " + shown.size();
        }
        int place = -1;
        for (String key : shown.keySet()) {
            int found = keys.indexOf(key);
            if (found < 0) {
                return "a page over " + keys + " shows " + key + ", which is not in its range";
            }
            if (found <= place) {
                return "a page over " + keys + " shows " + shown.keySet() + ": not in order";
            }
            place = found;
        }
        if (lastKey.isPresent()
                && (shown.isEmpty() || !lastKey.get().equals(shown.lastEntry().getKey()))) {
            return "a page that shows " + shown.keySet() + " says it ends at " + lastKey.get();
        }
        return null;
    }

    /** The page as reads of the keys it covers. */
    List<Operation> reads(int client, long invokedNanos, long returnedNanos) {
        int covered = lastKey.map(last -> keys.indexOf(last) + 1).orElse(keys.size());
        List<Operation> reads = new ArrayList<>(covered);
        for (String key : keys.subList(0, covered)) {
            Outcome outcome = new Outcome.Holds(((Map<String, Value>) shown).getOrDefault(key, Value.ABSENT));
            reads.add(new Operation(client, key, new Call.Get(), outcome, invokedNanos, returnedNanos));
        }
        return reads;
    }
}
