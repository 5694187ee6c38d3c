package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.EventualReadsChecker;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.RangePage;
import dev.henge.chaos.checker.Value;
import dev.henge.proto.RangeRead;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What all clients of a run saw. */
final class Observations {

    private final Scheduler scheduler;
    private final History history;
    private final List<EventualReadsChecker.Read> eventualReads = new ArrayList<>();

    Observations(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.history = new History(scheduler::nowNanos);
    }

    History history() {
        return history;
    }

    List<EventualReadsChecker.Read> eventualReads() {
        return eventualReads;
    }

    void sawEventually(int client, Requests.Key key, Value value, long invokedNanos) {
        eventualReads.add(new EventualReadsChecker.Read(client, key.name(), value, invokedNanos, scheduler.nowNanos()));
    }

    /** A page of the part of a range from {@code start} to {@code end}, which may be empty for the range's ends. */
    void sawPage(
            int client,
            Workload.Wish.ReadRange wish,
            ByteString start,
            ByteString end,
            RangeRead read,
            long invokedNanos) {
        List<Requests.Key> asked = wish.keys().stream()
                .filter(key -> Requests.isBetween(key.itemKey(), start, end))
                .toList();
        Map<String, Requests.Key> byText =
                wish.keys().stream().collect(Collectors.toMap(Requests.Key::text, Function.identity()));
        SequencedMap<String, Value> shown = new LinkedHashMap<>();
        Requests.items(read).forEach((text, value) -> {
            Requests.Key key = byText.get(text);
            if (key == null) {
                throw new SimulationFailure("a page of " + wish + " shows " + text);
            }
            shown.put(key.name(), value);
        });
        Optional<String> lastKey = wish.keys().stream()
                .filter(key -> key.itemKey().equals(read.getLastKey()))
                .map(Requests.Key::name)
                .findFirst();
        if (lastKey.isEmpty() && !read.getLastKey().isEmpty()) {
            throw new SimulationFailure("a page of " + wish + " ends at a key that nobody wrote");
        }
        RangePage page = new RangePage(asked.stream().map(Requests.Key::name).toList(), wish.limit(), shown, lastKey);
        String complaint = page.complaint();
        if (complaint != null) {
            throw new SimulationFailure(complaint);
        }
        if (wish.consistent()) {
            history.pageReturned(client, page, invokedNanos);
            return;
        }
        shown.forEach((name, value) -> eventualReads.add(
                new EventualReadsChecker.Read(client, name, value, invokedNanos, scheduler.nowNanos())));
    }
}
