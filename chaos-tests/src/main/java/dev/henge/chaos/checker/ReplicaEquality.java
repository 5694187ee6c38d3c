package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Replicas of a partition that have applied the same log up to the same index hold the same bytes. */
public final class ReplicaEquality {

    private static final int BYTES_SHOWN = 48;

    /** One key and its value. */
    @SuppressWarnings("ArrayRecordComponent") // compared byte by byte, here
    public record Entry(byte[] key, byte[] value) {}

    /**
     * What a replica holds.
     *
     * @param name of the node
     * @param appliedIndex index of the last log entry in the contents
     * @param entries all it holds of the partition, in key order
     */
    public record Contents(String name, long appliedIndex, List<Entry> entries) {}

    private ReplicaEquality() {}

    /** The first difference of each replica from the first one, as text; empty when all are equal. */
    public static List<String> complaints(List<Contents> replicas) {
        List<String> complaints = new ArrayList<>();
        for (Contents other : replicas.subList(Math.min(1, replicas.size()), replicas.size())) {
            compare(replicas.getFirst(), other, complaints);
        }
        return complaints;
    }

    private static void compare(Contents one, Contents other, List<String> complaints) {
        if (one.appliedIndex() != other.appliedIndex()) {
            complaints.add(one.name() + " applied up to " + one.appliedIndex() + ", " + other.name() + " up to "
                    + other.appliedIndex());
            return;
        }
        String where = " at index " + one.appliedIndex();
        int shared = Math.min(one.entries().size(), other.entries().size());
        for (int place = 0; place < shared; place++) {
            Entry left = one.entries().get(place);
            Entry right = other.entries().get(place);
            int order = Arrays.compareUnsigned(left.key(), right.key());
            if (order != 0) {
                Entry extra = order < 0 ? left : right;
                complaints.add("only " + (order < 0 ? one : other).name() + " holds " + show(extra.key()) + where);
                return;
            }
            if (!Arrays.equals(left.value(), right.value())) {
                complaints.add(one.name() + " holds " + show(left.value()) + ", " + other.name() + " "
                        + show(right.value()) + " under " + show(left.key()) + where);
                return;
            }
        }
        if (one.entries().size() != other.entries().size()) {
            Contents longer = one.entries().size() > shared ? one : other;
            complaints.add("only " + longer.name() + " holds "
                    + show(longer.entries().get(shared).key()) + where);
        }
    }

    private static String show(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, BYTES_SHOWN));
        return bytes.length > BYTES_SHOWN ? hex + "..(" + bytes.length + " bytes)" : hex;
    }
}
