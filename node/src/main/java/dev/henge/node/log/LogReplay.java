package dev.henge.node.log;

import dev.henge.node.log.RecordFormat.LogState;
import dev.henge.node.log.RecordFormat.PartitionState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds every partition's state from the records, and works out whom the damaged places between them harmed.
 *
 * <p>The proof. Each record of a partition names the position of the partition's record before it, and each segment begins
 * with a statement that names the last one of every partition. So behind a damaged place the next record or statement
 * of a partition shows whether the place held any of its records. A partition of which nothing follows is not proven, and
 * neither is one that was never heard of: its first vote may have stood there.
 */
final class LogReplay {

    private final IntFunction<PartitionLog> newPartition;
    private final Map<Integer, RecoveringPartition> partitions = new TreeMap<>();
    private final List<LogDamage> places = new ArrayList<>();

    /** How many damaged places stood before the last statement of all partitions. */
    private int placesAtState;

    private @Nullable LogDamage damageOfOthers;
    private boolean stated;

    LogReplay(IntFunction<PartitionLog> newPartition) {
        this.newPartition = newPartition;
    }

    /** What stood here is lost: some number of records of any partition. */
    void damaged(LogDamage place) {
        places.add(place);
    }

    /** Takes in the record that the reader is on. */
    void replay(RecordReader reader, LogDamage place, long position) {
        ByteBuffer body = reader.body();
        RecordKind kind = reader.kind();
        switch (kind) {
            case SEGMENT, STATE -> {
                body.getInt();
                state(RecordFormat.getState(body), place);
            }
            case SYNCED -> {}
            case DROP -> partitions.remove(reader.partition());
            case ENTRIES, HARD_STATE, RESET, COMPACT, DAMAGED, ANEW -> {
                RecoveringPartition partition = partition(reader.partition());
                long link = body.getLong();
                if (kind != RecordKind.ANEW && kind != RecordKind.DAMAGED) {
                    follow(partition, link, place);
                }
                partition.log.link = position;
                partition.provenAfter = places.size();
                partition.replay(kind, body, position, place);
            }
        }
    }

    private void follow(RecoveringPartition partition, long link, LogDamage place) {
        if (partition.log.link == link) {
            return;
        }
        if (partition.provenAfter < places.size()) {
            partition.lostRecords(places.get(partition.provenAfter));
            return;
        }
        partition.inconsistent(place.because("the record before this one of partition " + partition.log.partition
                + " is missing, though nothing is damaged"));
    }

    private void state(LogState state, LogDamage place) {
        boolean first = !stated && places.isEmpty();
        Set<Integer> listed = new HashSet<>();
        for (PartitionState stated : state.partitions()) {
            listed.add(stated.partition());
            RecoveringPartition partition = partition(stated.partition());
            if (!first) {
                follow(partition, stated.link(), place);
            }
            partition.state(stated, first, place);
            partition.provenAfter = places.size();
        }
        for (RecoveringPartition partition : List.copyOf(partitions.values())) {
            if (listed.contains(partition.log.partition)) {
                continue;
            }
            if (partition.provenAfter < places.size()) {
                partitions.remove(partition.log.partition); // the record that dropped it is lost
            } else {
                partition.inconsistent(place.because(
                        "partition " + partition.log.partition + " is not known here, but has records before"));
            }
        }
        damageOfOthers = state.damageOfOthers();
        placesAtState = places.size();
        stated = true;
    }

    private RecoveringPartition partition(int partition) {
        return partitions.computeIfAbsent(
                partition, id -> new RecoveringPartition(newPartition.apply(id), placesAtState));
    }

    /**
     * Decides what became of each partition; those that are damaged are empty and marked in the result.
     *
     * @param begin where the log begins
     */
    SortedMap<Integer, PartitionLog> finish(LogDamage begin, AppliedStates applied) {
        SortedMap<Integer, PartitionLog> logs = new TreeMap<>();
        partitions.forEach((id, partition) -> {
            LogDamage unproven = partition.provenAfter < places.size() ? places.get(partition.provenAfter) : null;
            partition.decide(unproven, begin, applied.of(id));
            logs.put(id, partition.log);
        });
        return logs;
    }

    /** Why partitions that the log does not know count as damaged, null when they do not. */
    @Nullable
    LogDamage damageOfOthers() {
        return placesAtState < places.size() ? places.get(placesAtState) : damageOfOthers;
    }

    /** All places at which something was lost. */
    List<LogDamage> places() {
        return List.copyOf(places);
    }
}
