package dev.henge.chaos.checker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the operations on a key are linearizable: whether each can be given one moment between its call and
 * its return such that an item which carries them out one at a time, in that order, answers as it did.
 *
 * <p>A depth-first search over configurations (the set of operations placed so far, the item's state), each visited
 * once: Wing and Gong, 1993, with Lowe's memoisation ("Testing for linearizability", 2016). What keeps it fast:
 *
 * <ul>
 *   <li>The set of placed operations is a frontier (all calls before it are placed) and the few beyond, so that a
 *       configuration costs as much memory as there is concurrency, not as the history is long.
 *   <li>Operations of unknown outcome stand apart: they need not be placed, so they are tried last, and never when
 *       placing one changes nothing, when an equal one called earlier is still free, or when the operation placed
 *       right after it comes out the same without it. In each case another configuration, reached too, allows all
 *       that the skipped one allows.
 * </ul>
 *
 * <p>The search is exponential at worst; past {@code configurationsMax} it gives up and says so.
 */
public final class LinearizabilityChecker {

    private static final int CONFIGURATIONS_MAX = 4_000_000;
    private static final int SHOWN_BEFORE = 6;
    private static final int SHOWN_CANDIDATES = 12;

    /** The verdict on one key. */
    public sealed interface Verdict {

        /**
         * It can be explained.
         *
         * @param order the operations in an order that explains all outcomes; some of unknown outcome may be missing
         */
        record Linearizable(List<Operation> order) implements Verdict {}

        /**
         * It can't be explained.
         *
         * @param blamed the operation that has to come next at the latest, and can't, where the search came furthest
         * @param explanation for a person: what stands before it, and why nothing fits
         */
        record Violation(Operation blamed, String explanation) implements Verdict {}

        /** The search was given up. */
        record Undecided(int configurations) implements Verdict {}
    }

    private final int configurationsMax;

    public LinearizabilityChecker() {
        this(CONFIGURATIONS_MAX);
    }

    /** @param configurationsMax how many configurations to visit for one key before giving up */
    public LinearizabilityChecker(int configurationsMax) {
        this.configurationsMax = configurationsMax;
    }

    /** Violations and undecided keys of a history, as text for a person; empty when every key is linearizable. */
    public List<String> complaints(Map<String, List<Operation>> operationsByKey) {
        List<String> complaints = new ArrayList<>();
        operationsByKey.forEach((key, operations) -> {
            switch (check(operations)) {
                case Verdict.Linearizable _ -> {}
                case Verdict.Violation violation -> complaints.add(violation.explanation());
                case Verdict.Undecided(int configurations) ->
                    complaints.add("key " + key + ": undecided after " + configurations + " configurations of "
                            + operations.size() + " operations");
            }
        });
        return complaints;
    }

    /** Judges the operations of one key, in any order; the key holds nothing at first. */
    public Verdict check(List<Operation> operations) {
        return check(operations, Value.ABSENT);
    }

    /** Judges the operations of one key, in any order; the key holds {@code initial} at first. */
    public Verdict check(List<Operation> operations, Value initial) {
        return new Search(withoutUnseenAppends(operations), configurationsMax).run(initial);
    }

    /**
     * Leaves out appends of unknown outcome that nobody ever saw, where a key is only appended to and read: a list that is
     * shown later holds all that was appended before, so such an append came after everything that was shown, or never.
     * Without this, each of them doubles the configurations.
     */
    private static List<Operation> withoutUnseenAppends(List<Operation> operations) {
        Map<String, Integer> appended = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Operation operation : operations) {
            switch (operation.call()) {
                case Call.Append(String element) -> appended.merge(element, 1, Integer::sum);
                case Call.Get _ -> {}
                case Call.Put _, Call.Delete _, Call.CompareAndSet _, Call.Add _ -> {
                    return operations;
                }
            }
            switch (operation.outcome()) {
                case Outcome.Holds(Value.Elements list) -> seen.addAll(list.elements());
                case Outcome.Replaced(Value.Elements list) -> seen.addAll(list.elements());
                case Outcome.Holds _, Outcome.Replaced _, Outcome.Done _, Outcome.Unknown _ -> {}
                case Outcome.ConditionFailed _, Outcome.ConditionFailedOn _ -> {
                    return operations;
                }
            }
        }
        return operations.stream()
                .filter(operation -> !(operation.isUnknown()
                        && operation.call() instanceof Call.Append(String element)
                        && appended.getOrDefault(element, 0) == 1
                        && !seen.contains(element)))
                .toList();
    }

    /**
     * What has been placed, and what the item then holds.
     *
     * <p>{@code frontier} is the first known operation not placed; {@code beyond} the sorted indexes above it that
     * are; {@code unknowns} the sorted indexes of placed operations of unknown outcome. Equality is by these and the
     * state; the path here (parent, placed) is for explanations.
     */
    private static final class Configuration {
        final int frontier;
        final int[] beyond;
        final int[] unknowns;
        final Value state;
        final @Nullable Configuration parent;
        final @Nullable Operation placed;
        private final int hash;

        Configuration(
                int frontier,
                int[] beyond,
                int[] unknowns,
                Value state,
                @Nullable Configuration parent,
                @Nullable Operation placed) {
            this.frontier = frontier;
            this.beyond = beyond;
            this.unknowns = unknowns;
            this.state = state;
            this.parent = parent;
            this.placed = placed;
            this.hash = ((frontier * 31 + Arrays.hashCode(beyond)) * 31 + Arrays.hashCode(unknowns)) * 31
                    + state.hashCode();
        }

        int knownPlacedCount() {
            return frontier + beyond.length;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Configuration that
                    && hash == that.hash
                    && frontier == that.frontier
                    && Arrays.equals(beyond, that.beyond)
                    && Arrays.equals(unknowns, that.unknowns)
                    && state.equals(that.state);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private static final class Search {
        private final List<Operation> known = new ArrayList<>();
        private final List<Operation> unknown = new ArrayList<>();
        private final int configurationsMax;
        private final Set<Configuration> visited = new HashSet<>();
        private final Deque<Configuration> open = new ArrayDeque<>();

        Search(List<Operation> operations, int configurationsMax) {
            this.configurationsMax = configurationsMax;
            List<Operation> byCall = new ArrayList<>(operations);
            byCall.sort(Comparator.comparingLong(Operation::invokedNanos));
            for (Operation operation : byCall) {
                if (!operation.isUnknown()) {
                    known.add(operation);
                } else if (!operation.call().isRead()) {
                    unknown.add(operation);
                }
            }
        }

        Verdict run(Value initial) {
            Configuration furthest = new Configuration(0, new int[0], new int[0], initial, null, null);
            visit(furthest);
            while (!open.isEmpty()) {
                Configuration current = open.pop();
                if (current.frontier == known.size()) {
                    return new Verdict.Linearizable(path(current));
                }
                if (current.knownPlacedCount() > furthest.knownPlacedCount()) {
                    furthest = current;
                }
                if (visited.size() > configurationsMax) {
                    return new Verdict.Undecided(visited.size());
                }
                // The stack turns the order around: what is pushed last is tried first.
                long lastMomentNanos = lastMomentNanos(current);
                placeUnknown(current, lastMomentNanos);
                placeKnown(current, lastMomentNanos);
            }
            return explain(furthest);
        }

        private void visit(Configuration configuration) {
            if (visited.add(configuration)) {
                open.push(configuration);
            }
        }

        /** The earliest return among operations not placed: whatever is placed next was called no later. */
        private long lastMomentNanos(Configuration configuration) {
            long lastMomentNanos = Operation.NEVER;
            for (int index = configuration.frontier; index < known.size(); index++) {
                Operation operation = known.get(index);
                if (operation.invokedNanos() > lastMomentNanos) {
                    break;
                }
                if (Arrays.binarySearch(configuration.beyond, index) < 0) {
                    lastMomentNanos = Math.min(lastMomentNanos, operation.returnedNanos());
                }
            }
            return lastMomentNanos;
        }

        /** Indexes of the known operations that real time allows next. */
        private List<Integer> candidates(Configuration configuration, long lastMomentNanos) {
            List<Integer> candidates = new ArrayList<>();
            for (int index = configuration.frontier; index < known.size(); index++) {
                if (known.get(index).invokedNanos() > lastMomentNanos) {
                    break;
                }
                if (Arrays.binarySearch(configuration.beyond, index) < 0) {
                    candidates.add(index);
                }
            }
            return candidates;
        }

        private void placeKnown(Configuration current, long lastMomentNanos) {
            List<Integer> candidates = candidates(current, lastMomentNanos);
            // What returned first is most likely to have come first.
            candidates.sort(
                    Comparator.comparingLong((Integer index) -> known.get(index).returnedNanos())
                            .reversed());
            for (int index : candidates) {
                Operation operation = known.get(index);
                Value next = SequentialItem.after(current.state, operation.call(), operation.outcome());
                if (next == null || isSameWithoutUnknownBefore(current, operation, next)) {
                    continue;
                }
                int frontier = current.frontier;
                int[] beyond = current.beyond;
                if (index == frontier) {
                    int closed = 0;
                    frontier++;
                    while (closed < beyond.length && beyond[closed] == frontier) {
                        closed++;
                        frontier++;
                    }
                    beyond = Arrays.copyOfRange(beyond, closed, beyond.length);
                } else {
                    beyond = with(beyond, index);
                }
                visit(new Configuration(frontier, beyond, current.unknowns, next, current, operation));
            }
        }

        private void placeUnknown(Configuration current, long lastMomentNanos) {
            Set<Call> tried = new HashSet<>();
            for (int index = 0; index < unknown.size(); index++) {
                Operation operation = unknown.get(index);
                if (operation.invokedNanos() > lastMomentNanos) {
                    return;
                }
                if (Arrays.binarySearch(current.unknowns, index) >= 0 || !tried.add(operation.call())) {
                    continue;
                }
                Value next = SequentialItem.after(current.state, operation.call(), operation.outcome());
                if (next == null
                        || next.equals(current.state)
                        || isSameWithoutUnknownBefore(current, operation, next)) {
                    continue;
                }
                visit(new Configuration(
                        current.frontier, current.beyond, with(current.unknowns, index), next, current, operation));
            }
        }

        private boolean isSameWithoutUnknownBefore(Configuration current, Operation operation, Value next) {
            if (current.placed == null || current.parent == null || !current.placed.isUnknown()) {
                return false;
            }
            return next.equals(SequentialItem.after(current.parent.state, operation.call(), operation.outcome()));
        }

        private static int[] with(int[] sorted, int index) {
            int place = -Arrays.binarySearch(sorted, index) - 1;
            int[] longer = new int[sorted.length + 1];
            System.arraycopy(sorted, 0, longer, 0, place);
            longer[place] = index;
            System.arraycopy(sorted, place, longer, place + 1, sorted.length - place);
            return longer;
        }

        private static List<Operation> path(Configuration configuration) {
            List<Operation> path = new ArrayList<>();
            for (Configuration at = configuration; at != null; at = at.parent) {
                if (at.placed != null) {
                    path.add(at.placed);
                }
            }
            Collections.reverse(path);
            return path;
        }

        private Verdict explain(Configuration furthest) {
            long lastMomentNanos = lastMomentNanos(furthest);
            List<Operation> candidates = candidates(furthest, lastMomentNanos).stream()
                    .map(known::get)
                    .toList();
            Operation blamed = candidates.stream()
                    .min(Comparator.comparingLong(Operation::returnedNanos))
                    .orElseThrow();
            List<Operation> path = path(furthest);
            StringBuilder text = new StringBuilder();
            text.append("key ").append(blamed.key()).append(" is not linearizable: of ");
            text.append(known.size()).append(" operations, ");
            text.append(furthest.knownPlacedCount()).append(" can be placed.\n  placed last:\n");
            int skipped = Math.max(0, path.size() - SHOWN_BEFORE);
            path.stream()
                    .skip(skipped)
                    .forEach(operation -> text.append("    ").append(operation).append('\n'));
            text.append("  the key then holds ").append(furthest.state).append('\n');
            text.append("  must come next at the latest:\n    ").append(blamed).append('\n');
            text.append("  could come before it, but does not help:\n");
            candidates.stream()
                    .filter(operation -> !operation.equals(blamed))
                    .limit(SHOWN_CANDIDATES)
                    .forEach(operation -> text.append("    ").append(operation).append('\n'));
            for (int index = 0, shown = 0; index < unknown.size() && shown < SHOWN_CANDIDATES; index++) {
                Operation operation = unknown.get(index);
                boolean free = Arrays.binarySearch(furthest.unknowns, index) < 0;
                if (free && operation.invokedNanos() <= lastMomentNanos) {
                    text.append("    ").append(operation).append('\n');
                    shown++;
                }
            }
            return new Verdict.Violation(blamed, text.toString());
        }
    }
}
